"""Shared fixtures of the guest network tests: the network, devices in it, and a browser on a device."""

import json
import shutil
import stat

import pytest
from playwright.sync_api import sync_playwright

from identity_provider import IdentityProvider
from namespaces import PORTAL, WEB, GuestNetwork, missing_programs, obstacle
from portal import BROWSERS, eventually
from served_here import PortalInCloud, PortalOnGateway


@pytest.fixture(scope="session")
def possible():
    """Skips if namespaces cannot be created; a missing program is an error of the set-up."""
    assert not (missing := missing_programs()), f"scripts/setup test installs {', '.join(missing)}"
    if reason := obstacle():
        pytest.skip(reason)


@pytest.fixture(scope="module")
def network(possible, tmp_path_factory):
    with GuestNetwork(tmp_path_factory.mktemp("network")) as network:
        yield network


@pytest.fixture(scope="module")
def guest(network):
    return network.device("guest", "02:00:00:00:00:0a")


@pytest.fixture(scope="module")
def other(network):
    return network.device("other", "02:00:00:00:00:0b")


@pytest.fixture(scope="module")
def provider(network):
    """A provider with the redirect addresses of both portals."""
    with IdentityProvider(network, PortalOnGateway.URL, PortalInCloud.URL) as provider:
        yield provider


@pytest.fixture
def nobody_online(portal, guest, other):
    """Afterwards."""
    yield
    for user in portal.users():
        if user["status"] in ("active", "connecting"):
            portal.api("DELETE", f"/captive/sites/{portal.site}/users/{user['id']}")
    for device in (guest, other):
        assert eventually(lambda: not device.pings(WEB))


@pytest.fixture
def online():
    """Enters a code as the page's form does, without a browser, and follows to the status page; then the device is online."""
    def enter(device, portal, code=None):
        status, page = device.get("http://some-site.test/", "-L", "-o", device.folder / "page", "-w", "%{url_effective}\n%{http_code}")
        assert status == 200 and "/preauth?token=" in page, (status, page)
        answer = device.get(page.strip(), "-L", "--data-urlencode", f"code={code or portal.code()}", "--post303")
        # The response does not wait for a busy router.
        assert eventually(lambda: any(user["mac"].lower() == device.mac and user["status"] == "active" for user in portal.users()))
        return answer
    return enter


@pytest.fixture
def browser_on(tmp_path):
    """Opens a page in a browser that runs on a device of the guest network, which has all its addresses by then (see
    `GuestDevice`). Browsers outside cannot see into a namespace."""
    with sync_playwright() as playwright:
        browsers = []

        def page(device, **options):
            path = next(found for name in BROWSERS if (found := shutil.which(name)))
            start = tmp_path / f"browser-on-{device.name}"
            start.write_text(f'#!/bin/sh\nexec ip netns exec {device.name} {path} "$@"\n')
            start.chmod(start.stat().st_mode | stat.S_IXUSR)
            browsers.append(playwright.chromium.launch(executable_path=start, args=["--no-sandbox"]))
            page = browsers[-1].new_page(**options)
            page.set_default_timeout(30_000)
            return page

        yield page
        for browser in browsers:
            browser.close()


@pytest.fixture
def captive():
    """The portal's response to the device (RFC 8908), at the address from DHCP (RFC 8910)."""
    def ask(device):
        address = bytes.fromhex(device.lease["opt114"]).decode()
        assert address == f"http://{PORTAL}:8080/captive-portal/api"
        status, body = device.get(address)
        assert status == 200, body
        return json.loads(body)
    return ask
