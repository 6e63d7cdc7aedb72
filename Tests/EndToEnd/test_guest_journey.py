"""A guest's journey in a real browser: from the router's redirect to being online, and signing out."""

import pytest
import requests
from playwright.sync_api import expect

from portal import eventually

BOTH = pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])


class Phone:
    """A guest's phone with one page."""

    def __init__(self, page, guest, shots=None):
        self.page, self.guest, self.shots = page, guest, shots

    def join(self):
        """Joins the network and follows the redirect to the portal."""
        answer = self.page.goto(self.guest.url)
        assert answer.status == 200
        return self

    def enter(self, code):
        self.page.get_by_label("Access code").fill(code)
        self.page.get_by_role("button", name="Connect").click()
        return self

    def reads(self, text):
        expect(self.page.locator("main")).to_contain_text(text)
        return self

    def shot(self, name):
        if self.shots:
            self.page.screenshot(path=self.shots / f"{name}.png", full_page=True)
        return self


@pytest.fixture
def phone(demo, browser, shots):
    def make(javascript=False, guest=None, **options) -> Phone:
        return Phone(browser(javascript=javascript, **options), guest or demo.guest(), shots)

    return make


@pytest.fixture(scope="module", autouse=True)
def ageing_code(demo):
    """A coupon with the shortest validity, a minute, which passes during the other tests of this file."""
    return demo.new_coupons(1, minutes=1)[0]["code"]


@BOTH
def test_from_the_router_to_being_online(demo, phone, javascript):
    guest = phone(javascript).join().shot("preauth")
    expect(guest.page.locator("header")).to_contain_text("Hotel Aurora")
    expect(guest.page.get_by_role("button", name="Connect")).to_have_css("background-color", "rgb(31, 111, 92)")

    guest.enter("234567").reads("That code isn’t right").shot("wrong-code")
    field = guest.page.get_by_label("Access code")
    field.focus()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")

    guest.enter(demo.new_code()).reads("You’re online").shot("online")
    assert "/status?token=" in guest.page.url
    guest.reads("12 hours left")
    rows = demo.router_active()
    assert guest.guest.mac in rows and rows[guest.guest.mac]["address"] == guest.guest.ip


@BOTH
def test_a_code_is_accepted_in_any_spelling(demo, phone, javascript):
    code = demo.new_code()
    phone(javascript).join().enter(f" {code[:3].lower()}-{code[3:]} ").reads("You’re online")


def test_the_router_authorizes_exactly_this_device(fresh_demo, browser):
    guest, other = fresh_demo.guest(), fresh_demo.guest()
    Phone(browser(javascript=False), other).join()
    Phone(browser(javascript=False), guest).join().enter(fresh_demo.new_code()).reads("You’re online")
    assert set(fresh_demo.router_active()) == {guest.mac}


def test_a_used_code_has_its_own_message(demo, phone):
    code = demo.new_code()
    phone().join().enter(code).reads("You’re online")
    other = phone().join().enter(code).reads("already in use on another device").shot("used-code")
    assert other.guest.mac not in demo.router_active()


def test_an_empty_field_asks_for_a_code(demo, phone):
    guest = phone().join()
    answer = guest.guest.enter("   ", guest.page.url)
    assert answer.status_code == 422 and "Please enter your code" in answer.text


def test_the_same_device_may_enter_its_code_again(demo, phone):
    code = demo.new_code()
    guest = phone().join()
    address = guest.page.url
    guest.enter(code).reads("You’re online")
    guest.page.goto(address)
    guest.enter(code).reads("You’re online")


@BOTH
def test_signing_out_deauthorizes_the_device_and_shows_how_to_return(demo, phone, javascript):
    guest = phone(javascript).join().enter(demo.new_code()).reads("You’re online")
    guest.page.get_by_role("link", name="Sign out").click()
    guest.reads("Sign out?").shot("sign-out")
    guest.page.get_by_role("link", name="Stay online").click()
    guest.reads("You’re online")
    guest.page.get_by_role("link", name="Sign out").click()
    guest.page.get_by_role("button", name="Sign out").click()
    guest.reads("You’re signed out").shot("signed-out")
    assert eventually(lambda: guest.guest.mac not in demo.router_active())
    guest.page.get_by_role("link", name="Connect again").click()
    expect(guest.page.get_by_label("Access code")).to_be_visible()


def test_a_guest_who_is_intercepted_again_enters_no_code(demo, phone):
    """After a restart of the router, the device is intercepted again and has time left."""
    guest = phone().join().enter(demo.new_code()).reads("You’re online")
    login = (demo.router_user, demo.router_password)
    row = demo.router_active()[guest.guest.mac]
    gone = requests.delete(f"{demo.router_url}/rest/ip/hotspot/active/{row['.id']}", auth=login, timeout=10)
    assert gone.status_code == 204
    guest.join().reads("You’re online")
    assert guest.guest.mac in demo.router_active()


@pytest.mark.parametrize("locale,words", [("de", "WLAN"), ("fr", "Wi-Fi"), ("ar", "")])
def test_guests_see_their_language(demo, browser, locale, words):
    page = browser(javascript=False, locale=locale)
    page.goto(demo.guest().url)
    document = page.locator("html")
    expect(document).to_have_attribute("lang", locale)
    expect(document).to_have_attribute("dir", "rtl" if locale == "ar" else "ltr")
    expect(page.locator("h1")).to_contain_text(words)
    assert page.locator("h1").inner_text() != "Connect to Wi-Fi"


def test_the_field_suits_a_phone(demo, phone):
    """No zoom on iOS (16 px), targets of at least 24 px (WCAG 2.5.8), nothing wider than the screen."""
    page = phone(javascript=True).join().page
    field = page.get_by_label("Access code")
    assert float(field.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) >= 16
    for target in (field, page.get_by_role("button", name="Connect")):
        assert target.bounding_box()["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_expired_code_has_its_own_message(demo, phone, ageing_code):
    guest = phone().join()
    valid = lambda: {coupon["code"] for coupon in demo.api("GET", demo.coupons_path(), params={"limit": 500}).json()}
    assert eventually(lambda: ageing_code not in valid(), seconds=75)
    guest.enter(ageing_code).reads("has expired").shot("expired-code")
    assert guest.guest.mac not in demo.router_active()
