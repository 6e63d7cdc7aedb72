"""The life of a session: renewed, moved to another MAC address, ended by the venue."""

import re

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from portal import WCAG, eventually
from test_guest_journey import BOTH, Phone


@pytest.fixture
def online(demo, browser, shots):
    """A phone that is online with a code, and its status page."""

    def make(javascript=False, **options) -> Phone:
        page = browser(javascript=javascript, **options)
        return Phone(page, demo.guest(), shots).join().enter(demo.new_code()).reads("You’re online")

    return make


def leave(demo, guest):
    """Removes the device from the router's hosts."""
    login = (demo.router_user, demo.router_password)
    for row in demo.router("ip/hotspot/host"):
        if row["mac-address"] == guest.mac:
            gone = requests.delete(f"{demo.router_url}/rest/ip/hotspot/host/{row['.id']}", auth=login, timeout=10)
            assert gone.status_code == 204


def seconds_left(row):
    parts = re.findall(r"(\d+)([wdhms])", row["session-time-left"])
    return sum(int(count) * {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}[unit] for count, unit in parts)


def session_of(demo, mac):
    users = demo.api("GET", f"/captive/sites/{demo.site_id}/users", params={"mac": mac}).json()
    return users[0]


@BOTH
def test_another_code_adds_its_time(demo, online, javascript):
    phone = online(javascript).shot("online-with-code")
    phone.page.get_by_role("link", name="Add time with another code").click()
    phone.enter(demo.new_code()).reads("You’re online").reads("1 day left").shot("renewed")
    row = demo.router_active()[phone.guest.mac]
    assert 86_300 < seconds_left(row) <= 86_400
    running = demo.api("GET", f"/captive/sites/{demo.site_id}/users", params={"mac": phone.guest.mac, "status": "active"})
    assert len(running.json()) == 1, "one device, one session"


def test_a_used_code_changes_nothing_of_a_running_session(demo, online):
    phone, other = online(), demo.guest()
    code = demo.new_code()
    assert other.enter(code).status_code == 303
    phone.page.get_by_role("link", name="Add time with another code").click()
    phone.enter(code).reads("already in use on another device")
    assert phone.guest.mac in demo.router_active()


@BOTH
def test_a_session_moves_to_a_changed_mac_address_by_the_cookie(demo, online, javascript):
    phone = online(javascript)
    cookie, = phone.page.context.cookies()
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax" and cookie["name"] == "portico-stay"
    old, phone.guest = phone.guest, demo.guest()
    leave(demo, old)
    phone.join().reads("Continue on this device?").shot("resume")
    phone.page.get_by_role("button", name="Continue here").click()
    phone.reads("You’re online").reads("hours left").shot("resumed")
    assert eventually(lambda: old.mac not in demo.router_active())
    assert demo.router_active()[phone.guest.mac]["address"] == phone.guest.ip
    assert session_of(demo, phone.guest.mac)["status"] == "active"


def test_a_session_moves_to_a_changed_mac_address_by_the_code_without_cookies(demo, online, browser):
    phone = online()
    code = phone.page.locator(".resume code").inner_text()
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", code)
    again = Phone(browser(javascript=False), demo.guest()).join().enter(code.lower()).reads("You’re online")
    assert eventually(lambda: phone.guest.mac not in demo.router_active())
    assert again.guest.mac in demo.router_active()
    assert again.page.locator(".resume code").inner_text() != code
    phone.page.reload()
    phone.reads("Your time goes on elsewhere").shot("moved")
    Phone(browser(javascript=False), demo.guest()).join().enter(code).reads("That code isn’t right")


def test_a_guest_disconnected_by_the_venue_sees_the_reason(demo, online, browser):
    phone = online(javascript=True, bypass_csp=True)
    user = session_of(demo, phone.guest.mac)
    assert demo.api("DELETE", f"/captive/sites/{demo.site_id}/users/{user['id']}").status_code == 204
    assert eventually(lambda: phone.guest.mac not in demo.router_active())
    phone.page.reload()
    phone.reads("You’ve been disconnected").shot("disconnected")
    assert Axe().run(phone.page, options=WCAG).violations_count == 0
    phone.page.get_by_role("link", name="Connect again").click()
    expect(phone.page.get_by_label("Access code")).to_be_visible()

    intercepted = phone.join().reads("You’ve been disconnected").shot("intercepted-after-disconnect")
    expect(intercepted.page.get_by_label("Access code")).to_be_visible()
    found = Axe().run(intercepted.page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("locale", ["en", "ar", "de"])
def test_axe_finds_no_violations_on_a_status_page(demo, online, locale, browser, shots):
    page = browser(locale=locale, bypass_csp=True)
    phone = Phone(page, demo.guest(), shots).join()
    page.locator("input[name=code]").fill(demo.new_code())
    page.locator("button[type=submit]").click()
    expect(page.locator(".resume code")).to_be_visible()
    phone.shot(f"stay-{locale}")
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()
