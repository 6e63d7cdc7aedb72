"""A guest of openNDS signs in at an identity provider; portal and provider are on the internet."""

import pytest
from playwright.sync_api import expect

from namespaces import CLOUD, CLOUD_NAME, PROVIDER_NAME, SITE, WEB
from opennds import KEY, OpenNDS
from portal import eventually
from served_here import PortalInCloud


@pytest.fixture(scope="module")
def portal(network, provider):
    with PortalInCloud(network, {"driver": "opennds", "faskey": KEY}, provider=provider) as portal:
        yield portal


@pytest.fixture(scope="module")
def opennds(network, portal, guest, other):
    with OpenNDS(network.gateway) as opennds:
        opennds.start(portal.site, portal=CLOUD_NAME, address=CLOUD, garden=[PROVIDER_NAME])
        yield opennds


def test_a_guest_signs_in_and_only_the_provider_is_open_before(portal, provider, opennds, guest, other, browser_on):
    page = browser_on(guest, ignore_https_errors=True)
    page.goto(f"http://{SITE}/")
    assert page.url.startswith(f"{portal.url}/preauth?token=")
    provider.opened(page)
    assert not provider.answers(guest, SITE) and not guest.pings(WEB) and not guest.reaches(f"http://{SITE}/")
    provider.sign_in(page)
    expect(page.locator("main")).to_contain_text("You’re online")
    assert page.url.startswith(f"{portal.url}/status?token=")
    user = portal.users()[0]
    assert user["status"] == "active" and user["mac"].lower() == guest.mac
    assert user["identity"]["provider"] == "google" and user["identity"]["subject"]
    page.get_by_role("link", name=f"Continue to {SITE}").click()
    expect(page.locator("body")).to_contain_text("the internet")
    assert provider.answers(guest, SITE)
    assert not other.pings(WEB) and not provider.answers(other, SITE)


def test_the_walled_garden_lists_the_names_that_opennds_must_open(portal, opennds, guest):
    assert guest.get(f"http://{SITE}/", "-L")[0] == 200, "the portal knows the gateway from its guests"
    state = eventually(lambda: (found := portal.walled_garden())["explanation"] and found, seconds=20)
    assert state["status"] == "failing" and f"walledgarden_fqdn_list: {PROVIDER_NAME}" in state["explanation"], state
    assert {rule["host"]: rule["held"] for rule in state["rules"]} == {CLOUD_NAME: None, PROVIDER_NAME: None}
