"""A guest of a Linux gateway signs in at an identity provider, the only host that is open before."""

import pytest
from playwright.sync_api import expect

from namespaces import PORTAL, PROVIDER_NAME, SITE, WEB
from portal import eventually
from served_here import PortalOnGateway

pytestmark = pytest.mark.usefixtures("nobody_online")


@pytest.fixture(scope="module")
def portal(network, provider):
    with PortalOnGateway(network, {"driver": "nftables"}, provider) as portal:
        assert eventually(lambda: portal.health()["status"] == "ok"), portal.health()
        yield portal


def windows(portal):
    """The devices with an open sign-in window in the kernel."""
    return portal.node.run("nft", "list", "set", "inet", "portico_" + portal.site.replace("-", ""), "windows").stdout


def test_only_the_provider_is_open_before_sign_in(portal, provider, guest, captive):
    state = eventually(lambda: (found := portal.walled_garden())["in_sync"] and found, seconds=20)
    assert state and [rule["host"] for rule in state["rules"]] == [PORTAL, PROVIDER_NAME], portal.walled_garden()
    assert eventually(lambda: provider.answers(guest)), portal.node.log()
    assert not provider.answers(guest, SITE) and not guest.reaches(f"http://{SITE}/") and not guest.pings(WEB)
    assert captive(guest)["captive"] is True


def test_a_guest_signs_in_and_is_online(portal, provider, guest, other, browser_on, captive):
    page = browser_on(guest, ignore_https_errors=True)
    page.goto(f"http://{SITE}/")
    provider.opened(page)
    assert guest.mac in windows(portal) and other.mac not in windows(portal)
    assert not provider.answers(guest, SITE) and not guest.pings(WEB), "nothing else is open while it signs in"
    provider.sign_in(page)
    expect(page.locator("main")).to_contain_text("You’re online")
    assert page.url.startswith(f"{portal.url}/status?token=")
    answer = captive(guest)
    assert answer["captive"] is False and 1_100 < answer["seconds-remaining"] <= 1_200
    page.get_by_role("link", name=f"Continue to {SITE}").click()
    expect(page.locator("body")).to_contain_text("the internet")
    assert provider.answers(guest, SITE) and guest.pings(WEB)
    assert guest.mac not in windows(portal), "the sign-in window is closed again"
    user = portal.users()[0]
    assert user["status"] == "active" and user["identity"]["provider"] == "google" and user["identity"]["subject"]
    assert not other.pings(WEB) and captive(other)["captive"] is True


def test_an_unused_provider_is_closed_again(portal, provider, guest):
    """Runs last, because it changes the instance to coupons."""
    assert eventually(lambda: provider.answers(guest))
    portal.api("PUT", f"/captive/instances/{portal.instance}", {"strategy": "coupon"})
    assert eventually(lambda: not provider.answers(guest), seconds=20)
    assert portal.walled_garden()["in_sync"]
