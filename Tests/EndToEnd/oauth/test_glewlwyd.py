"""A guest signs in at glewlwyd, which replaces Google: it enforces PKCE and names its issuer (RFC 9207)."""

from urllib.parse import parse_qs, urlsplit

import pytest

from glewlwyd import CLIENT, SECRET, Glewlwyd
from served import Served


@pytest.fixture(scope="module")
def peers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("glewlwyd")
    with Glewlwyd(folder) as provider, Served(
            folder, PORTICO_OAUTH_GOOGLE_ISSUER=provider.issuer) as served:
        provider.set_up(f"{served.url}/oauth/google/callback")
        served.hotel(CLIENT, SECRET)
        yield provider, served


def test_a_guest_signs_in_at_a_provider_that_enforces_pkce(peers):
    provider, served = peers
    browser, address = served.leave(3)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["nonce"]
    back = provider.sign_in(address)
    assert back.startswith(f"{served.url}/oauth/google/callback?"), back
    done = browser.get(back, allow_redirects=False, timeout=20)
    assert done.status_code == 303 and "/status?token=" in done.headers["Location"], served.log.read_text()
    user = served.users()[0]
    assert user["identity"]["provider"] == "google" and user["identity"]["subject"]


def test_check_accepts_a_valid_client(peers):
    _, served = peers
    answer = served.run("check")
    assert "google responds and accepts the client" in answer.stdout, answer
