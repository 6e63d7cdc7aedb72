"""A guest signs in at glewlwyd, reached through the way to Google: PKCE is enforced there, and it names itself (RFC 9207)."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from glewlwyd import CLIENT, SECRET, Glewlwyd
from served import Served


@pytest.fixture(scope="module")
def peers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("glewlwyd")
    with Glewlwyd(folder) as provider, Served(folder, provider.issuer) as served:
        provider.set_up(f"{served.url}/oauth/google/callback")
        served.hotel(CLIENT, SECRET)
        yield provider, served


def leave(served, number):
    """A guest who has tapped the button: its browser, and where it is sent."""
    browser = requests.Session()
    page = browser.get(served.guest_url(number), timeout=10)
    sent = browser.post(page.url, allow_redirects=False, timeout=10)
    assert sent.status_code == 303, sent.text
    return browser, sent.headers["Location"]


def test_a_guest_signs_in_at_a_provider_that_enforces_pkce(peers):
    provider, served = peers
    browser, address = leave(served, 3)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["nonce"]
    person = provider.session()
    back = person.get(address + "&g_continue", allow_redirects=False, timeout=10)
    assert back.headers["Location"].startswith(f"{served.url}/oauth/google/callback?"), back.headers["Location"]
    done = browser.get(back.headers["Location"], allow_redirects=False, timeout=20)
    assert done.status_code == 303 and "/status?token=" in done.headers["Location"], served.log.read_text()
    user = served.users()[0]
    assert user["identity"]["provider"] == "google" and user["identity"]["subject"]


def test_check_knows_a_good_client(peers):
    _, served = peers
    answer = served.run("check")
    assert "google answers and knows the client" in answer.stdout, answer
