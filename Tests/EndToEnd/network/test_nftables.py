"""A Linux machine as the gateway of a real guest network: devices are intercepted, authorized, deauthorized; other traffic is not affected."""

import re
import signal

import pytest
from playwright.sync_api import expect

from namespaces import GATEWAY, PARTNER, PARTNER_NAME, WEB, WEB6
from portal import eventually, program
from served_here import PortalOnGateway

pytestmark = pytest.mark.usefixtures("nobody_online")

@pytest.fixture(scope="module")
def portal(network):
    with PortalOnGateway(network, {"driver": "nftables"}) as portal:
        assert eventually(lambda: portal.health()["status"] == "ok"), portal.health()
        yield portal


def test_a_new_device_is_intercepted(guest, captive):
    status, body = guest.get("http://some-site.test/", "-D", "-")
    assert status == 302 and "/hotspot/" in body
    assert not guest.reaches("http://some-site.test/")
    assert guest.ip6() and not guest.pings(WEB) and not guest.pings(WEB6)
    answer = captive(guest)
    assert answer["captive"] is True and answer["user-portal-url"]


def test_https_and_other_traffic_is_rejected_at_once(guest):
    status, reason = guest.get("https://some-site.test/", "-4")
    assert status == 0 and "(7)" in reason, "refused, not waited for"
    status, reason = guest.get("http://some-site.test/", "-6")
    assert status == 0 and "(7)" in reason, "refused, not waited for"


def test_a_guest_goes_online_in_a_browser(portal, guest, other, browser_on, captive):
    page = browser_on(guest)
    page.goto("http://some-site.test/")
    assert "/preauth?token=" in page.url
    page.get_by_label("Access code").fill(portal.code())
    page.get_by_role("button", name="Connect").click()
    expect(page.locator("main")).to_contain_text("You’re online")
    answer = captive(guest)
    assert answer["captive"] is False and 1_100 < answer["seconds-remaining"] <= 1_200
    page.get_by_role("link", name="Continue to some-site.test").click()
    expect(page.locator("body")).to_contain_text("the internet")
    assert guest.ip6() and guest.pings(WEB) and guest.pings(WEB6), "IPv6 is open as well: the device is authorized, not one address"
    assert other.ip6() and not other.pings(WEB6) and not other.reaches("http://some-site.test/")
    assert captive(other)["captive"] is True


def test_a_connection_from_before_the_sign_in_is_ended(portal, guest, online):
    """Browsers open connections in advance and use them later."""
    early = guest.start("python3", "-c", EARLY, WEB, guest.folder / "early")
    said = lambda: (guest.folder / "early").read_text() if (guest.folder / "early").exists() else ""
    assert eventually(lambda: "connected" in said())
    online(guest, portal)
    early.send_signal(signal.SIGUSR1)
    assert eventually(lambda: "ended" in said()), said()


EARLY = """
import signal, socket, sys
say = open(sys.argv[2], "w", buffering=1)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
early = socket.create_connection((sys.argv[1], 80))
say.write("connected\\n")
signal.sigwait({signal.SIGUSR1})
try:
    early.sendall(b"GET / HTTP/1.1\\r\\nHost: some-site.test\\r\\n\\r\\n")
    answer = early.recv(1000)
    say.write("answered by the portal\\n" if answer else "ended\\n")
except ConnectionResetError:
    say.write("ended\\n")
"""


def test_an_admin_disconnects_a_guest_during_a_download(portal, guest, captive, online):
    online(guest, portal)
    assert guest.reaches("http://some-site.test/")
    download = guest.start("curl", "-s", "-N", "--max-time", "60", "-o", guest.folder / "download", "http://some-site.test/slow")
    size = lambda: (guest.folder / "download").stat().st_size if (guest.folder / "download").exists() else 0
    assert eventually(lambda: size() > 0)
    portal.disconnect(guest)
    assert eventually(lambda: not guest.pings(WEB))
    assert eventually(lambda: download.poll() is not None), "an open connection must not go on"
    assert not guest.reaches("http://some-site.test/")
    assert captive(guest)["captive"] is True


def test_the_end_of_the_time_disconnects_a_guest(portal, guest, captive, online):
    online(guest, portal)
    assert guest.reaches("http://some-site.test/")
    portal.shorten(guest, 1)
    assert eventually(lambda: not guest.reaches("http://some-site.test/"))
    assert captive(guest)["captive"] is True
    assert portal.users()[0]["status"] == "expired"


