"""A router that does not open the sign-in window: the guest gets a page instead of a redirect that would not load."""

import pytest
import requests
from playwright.sync_api import expect

from glewlwyd import CLIENT, SECRET, Glewlwyd
from ports import free_port
from served import Served


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("away")
    router = {"driver": "routeros-rest", "url": f"http://127.0.0.1:{free_port()}", "username": "u", "password": "p"}
    with Glewlwyd(folder) as provider, Served(folder, PORTICO_OAUTH_GOOGLE_ISSUER=provider.issuer) as served:
        provider.set_up(f"{served.url}/oauth/google/callback")
        served.hotel(CLIENT, SECRET, router=router)
        yield served


def test_the_guest_gets_an_explanation(served, browser, shots):
    page = browser()
    page.goto(served.guest_url(21))
    page.get_by_role("button", name="Continue with Google").click()
    expect(page.get_by_text("The network equipment isn’t answering.")).to_be_visible()
    assert page.url.startswith(served.url), "the provider's page would never load"
    if shots:
        page.screenshot(path=shots / "signin-router-away.png", full_page=True)
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("button", name="Continue with Google")).to_be_visible()
    assert served.users() == []


def test_no_state_of_the_sign_in_remains(served):
    """The portal sends no state and no cookie before the window is open."""
    page = requests.get(served.guest_url(22), timeout=10).url
    answer = requests.post(page, allow_redirects=False, timeout=20)
    assert answer.status_code == 503 and "The network equipment isn’t answering." in answer.text
    assert "Location" not in answer.headers and "Set-Cookie" not in answer.headers
    assert "auth window not opened" in served.log.read_text() and "sign-in begun" not in served.log.read_text()
