"""Coupons of a schedule: in the API, on a sheet, on paper, and from a QR code into the form."""

import io
import re
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect
from pyzbar import pyzbar

from portal import DESKTOP, PHONE, ROOT, WCAG, eventually

# Points of 1/72 inch.
PAPER = {"A4": (595, 842), "Letter": (612, 792)}
CODE = re.compile(r"^[2-9A-HJKMNP-TV-Z]{6}$")


def schedule(demo, **changes) -> dict:
    body = {"name": "Front desk, every morning", "count": 12, "recurrence_type": "daily", "valid_for_in_minutes": 1440,
            "timezone": "Australia/Sydney"} | changes
    answer = demo.api("POST", f"/captive/instances/{demo.coupon_instance_id}/coupon-schedules", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def path(made) -> str:
    return f"/captive/instances/{made['instance_id']}/coupon-schedules/{made['id']}"


@pytest.fixture
def made(demo):
    """A schedule that has run, with its coupons."""
    made = schedule(demo)
    run = demo.api("POST", path(made) + "/run")
    assert run.status_code == 201 and len(run.json()) == 12
    made["coupons"] = {coupon["code"] for coupon in run.json()}
    yield made
    assert demo.api("DELETE", path(made)).status_code == 204


def signed(demo, made) -> str:
    return demo.api("GET", path(made) + "/generate_url").json()["signed_url"]


def qr_codes(image) -> set[str]:
    return {found.data.decode() for found in pyzbar.decode(image, [pyzbar.ZBarSymbol.QRCODE])}


def test_a_schedule_runs_at_its_time(demo):
    soon = datetime.now(UTC) + timedelta(minutes=1)
    made = schedule(demo, timezone="Etc/UTC", time_of_day=f"{soon:%H:%M}", count=3)
    assert made["next_run_at"] == f"{soon:%Y-%m-%dT%H:%M}:00Z"
    ran = eventually(lambda: (now := demo.api("GET", path(made)).json())["last_run_at"] and now, seconds=75)
    assert ran["tokens_generated_since_last_run"] == ran["tokens_available_since_last_run"] == 3
    assert ran["last_run_at"][:16] == made["next_run_at"][:16]
    assert ran["next_run_at"] == f"{soon + timedelta(days=1):%Y-%m-%dT%H:%M}:00Z"
    assert len(requests.get(signed(demo, made), timeout=10).json()) == 3


def test_programs_get_json_and_browsers_a_page(demo, made):
    url = signed(demo, made)
    listed = requests.get(url, timeout=10)
    assert {coupon["code"] for coupon in listed.json()} == made["coupons"]
    page = requests.get(url, headers={"Accept": "text/html,*/*;q=0.8"}, timeout=10)
    for answer in (listed, page):
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert "Accept" in answer.headers["Vary"]
    assert page.headers["Content-Type"].startswith("text/html")


def test_a_changed_address_is_refused_for_programs_and_browsers(demo, made, browser):
    url = signed(demo, made)[:-1] + "x"
    refused = requests.get(url, timeout=10)
    assert refused.status_code == 403 and refused.json()["code"] == "signature_invalid"
    page = browser()
    answer = page.goto(url)
    assert answer.status == 403
    expect(page.get_by_role("heading", name="This link isn’t complete")).to_be_visible()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_sheet_shows_every_coupon_on_a_screen(demo, made, browser, viewport, shots):
    page = browser(javascript=False, viewport=viewport)
    page.goto(signed(demo, made))
    if shots:
        page.screenshot(path=shots / f"sheet-{viewport['width']}.png", full_page=True)
    assert {code.inner_text() for code in page.locator(".code").all()} == made["coupons"]
    expect(page.locator("li").first).to_contain_text("Hotel Aurora")
    expect(page.locator("li").first).to_contain_text("Valid until")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], "nothing overflows"


def test_axe_finds_no_violations_on_a_sheet(demo, made, browser):
    page = browser(viewport=DESKTOP, bypass_csp=True)
    page.goto(signed(demo, made))
    found = Axe().run(page, options=WCAG)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("paper", PAPER)
