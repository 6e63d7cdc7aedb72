"""An admin tests an integration before any guest depends on it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from portal import WCAG

DESKTOP = {"width": 1280, "height": 900}
EDGES = ("top", "right", "bottom", "left")


def test_a_good_integration_is_reported_with_claims_and_checks(way, watched, shots):
    page = watched(viewport=DESKTOP)
    page.goto(way.test_url)
    expect(page.get_by_text(f"/oauth/{way.provider}/callback")).to_be_visible()
    if shots:
        page.screenshot(path=shots / f"authtest-{way.provider}-1.png", full_page=True)
    page.get_by_role("button", name="Sign in and test").click()
    page.get_by_role("button", name="Anna Lindqvist").click()
    expect(page.get_by_role("heading", name="Guests can sign in")).to_be_visible()
    expect(page.get_by_text("anna@aurora.example").first).to_be_visible()
    assert page.locator(".checks .failed").count() == 0
    assert "eyJ" not in page.content() and "sim_" not in page.content(), "no token is shown"
    if shots:
        page.screenshot(path=shots / f"authtest-{way.provider}-2.png", full_page=True)
        page.set_viewport_size({"width": 360, "height": 740})
        page.screenshot(path=shots / f"authtest-{way.provider}-phone.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture
def wrong_secret(demo, way):
    """A broken integration; deleted after the test, because other tests check the whole demo."""
    body = {"name": "Wrong secret", "type": way.provider,
            "config": {"client_id": "portico-demo", "client_secret": "not-the-secret"}}
    if way.provider == "azure":
        body["config"]["tenant"] = "common"
    made = demo.api("POST", "/captive/auth-integrations", body)
    assert made.status_code == 201, made.text
    yield made.json()
    assert demo.api("DELETE", "/captive/auth-integrations/" + made.json()["id"]).status_code == 204


def test_a_wrong_secret_is_explained(wrong_secret, way, watched, shots):
    page = watched()
    page.goto(wrong_secret["test_url"])
    expect(page.locator(".checks .failed")).to_contain_text("client")
    page.get_by_role("button", name="Sign in and test").click()
    page.get_by_role("button", name="Anna Lindqvist").click()
    expect(page.get_by_role("heading", name="Guests cannot sign in")).to_be_visible()
    expect(page.get_by_text("Create a new secret")).to_be_visible()
    assert "not-the-secret" not in page.content()
    if shots:
        page.screenshot(path=shots / f"authtest-{way.provider}-wrong.png", full_page=True)


def reported(page, url, heading):
    """The admin has run the test and reads its report."""
    page.goto(url)
    page.get_by_role("button", name="Sign in and test").click()
    page.get_by_role("button", name="Anna Lindqvist").click()
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violations_in_a_good_report(way, browser, scheme):
    page = browser(bypass_csp=True, color_scheme=scheme)
    page.goto(way.test_url)
    accept(page)
    accept(reported(page, way.test_url, "Guests can sign in"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violations_in_a_bad_report(wrong_secret, browser, scheme):
    accept(reported(browser(bypass_csp=True, color_scheme=scheme), wrong_secret["test_url"], "Guests cannot sign in"))


def accept(page):
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing overflows on a phone"


def print_out(page, shots, name):
    """Checks the page on A4 paper: within the width, on at most two sheets, without buttons and without pictures that need a
    printed background."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1047})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not any(one.is_visible() for one in page.locator("button, a.button, svg").all())
    paper = page.pdf(format="A4", margin=dict.fromkeys(EDGES, "1cm"))
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 2
    if shots:
        page.screenshot(path=shots / f"authtest-{name}-print.png", full_page=True)
        (shots / f"authtest-{name}.pdf").write_bytes(paper)


def test_a_good_report_prints_well(way, browser, shots):
    print_out(reported(browser(), way.test_url, "Guests can sign in"), shots, way.provider)


def test_a_bad_report_prints_well(wrong_secret, way, browser, shots):
    page = reported(browser(color_scheme="dark"), wrong_secret["test_url"], "Guests cannot sign in")
    print_out(page, shots, f"{way.provider}-wrong")


def test_a_changed_or_unknown_address_is_refused(way, watched):
    page = watched()
    assert page.goto(way.test_url[:-1] + ("0" if way.test_url[-1] != "0" else "1")).status == 403
    assert page.goto(way.test_url.split("?")[0]).status == 403