def test_the_kernel_ends_a_session_while_the_portal_is_down(network, portal, guest, other, online):
    online(guest, portal)
    portal.kill()
    try:
        assert guest.reaches("http://some-site.test/"), "a guest stays online without the portal"
        assert not other.pings(WEB), "other devices stay out"
        kernel = network.gateway.run("nft", "list", "ruleset").stdout
        table = re.search(r"table inet (portico_\w+)", kernel)[1]
        left = int(re.search(rf"{guest.mac} timeout 20m expires (\d+)m", kernel)[1])
        assert left == 19
        network.gateway.nft(f"delete element inet {table} guests {{ {guest.mac} }}\n"
                            f"add element inet {table} guests {{ {guest.mac} timeout 1s }}")
        assert eventually(lambda: not guest.pings(WEB))
    finally:
        portal.start()


def test_a_restart_of_the_portal_changes_nothing_for_its_guests(portal, guest, other, captive, online):
    online(guest, portal)
    portal.stop()
    assert guest.reaches("http://some-site.test/") and not other.pings(WEB)
    portal.start()
    assert guest.reaches("http://some-site.test/") and not other.pings(WEB)
    assert captive(guest)["captive"] is False and captive(other)["captive"] is True


def test_flushed_rules_are_restored_with_the_remaining_time(network, portal, guest, other, online):
    online(guest, portal)
    network.gateway.run("nft", "delete", "table", "inet", "portico_" + portal.site.replace("-", ""))
    assert eventually(lambda: not other.pings(WEB), seconds=30)
    assert eventually(lambda: guest.reaches("http://some-site.test/"), seconds=30)


def test_other_tables_are_not_changed(network, portal, guest, online):
    others = lambda: [network.gateway.run("nft", "list", "table", *name.split()).stdout for name in ("ip uplink", "inet mine")]
    network.gateway.nft('table inet mine { set s { type ether_addr; }; chain c { type filter hook forward priority 0; '
                        'ether saddr @s counter drop; }; }')
    before = others()
    online(guest, portal)
    portal.disconnect(guest)
    assert eventually(lambda: not guest.pings(WEB))
    assert [re.sub(r"packets \d+ bytes \d+", "", text) for text in others()] == \
        [re.sub(r"packets \d+ bytes \d+", "", text) for text in before]


def garden(portal, **entry):
    return portal.api("POST", f"/captive/walled-garden/{portal.site}", {"name": "Partner"} | entry)


@pytest.mark.parametrize("entry", [{"ip_address": PARTNER}, {"host": PARTNER_NAME}, {"host": "*.some-site.test"}],
                         ids=["an address", "a name", "all names below one"])
def test_the_walled_garden_opens_without_a_session_and_closes_again(portal, guest, entry):
    address = f"http://{PARTNER if 'ip_address' in entry else PARTNER_NAME}/"
    assert not guest.reaches(address)
    made = garden(portal, **entry)
    assert eventually(lambda: guest.reaches(address), seconds=20), portal.node.log()
    assert not guest.reaches("http://some-site.test/") and not guest.pings(WEB)
    portal.api("DELETE", f"/captive/walled-garden/{portal.site}/{made['id']}")
    assert eventually(lambda: not guest.reaches(address), seconds=20)


def test_a_portal_without_the_capability_reports_it(network, portal):
    without = network.gateway.run("setpriv", "--bounding-set=-net_admin", program(), "check", env=portal.environment, check=False)
    assert without.returncode == 1 and "CAP_NET_ADMIN" in without.stderr, without
    assert portal.command("check").returncode == 0


def test_a_forged_device_is_refused_and_keeps_its_code(portal, guest, other):
    forged = f"http://{GATEWAY}:8080/hotspot/{portal.site}?mac={other.mac}&ip={guest.ip}"
    code = portal.code()
    status, page = guest.get(forged, "-L", "-o", guest.folder / "page", "-w", "%{url_effective}\n%{http_code}",
                             "-H", "Host: portal.guest.test:8080")
    assert status == 200
    guest.get(page.strip(), "--data-urlencode", f"code={code}")
    assert eventually(lambda: portal.users()[0]["reason"] == "device_mismatch")
    assert not guest.pings(WEB) and not other.pings(WEB)


def test_a_site_without_the_driver_leaves_nothing_in_the_kernel(network, portal, other):
    """Runs last, because it removes the gateway."""
    portal.api("PUT", f"/captive/sites/{portal.site}", {"router": {"driver": "none"}})
    assert eventually(lambda: other.reaches("http://some-site.test/"))
    assert "portico_" not in network.gateway.run("nft", "list", "tables").stdout
    portal.api("PUT", f"/captive/sites/{portal.site}", {"router": {"driver": "nftables"}})
    assert eventually(lambda: not other.reaches("http://some-site.test/"), seconds=30)
