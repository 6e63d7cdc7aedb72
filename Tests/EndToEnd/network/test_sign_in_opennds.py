"""A guest of openNDS on the portal's machine signs in at an identity provider, which openNDS opens by its own settings: only the
provider is open before. Without these settings guests are not redirected to a page that does not open."""

import shutil

import pytest
from playwright.sync_api import expect

from namespaces import PARTNER_NAME, PORTAL, PROVIDER_NAME, SITE, WEB
from opennds import KEY, OpenNDS
from portal import eventually
from served_here import PortalOnGateway

pytestmark = pytest.mark.usefixtures("nobody_online")


@pytest.fixture(scope="module")
def opennds(network, guest, other):
    assert shutil.which("ipset", path="/usr/sbin"), "scripts/setup test installs it"
    with OpenNDS(network.gateway) as opennds:
        yield opennds


@pytest.fixture(scope="module")
def portal(network, opennds, provider):
    with PortalOnGateway(network, {"driver": "opennds", "faskey": KEY}, provider) as portal:
        yield portal


@pytest.fixture
def settings(opennds, portal):
    """Starts openNDS with these settings."""
    def start(**settings):
        opennds.stop()
        opennds.start(portal.site, **settings)
        assert eventually(lambda: portal.health()["status"] == "ok", seconds=20), portal.health()
    return start


def test_a_guest_signs_in_and_only_the_provider_is_open_before(portal, provider, settings, guest, other, browser_on, captive):
    settings(garden=[PROVIDER_NAME])
    state = eventually(lambda: (found := portal.walled_garden())["in_sync"] and found, seconds=20)
    assert state and [(rule["host"], rule["held"]) for rule in state["rules"]] == [(PORTAL, True), (PROVIDER_NAME, True)]
    page = browser_on(guest, ignore_https_errors=True)
    page.goto(f"http://{SITE}/")
    provider.opened(page)
    assert not provider.answers(guest, SITE) and not guest.pings(WEB) and not guest.reaches(f"http://{SITE}/")
    assert captive(guest)["captive"] is True
    provider.sign_in(page)
    expect(page.locator("main")).to_contain_text("You’re online")
    assert page.url.startswith(f"{portal.url}/status?token=")
    answer = captive(guest)
    assert answer["captive"] is False and 1_100 < answer["seconds-remaining"] <= 1_200
    page.get_by_role("link", name=f"Continue to {SITE}").click()
    expect(page.locator("body")).to_contain_text("the internet")
    assert provider.answers(guest, SITE)
    user = portal.users()[0]
    assert user["status"] == "active" and user["identity"]["provider"] == "google" and user["identity"]["subject"]
    assert not other.pings(WEB) and not provider.answers(other, SITE) and captive(other)["captive"] is True


@pytest.mark.parametrize("garden, advice", [
    ({}, f"walledgarden_fqdn_list ({PROVIDER_NAME})"),
    ({"garden": [PARTNER_NAME]}, f"walledgarden_fqdn_list ({PROVIDER_NAME})"),
    ({"garden": [PROVIDER_NAME], "garden_port": 8443}, "walledgarden_port_list (443)"),
], ids=["no garden", "another's garden", "another port"])
def test_guests_are_not_redirected_to_a_closed_provider(portal, provider, settings, guest, browser_on, garden, advice):
    settings(**garden)
    state = eventually(lambda: advice in ((found := portal.walled_garden())["explanation"] or "") and found, seconds=20)
    assert state and state["status"] == "out_of_sync" and state["reason"] == "router_misconfigured", portal.walled_garden()
    assert not provider.answers(guest)
    before = len(portal.users())
    page = browser_on(guest)
    page.goto(f"http://{SITE}/")
    page.get_by_role("button", name="Continue with Google").click()
    expect(page.get_by_role("heading", name="Sign-in isn’t available")).to_be_visible()
    expect(page.locator("main")).to_contain_text("The sign-in with Google isn’t set up correctly.")
    assert "walledgarden" not in page.content()
    assert len(portal.users()) == before and not guest.pings(WEB)