def test_a_printed_page_has_ten_coupons_and_every_qr_code_can_be_scanned(demo, made, browser, paper, shots):
    page = browser(viewport=DESKTOP)
    page.goto(signed(demo, made))
    document = pypdfium2.PdfDocument(page.pdf(format=paper, prefer_css_page_size=False))
    pages = [sheet.render(scale=300 / 72).to_pil() for sheet in document]
    if shots:
        for number, image in enumerate(pages):
            image.resize((image.width // 2, image.height // 2)).save(shots / f"sheet-{paper}-{number}.png")
    assert document[0].get_size() == pytest.approx(PAPER[paper], abs=2)
    # Spaced letters may be extracted as words.
    texts = ["".join(sheet.get_textpage().get_text_bounded().split()) for sheet in document]
    counts = [sum(code in text for code in made["coupons"]) for text in texts]
    assert counts == [10, 2], texts
    # A phone tries many frames; the test tries two.
    closer = [sheet.render(scale=400 / 72).to_pil() for sheet in document]
    scanned = set().union(*map(qr_codes, pages + closer))
    assert scanned == {f"{demo.portal_url}/c/{code}" for code in made["coupons"]}


def test_a_dark_theme_prints_black_on_white(demo, browser, shots):
    theme = {"background_color": "#101418", "box_color": "#181d22", "text_color": "#f4f4f4", "accent_color": "#ffd54a",
             "secondary_text_color": "#b8c0c8", "border_color": "#303840", "accent_text": "#101418"}
    body = {"name": "Night Club", "strategy": "coupon", "session_ttl": 7200, "theme": theme, "locale": "de", "sites": []}
    instance = demo.api("POST", "/captive/instances", body).json()
    calendar = {"name": "Abends", "count": 4, "recurrence_type": "weekly", "day_of_week": 5, "valid_for_in_minutes": 600,
                "timezone": "Europe/Berlin"}
    made = demo.api("POST", f"/captive/instances/{instance['id']}/coupon-schedules", calendar).json()
    assert demo.api("POST", path(made) + "/run").status_code == 201
    page = browser(viewport=DESKTOP, locale="en")
    page.goto(signed(demo, made))
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("li").first).to_contain_text("Für ein Gerät: 2 Stunden online")
    expect(page.locator("li").first).to_contain_text("Gültig bis")
    if shots:
        page.screenshot(path=shots / "sheet-dark.png", full_page=True)
    for background in (False, True):
        sheet = pypdfium2.PdfDocument(page.pdf(format="A4", print_background=background))[0].render(scale=4).to_pil()
        if shots:
            sheet.save(shots / f"sheet-dark-paper-{background}.png")
        gray = sheet.convert("L")
        histogram = gray.histogram()
        assert histogram[255] > 0.8 * gray.width * gray.height, "paper stays white"
        assert len(qr_codes(sheet)) == 4
    assert demo.api("DELETE", f"/captive/instances/{instance['id']}").status_code == 204


def test_every_card_has_the_logo(demo, browser, shots):
    body = {"name": "Logo House", "strategy": "coupon", "session_ttl": 7200, "sites": []}
    instance = demo.api("POST", "/captive/instances", body).json()
    drawn = io.BytesIO()
    Image.new("RGB", (600, 200), (31, 111, 92)).save(drawn, "PNG")
    upload = demo.api("POST", f"/captive/instances/{instance['id']}/images/logo",
                      files={"file": ("logo.png", drawn.getvalue(), "image/png")})
    assert upload.status_code == 202, upload.text
    daily = {"name": "Daily", "count": 2, "recurrence_type": "daily", "valid_for_in_minutes": 60, "timezone": "Etc/UTC"}
    made = demo.api("POST", f"/captive/instances/{instance['id']}/coupon-schedules", daily).json()
    assert demo.api("POST", path(made) + "/run").status_code == 201
    page = browser(viewport={"width": 726, "height": 1000})
    page.goto(signed(demo, made))
    page.emulate_media(media="print")
    if shots:
        page.screenshot(path=shots / "card-logo.png", clip={"x": 0, "y": 0, "width": 726, "height": 200})
    logos = page.locator("li img[alt='Logo House']")
    expect(logos).to_have_count(2)
    assert all(logo.evaluate("image => image.naturalWidth") == 600 for logo in logos.all())
    assert demo.api("DELETE", f"/captive/instances/{instance['id']}").status_code == 204


@pytest.mark.parametrize("locale", sorted(path.stem for path in (ROOT / "Templates" / "locales").glob("*.json")))
def test_the_longest_words_of_a_language_fit_on_a_card(demo, browser, locale, shots):
    body = {"name": "Grand Hotel Aurora am Großen Plöner See, Seminar and Conference Centre", "strategy": "coupon",
            "session_ttl": 6 * 86400 + 23 * 3600, "locale": locale, "sites": []}
    instance = demo.api("POST", "/captive/instances", body).json()
    weekly = {"name": "Weekly", "count": 3, "recurrence_type": "weekly", "day_of_week": 0, "valid_for_in_minutes": 90000,
              "timezone": "America/Argentina/ComodRivadavia"}
    made = demo.api("POST", f"/captive/instances/{instance['id']}/coupon-schedules", weekly).json()
    assert demo.api("POST", path(made) + "/run").status_code == 201
    # The width of A4 between its margins, at 96 pixels an inch.
    page = browser(viewport={"width": 726, "height": 1000})
    page.goto(signed(demo, made))
    page.emulate_media(media="print")
    if shots:
        page.screenshot(path=shots / f"card-{locale}.png", clip={"x": 0, "y": 0, "width": 726, "height": 420})
    card = page.locator("li").first
    box = card.bounding_box()
    for part in card.locator("p, svg").all():
        inner = part.bounding_box()
        assert inner["y"] + inner["height"] <= box["y"] + box["height"] and inner["x"] >= box["x"], part.inner_text()
        assert inner["x"] + inner["width"] <= box["x"] + box["width"], part.inner_text()
    how, say = card.locator(".how").bounding_box(), card.locator(".say").bounding_box()
    assert say["y"] + say["height"] <= how["y"] + 1, "nothing is printed over another"
    assert demo.api("DELETE", f"/captive/instances/{instance['id']}").status_code == 204


def test_a_scanned_code_leads_through_the_router_to_the_filled_form(demo, made, browser, shots):
    page = browser(javascript=False)
    page.goto(signed(demo, made))
    card = Image.open(io.BytesIO(page.locator("li").first.screenshot(scale="css")))
    [link] = qr_codes(card.resize((card.width * 3, card.height * 3)))
    code = link.rsplit("/", 1)[1]
    assert CODE.match(code)

    # Outside the guest network: the page has instructions and the code.
    page.goto(link)
    expect(page.locator("main")).to_contain_text(code)
    expect(page.locator("main")).to_contain_text("Join the venue’s Wi-Fi first")
    if shots:
        page.screenshot(path=shots / "join.png", full_page=True)
    link = page.get_by_role("link", name="Continue with this code").get_attribute("href")
    assert link == f"http://192.0.2.1/c/{code}"

    # On the guest network, the router intercepts that address and passes it to the portal.
    guest = demo.guest()
    page.goto(guest.url + f"&orig={link}")
    field = page.get_by_label("Access code")
    expect(field).to_have_value(code)
    if shots:
        page.screenshot(path=shots / "filled.png", full_page=True)
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("heading", name="You’re online")).to_be_visible()
    assert "192.0.2.1" not in page.content()

    # Another guest does not see the code.
    page.goto(demo.guest().url)
    expect(page.get_by_label("Access code")).to_have_value("")
    assert code not in demo.log() and all(code not in demo.log() for code in made["coupons"])


def test_an_intercepted_request_with_a_code_keeps_it(demo, made):
    code = next(iter(made["coupons"]))
    answer = requests.get(f"{demo.portal_url}/c/{code}", headers={"Host": "192.0.2.1"}, allow_redirects=False, timeout=10)
    assert answer.status_code == 302 and answer.headers["Location"] == f"{demo.portal_url}/c/{code}"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("typed", ["abc", "AAAAAA1", "%3Cscript%3E", "0OIL11"])
def test_a_link_with_an_invalid_code_is_refused(demo, typed):
    answer = requests.get(f"{demo.portal_url}/c/{typed}", timeout=10)
    assert answer.status_code == 400 and "script>" not in answer.text


def test_a_portal_without_time_zones_says_what_to_install(portico, tmp_path):
    (tmp_path / "empty").mkdir()
    key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    assert portico("database", "migrate", PORTICO_SECRET_KEYS=key).returncode == 0
    checked = portico("check", PORTICO_SECRET_KEYS=key, TZDIR=str(tmp_path / "empty"))
    assert checked.returncode == 1
    assert "install the package tzdata" in checked.stderr
