"""Requirements for every guest page: small, without external resources, and accessible."""

import gzip
import re
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from portal import DESKTOP, PHONE, WCAG

PAGES = ["preauth", "wrong code", "used code", "too many tries", "online", "signed out", "preview", "broken link",
         "unknown network", "missing page"]
LIGHTEST = 14 * 1024


def raw(url, form=None, **headers):
    """Returns status, header fields and body as sent, without decoding and without following a redirect."""
    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    request = urllib.request.Request(url, data=form, headers=headers)
    try:
        answer = urllib.request.build_opener(NoRedirect).open(request, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read()


@pytest.fixture
def visit(demo):
    """The address of one of PAGES, and the form to post there if the page is a response to a code."""

    def way(name) -> tuple[str, bytes | None]:
        if name == "preview":
            return demo.preview_url, None
        if name == "broken link":
            return f"{demo.portal_url}/preauth?token=broken", None
        if name == "missing page":
            return f"{demo.portal_url}/nowhere", None
        if name == "unknown network":
            return f"{demo.portal_url}/hotspot/{demo.site_id}?mac=02:00:00:00:99:99&ip=192.0.2.1", None
        guest = demo.guest()
        page = guest.page()
        if name == "preauth":
            return page, None
        if name == "wrong code":
            return page, b"code=234567"
        if name == "used code":
            code = demo.new_code()
            assert demo.guest().enter(code).status_code == 303
            return page, f"code={code}".encode()
        if name == "too many tries":
            for _ in range(10):
                guest.enter("234567", page)
            return page, b"code=234567"
        status = guest.enter(demo.new_code(), page).headers["Location"]
        if name == "signed out":
            requests.post(status.replace("/status?", "/logout?"), timeout=10)
        return status, None

    return way


@pytest.mark.parametrize("name", PAGES)
def test_a_page_allows_no_external_resources(demo, visit, name):
    url, form = visit(name)
    _, fields, body = raw(url, form)
    policy = {part.split()[0]: part.split()[1:] for part in fields["Content-Security-Policy"].split(";") if part.strip()}
    assert policy["default-src"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"] and policy["frame-ancestors"] == ["'none'"]
    assert "script-src" not in policy or policy["script-src"] in (["'none'"], ["'self'"])
    assert "'self'" in policy["form-action"]
    assert not any("unsafe-eval" in source or source == "*" for sources in policy.values() for source in sources)
    assert fields["Referrer-Policy"] == "no-referrer"
    assert fields["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in fields["Cache-Control"]
    assert "Strict-Transport-Security" not in fields, "not over plain HTTP"

    text = body.decode()
    assert "<script" not in text and not re.search(r"\son\w+\s*=", text), "no script"
    # A link to the guest's destination does not count, only resources that the browser loads by itself.
    loads = re.findall(r"""(?:\bsrc|<link[^>]*\bhref)\s*=\s*["']([^"']+)""", text) + re.findall(r"url\(([^)]+)\)", text)
    origin = urlsplit(demo.portal_url).netloc
    assert all(urlsplit(load.strip("\"'")).netloc in ("", origin) for load in loads), loads


@pytest.mark.parametrize("name", PAGES)
def test_a_page_arrives_in_one_round_trip(visit, name):
    url, form = visit(name)
    _, fields, body = raw(url, form, **{"Accept-Encoding": "gzip"})
    # A page with data of one guest, or a small one, may be uncompressed; a page that every guest loads may not.
    if name in ("preauth", "wrong code", "used code", "preview"):
        assert fields["Content-Encoding"] == "gzip" and "accept-encoding" in fields["Vary"].lower()
    text = (gzip.decompress(body) if fields["Content-Encoding"] == "gzip" else body).decode()
    assert text.startswith("<!doctype html>")
    assert '<link rel="stylesheet"' not in text, "styles are part of the page"
    assert len(body) + len(str(fields)) <= LIGHTEST


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("locale,viewport", [("en", PHONE), ("ar", PHONE), ("en", DESKTOP), ("ar", DESKTOP)],
                         ids=["English phone", "Arabic phone", "English desktop", "Arabic desktop"])
def test_axe_finds_no_violations(visit, browser, name, locale, viewport):
    url, form = visit(name)
    page = browser(viewport=viewport, locale=locale, bypass_csp=True)
    page.goto(url)
    if form:
        page.locator("input[name=code]").fill(form.decode().removeprefix("code="))
        page.locator("button[type=submit]").click()
        expect(page.locator("[role=alert]")).to_be_visible()
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("javascript", [False, True])
def test_a_page_loads_nothing_from_other_hosts(demo, visit, browser, javascript):
    page = browser(javascript=javascript)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(visit("preauth")[0], wait_until="networkidle")
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {urlsplit(demo.portal_url).netloc}
    assert page.context.cookies() == []


def test_a_preview_is_labelled_and_cannot_be_submitted(demo, browser):
    page = browser(javascript=False)
    page.goto(demo.preview_url)
    expect(page.get_by_role("region", name="Preview")).to_be_visible()
    expect(page.get_by_label("Access code")).to_be_disabled()
    expect(page.get_by_role("button", name="Connect")).to_be_disabled()


def test_a_preview_redeems_nothing(demo):
    code = demo.new_code()
    answer = requests.post(demo.preview_url, {"code": code}, allow_redirects=False, timeout=10)
    assert answer.status_code in (200, 400, 403, 404, 405)
    assert code in {coupon["code"] for coupon in demo.api("GET", demo.coupons_path(), params={"limit": 500}).json()}


@pytest.mark.parametrize("accent,text", [("#ffff00", "#eeeeee"), ("#000000", "#000001"), ("#ff00ff", "#00ff00")])
def test_no_theme_makes_a_page_unreadable(demo, browser, accent, text):
    """Text that would fail contrast is corrected, and the admin gets a warning."""
    made = demo.api("POST", "/captive/instances", {"name": "Loud", "strategy": "coupon", "session_ttl": 1200}).json()
    theme = {"accent_color": accent, "accent_text": accent, "text_color": text, "background_color": "#ffffff", "box_color": "#f0f0f0"}
    changed = demo.api("PUT", f"/captive/instances/{made['id']}", {"theme": theme})
    assert changed.status_code == 202 and changed.json()["warnings"]
    page = browser(bypass_csp=True)
    page.goto(changed.json()["preview_url"])
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()
    # A disabled field, as in a preview, is exempt from contrast: so the declared colours are compared.
    assert page.locator("h1").evaluate(CONTRAST) >= 4.5


CONTRAST = """element => {
  const channels = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number)
  const linear = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  const luminance = text => { const [r, g, b] = channels(text).map(linear); return 0.2126 * r + 0.7152 * g + 0.0722 * b }
  let behind = element
  while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement
  const [a, b] = [luminance(getComputedStyle(element).color), luminance(getComputedStyle(behind).backgroundColor)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}"""
