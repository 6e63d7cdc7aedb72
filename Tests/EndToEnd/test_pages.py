"""Every guest page: its headers, its weight, what it loads, whether everyone can use it, and how it looks."""

import gzip
import re

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from conftest import DESKTOP, PHONE

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PAGES = ["sign-in", "wrong code", "online", "signed out", "error"]
HEAVIEST = 14 * 1024


def answer_of(demo, name, language="en"):
    """The page as bytes on the wire."""
    guest, headers = demo.guest(), {"Accept-Language": language}
    form = guest.page()
    if name == "sign-in":
        return requests.get(form, headers=headers, timeout=10)
    if name == "wrong code":
        return requests.post(form, {"code": "AAAAAA"}, headers=headers, timeout=10)
    if name == "error":
        return requests.get(f"{demo.portal_url}/preauth?token=nonsense", headers=headers, timeout=10)
    online = requests.post(form, {"code": demo.new_code()}, headers=headers, timeout=10)
    if name == "online":
        return online
    way_out = re.search(r'action="(/logout[^"]+)"', online.text)[1]
    return requests.post(demo.portal_url + way_out, headers=headers, timeout=10)


def visit(page, demo, name):
    """The page as a person comes to it."""
    if name == "error":
        return page.goto(f"{demo.portal_url}/preauth?token=nonsense")
    page.goto(demo.guest().page())
    if name == "sign-in":
        return
    page.locator("#code").fill("AAAAAA" if name == "wrong code" else demo.new_code())
    page.locator("main form button").click()
    page.locator("[role=alert]" if name == "wrong code" else ".time").wait_for()
    if name == "signed out":
        page.locator("main form button").click()
        page.locator(".time").wait_for(state="detached")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_carries_its_headers_and_nothing_from_elsewhere(demo, name):
    answer = answer_of(demo, name)
    assert answer.status_code == {"wrong code": 422, "error": 400}.get(name, 200)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    to, *providers = policy["form-action"].split()
    assert to == "'self'" and all(re.fullmatch(r"https?://[^/*]+", origin) for origin in providers)
    assert "unsafe" not in answer.headers["Content-Security-Policy"]

    assert "<script" not in answer.text.lower()
    assert re.findall(r"\son\w+=", answer.text) == []
    assert re.findall(r'(?:src|srcset|poster|action)="(?:https?:)?//', answer.text) == []
    links = re.findall(r'<link[^>]+href="([^"]+)"', answer.text)
    assert all(link.startswith("/") and not link.startswith("//") for link in links)
    assert "@import" not in answer.text and "url(" not in answer.text


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_first_round_trip(demo, name, language):
    answer = answer_of(demo, name, language)
    assert answer.headers["Content-Language"] == language
    sent = int(answer.headers["Content-Length"])
    assert min(sent, len(gzip.compress(answer.content))) <= HEAVIEST


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", PAGES)
def test_everyone_can_use_a_page(browser, demo, shots, name, language, viewport):
    page = browser(locale=language, viewport=viewport, bypass_csp=True, reduced_motion="reduce")
    visit(page, demo, name)
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    if shots:
        page.screenshot(path=shots / f"{name.replace(' ', '-')}-{language}-{viewport['width']}.png", full_page=True)
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()


def test_a_browser_obeys_the_policy_without_complaint(browser, demo):
    page, complaints, foreign = browser(), [], []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: foreign.append(request.url))
    visit(page, demo, "online")
    assert complaints == []
    assert [url for url in foreign if not url.startswith(demo.portal_url)] == []


def test_a_preview_is_marked_and_its_form_is_switched_off(browser, demo, shots):
    page = browser()
    page.goto(demo.preview_url)
    expect(page.get_by_text("Preview: guests see this page. The form is switched off.")).to_be_visible()
    expect(page.get_by_label("Access code")).to_be_disabled()
    expect(page.get_by_role("button", name="Connect")).to_be_disabled()
    if shots:
        page.screenshot(path=shots / "preview.png", full_page=True)


def test_a_preview_admits_nobody(demo):
    code = demo.new_code()
    answer = requests.post(demo.preview_url, {"code": code}, allow_redirects=False, timeout=10)
    assert 400 <= answer.status_code < 500
    assert code in {coupon["code"] for coupon in demo.api("GET", demo.coupons_path()).json()}
