"""A guest with a browser signs in at each provider, cancels, or encounters errors."""

import pytest
from playwright.sync_api import expect

IPHONE_SHEET = ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Mobile/15E148")
ANDROID_SHEET = ("Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
                 "Version/4.0 Chrome/126.0 Mobile Safari/537.36")
NAMES = {"azure": "Microsoft", "google": "Google", "github": "GitHub"}


def shoot(page, shots, name):
    if shots:
        page.screenshot(path=shots / f"signin-{name}.png", full_page=True)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_guest_signs_in_and_is_online(way, watched, shots, javascript):
    page = watched(javascript=javascript)
    page.goto(way.intercepted())
    shoot(page, shots, f"{way.provider}-1-page")
    page.get_by_role("button", name=f"Continue with {NAMES[way.provider]}").click()
    expect(page.get_by_role("heading", name="Choose an account")).to_be_visible()
    assert way.windows(), "the sign-in window is open while the guest signs in"
    shoot(page, shots, f"{way.provider}-2-provider")
    page.get_by_role("button", name="Anna Lindqvist").click()
    expect(page.get_by_role("heading", name="You’re online")).to_be_visible()
    shoot(page, shots, f"{way.provider}-3-online")
    assert "/status?token=" in page.url and "code=" not in page.url
    assert way.is_online()
    assert not way.windows(), "the sign-in window is closed again"
    assert page.trouble == []


def test_a_guest_who_cancels_can_try_again(way, watched, shots):
    page = watched()
    page.goto(way.intercepted())
    page.get_by_role("button", name="Continue with").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Sign-in cancelled")).to_be_visible()
    shoot(page, shots, f"{way.provider}-cancelled")
    assert not way.is_online()
    page.get_by_role("link", name="Try again").click()
    page.get_by_role("button", name="Continue with").click()
    page.get_by_role("button", name="Ben Okafor").click()
    expect(page.get_by_role("heading", name="You’re online")).to_be_visible()


def test_an_organisation_that_requires_admin_approval_is_named(azure, watched, shots):
    page = watched()
    page.goto(azure.intercepted())
    page.get_by_role("button", name="Continue with Microsoft").click()
    page.get_by_role("button", name="Dan Novak").click()
    expect(page.get_by_role("heading", name="Approval needed")).to_be_visible()
    shoot(page, shots, "azure-consent")
    assert not azure.is_online()


@pytest.mark.parametrize("agent", [IPHONE_SHEET, ANDROID_SHEET])
def test_google_in_a_captive_window_hands_over_to_a_browser(google, watched, shots, agent):
    sheet = watched(user_agent=agent)
    sheet.goto(google.intercepted())
    expect(sheet.get_by_role("heading", name="Open your browser")).to_be_visible()
    address = sheet.locator("a.address").get_attribute("href")
    shoot(sheet, shots, "google-captive-" + ("iphone" if "iPhone" in agent else "android"))
    assert address.startswith("http://") and "/go/" in address and "?" not in address
    browser = watched()
    browser.goto(address)
    browser.get_by_role("button", name="Continue with Google").click()
    browser.get_by_role("button", name="Chiara Rossi").click()
    expect(browser.get_by_role("heading", name="You’re online")).to_be_visible()
    assert google.is_online()
    again = watched()
    again.goto(address)
    expect(again.get_by_role("heading", name="This page has expired")).to_be_visible()


@pytest.mark.parametrize("agent", [IPHONE_SHEET, ANDROID_SHEET])
def test_microsoft_works_inside_a_captive_window(azure, watched, agent):
    page = watched(user_agent=agent)
    page.goto(azure.intercepted())
    page.get_by_role("button", name="Continue with Microsoft").click()
    page.get_by_role("button", name="Anna Lindqvist").click()
    expect(page.get_by_role("heading", name="You’re online")).to_be_visible()


def test_a_response_in_another_browser_is_refused(way, watched, shots):
    first = watched()
    first.goto(way.intercepted())
    first.get_by_role("button", name="Continue with").click()
    provider = first.url
    other = watched()
    other.goto(provider)
    other.get_by_role("button", name="Anna Lindqvist").click()
    expect(other.get_by_role("heading", name="Sign-in interrupted")).to_be_visible()
    shoot(other, shots, f"{way.provider}-other-browser")
    assert not way.is_online()
    other.get_by_role("link", name="Try again").click()
    other.get_by_role("button", name="Continue with").click()
    other.get_by_role("button", name="Anna Lindqvist").click()
    expect(other.get_by_role("heading", name="You’re online")).to_be_visible()


def test_a_response_is_accepted_once(way, watched):
    page = watched()
    answers = []
    page.on("request", lambda request: answers.append(request.url) if "/callback?" in request.url else None)
    page.goto(way.intercepted())
    page.get_by_role("button", name="Continue with").click()
    cookies = page.context.cookies()
    page.get_by_role("button", name="Anna Lindqvist").click()
    expect(page.get_by_role("heading", name="You’re online")).to_be_visible()
    page.context.add_cookies(cookies)
    page.goto(answers[0])
    expect(page.get_by_role("heading", name="Sign-in interrupted")).to_be_visible()
