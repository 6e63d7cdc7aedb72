"""The portal as the forwarding authentication service of a real openNDS: devices are intercepted, authorized, deauthorized."""

import json
import shutil

import pytest
from playwright.sync_api import expect

from namespaces import GATEWAY, WEB
from opennds import KEY, OpenNDS
from portal import eventually
from served_here import PortalOnGateway

pytestmark = pytest.mark.usefixtures("nobody_online")

@pytest.fixture(scope="module")
def opennds(network, guest, other):
    """openNDS starts only if a device is on its interface."""
    assert shutil.which("opennds") and shutil.which("xtables-legacy-multi", path="/usr/sbin"), "scripts/setup test installs them"
    with OpenNDS(network.gateway) as opennds:
        yield opennds


@pytest.fixture(scope="module")
def portal(network, opennds):
    with PortalOnGateway(network, {"driver": "opennds", "faskey": KEY}) as portal:
        opennds.start(portal.site)
        assert eventually(lambda: portal.health()["status"] == "ok"), portal.health()
        yield portal


def held(opennds, device):
    return json.loads(eventually(lambda: opennds.tell("json", device.mac).stdout))


def test_a_new_device_is_intercepted(guest, captive):
    status, answer = guest.get("http://some-site.test/", "-D", "-")
    assert status == 307 and "/hotspot/" in answer and "fas=" in answer
    assert not guest.pings(WEB)
    assert captive(guest)["captive"] is True


def test_a_guest_goes_online_in_a_browser(portal, opennds, guest, other, browser_on, captive):
    page = browser_on(guest)
    page.goto("http://some-site.test/")
    assert "/preauth?token=" in page.url
    page.get_by_label("Access code").fill(portal.code())
    page.get_by_role("button", name="Connect").click()
    expect(page.locator("main")).to_contain_text("You’re online")
    answer = captive(guest)
    assert answer["captive"] is False and 1_100 < answer["seconds-remaining"] <= 1_200
    row = held(opennds, guest)
    assert row["state"] == "Authenticated" and int(row["session_end"]) - int(row["session_start"]) == 1_200
    page.get_by_role("link", name="Continue to some-site.test").click()
    expect(page.locator("body")).to_contain_text("the internet")
    assert not other.pings(WEB) and captive(other)["captive"] is True


def test_an_admin_disconnects_a_guest_during_a_download(portal, guest, captive, online):
    online(guest, portal)
    download = guest.folder / "download"
    guest.start("curl", "-s", "-N", "--max-time", "60", "-o", download, f"http://{WEB}/slow")
    size = lambda: download.stat().st_size if download.exists() else 0
    assert eventually(lambda: size() > 0)
    assert eventually(lambda: portal.users()[0]["status"] == "active")
    portal.disconnect(guest)
    assert eventually(lambda: not guest.pings(WEB))
    assert captive(guest)["captive"] is True
    stands = lambda at: not eventually(lambda: size() > at, seconds=2)
    assert eventually(lambda: stands(size()), seconds=20), "an open connection must not go on"


def test_the_end_of_the_time_disconnects_a_guest(portal, guest, captive, online):
    online(guest, portal)
    assert guest.reaches("http://some-site.test/")
    assert eventually(lambda: portal.users()[0]["status"] == "active")
    portal.shorten(guest, 1)
    assert eventually(lambda: not guest.reaches("http://some-site.test/"))
    assert captive(guest)["captive"] is True
    assert portal.users()[0]["status"] == "expired"


def test_a_restart_of_the_portal_changes_nothing_for_its_guests(portal, guest, other, online):
    online(guest, portal)
    portal.stop()
    assert guest.reaches("http://some-site.test/") and not other.pings(WEB)
    portal.start()
    assert guest.reaches("http://some-site.test/") and not other.pings(WEB)


def test_sessions_are_restored_after_a_restart_of_opennds(portal, opennds, guest, other, online):
    online(guest, portal)
    opennds.stop()
    assert eventually(lambda: portal.health()["reason"] == "router_unreachable", seconds=30), portal.health()
    opennds.start(portal.site)
    assert eventually(lambda: guest.pings(WEB) and held(opennds, guest), seconds=30)
    assert guest.reaches("http://some-site.test/")
    assert eventually(lambda: not other.pings(WEB), seconds=30)


def test_devices_authorized_by_another_program_are_not_changed(portal, opennds, guest, other, online):
    other.get("http://some-site.test/")
    assert eventually(lambda: opennds.tell("auth", other.mac, "60").returncode == 0), "one ndsctl at a time"
    online(guest, portal)
    assert eventually(lambda: portal.users()[0]["status"] == "active")
    portal.disconnect(guest)
    assert eventually(lambda: not guest.pings(WEB))
    assert other.pings(WEB)
    assert eventually(lambda: opennds.tell("deauth", other.mac).returncode == 0), "one ndsctl at a time"


def test_a_forged_device_is_refused_and_keeps_its_code(portal, guest, other):
    forged = f"http://{GATEWAY}:8080/hotspot/{portal.site}?mac={other.mac}&ip={guest.ip}"
    status, page = guest.get(forged, "-L", "-o", guest.folder / "page", "-w", "%{url_effective}\n%{http_code}",
                             "-H", "Host: portal.guest.test:8080")
    assert status == 200
    guest.get(page.strip(), "--data-urlencode", f"code={portal.code()}")
    assert eventually(lambda: portal.users()[0]["reason"] == "device_mismatch")
    assert not guest.pings(WEB) and not other.pings(WEB)


@pytest.mark.parametrize("settings, advice", [({"level": 0}, "fas_secure_enabled"), ({"unseen": 0}, "allow_preemptive_authentication")])
def test_missing_set_up_is_named(portal, opennds, settings, advice):
    opennds.stop()
    opennds.start(portal.site, **settings)
    try:
        health = lambda: portal.health()
        assert eventually(lambda: health()["reason"] == "router_misconfigured", seconds=30), health()
        assert advice in json.dumps(health())
        said = portal.command("check", check=False)
        assert said.returncode == 1 and advice in said.stderr
    finally:
        opennds.stop()
        opennds.start(portal.site)
        assert eventually(lambda: portal.health()["status"] == "ok", seconds=30)
