"""A guest with a code, in a browser: from the first captured page to being online, and every way it can be refused."""

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from portal import eventually

WRONG = "That code isn’t right. Check it and try again."
USED = "This code is already in use on another device."
EXPIRED = "This code has expired. Please ask for a new one."
ELSEWHERE = "This code belongs to another network."


@pytest.fixture(params=[True, False], ids=["script on", "script off"])
def page(request, browser):
    return browser(javascript=request.param)


def enter(page, code):
    page.get_by_label("Access code").fill(code)
    page.get_by_role("button", name="Connect").click()


def online(page, guest, code):
    page.goto(guest.url)
    enter(page, code)
    expect(page.get_by_role("heading", name="You’re online")).to_be_visible()


def test_from_capture_to_online_by_way_of_a_wrong_code(page, demo):
    guest, code = demo.guest(), demo.new_code()
    page.goto(guest.url + "&orig=http://news.example/today")
    expect(page.get_by_role("heading", name="Connect to Wi-Fi")).to_be_visible()
    expect(page.get_by_text("Hotel Aurora", exact=True)).to_be_visible()

    enter(page, "AAAAAA")
    expect(page.get_by_role("alert")).to_have_text(WRONG)
    field = page.get_by_label("Access code")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert guest.mac not in demo.router_active()

    enter(page, f" {code[:3].lower()}-{code[3:].lower()} ")
    expect(page.get_by_role("heading", name="You’re online")).to_be_visible()
    assert page.url.startswith(f"{demo.portal_url}/status?token=")
    expect(page.locator(".time")).to_contain_text("left")
    expect(page.get_by_role("link", name="Continue to news.example")).to_have_attribute("href", "http://news.example/today")
    assert demo.router_active()[guest.mac]["address"] == guest.ip


def test_a_guest_online_is_the_only_one_the_router_lets_through(page, fresh_demo):
    guest = fresh_demo.guest()
    online(page, guest, fresh_demo.new_code())
    assert list(fresh_demo.router_active()) == [guest.mac]


def test_a_used_code_is_refused_on_another_device_in_its_own_words(page, demo):
    code, other = demo.new_code(), demo.guest()
    assert demo.guest().enter(code).status_code == 303
    page.goto(other.url)
    enter(page, code)
    expect(page.get_by_role("alert")).to_have_text(USED)
    assert other.mac not in demo.router_active()


def test_a_code_of_another_instance_is_refused_in_its_own_words(page, demo):
    body = {"name": "Conference", "strategy": "coupon", "session_ttl": 3600}
    instance = demo.api("POST", "/captive/instances", body).json()["id"]
    page.goto(demo.guest().url)
    enter(page, demo.new_coupons(1, instance=instance)[0]["code"])
    expect(page.get_by_role("alert")).to_have_text(ELSEWHERE)


def test_an_expired_code_is_refused_in_its_own_words(page, demo):
    code = demo.new_code()
    with closing(sqlite3.connect(demo.data / "portico.db", timeout=10)) as books, books:
        books.execute("UPDATE coupons SET expires_at = created_at + 1 WHERE code = ?", [code])
    page.goto(demo.guest().url)
    enter(page, code)
    expect(page.get_by_role("alert")).to_have_text(EXPIRED)


def test_the_same_device_may_enter_its_code_again(page, demo):
    guest, code = demo.guest(), demo.new_code()
    form = guest.page()
    assert guest.enter(code, form).status_code == 303
    page.goto(form)
    enter(page, code)
    expect(page.get_by_role("heading", name="You’re online")).to_be_visible()


def test_signing_out_takes_the_device_off_the_router(page, demo):
    guest = demo.guest()
    online(page, guest, demo.new_code())
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You’re signed out")).to_be_visible()
    assert eventually(lambda: guest.mac not in demo.router_active())


def test_a_guest_with_time_left_goes_straight_to_the_status_page(page, demo):
    guest = demo.guest()
    captured = guest.hotspot()
    online(page, guest, demo.new_code())
    page.goto(captured)
    expect(page.get_by_role("heading", name="You’re online")).to_be_visible()
    expect(page.get_by_label("Access code")).to_have_count(0)


def test_a_captured_guest_in_arabic_reads_right_to_left(browser, demo):
    page = browser(locale="ar")
    page.goto(demo.guest().url)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("html")).to_have_attribute("lang", "ar")
