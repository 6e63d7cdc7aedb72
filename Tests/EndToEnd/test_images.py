"""A venue's logo and icon: uploaded, shown to guests, cached permanently, deleted."""

import subprocess
from urllib.parse import urlsplit

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe

from pictures import sign
from portal import ROOT, WCAG

PICTURES = ROOT / "Tests" / "ImagesTests" / "Pictures"


@pytest.fixture
def instance(demo):
    """A separate coupon instance, deleted afterwards."""
    made = demo.api("POST", "/captive/instances", {"name": "Café Aurora", "strategy": "coupon", "session_ttl": 3600})
    assert made.status_code == 201, made.text
    path = f"/captive/instances/{made.json()['id']}"
    yield path
    assert demo.api("DELETE", path).status_code == 204


def curl(demo, path, file, *options) -> subprocess.CompletedProcess:
    command = ["curl", "-s", "-o", "-", "-w", "%{http_code}", "-H", f"Authorization: Bearer {demo.token}",
               "-F", f"file=@{file}", *options, demo.portal_url + path]
    return subprocess.run(command, capture_output=True, text=True, timeout=20)


def theme(demo, instance) -> dict:
    return demo.api("GET", instance).json()["theme"]


def shown(page, address):
    """The picture on the page: its natural size, its displayed size, its alternative text."""
    page.goto(address)
    return page.evaluate("""() => { const image = document.querySelector('.brand img');
        return image && {natural: [image.naturalWidth, image.naturalHeight], size: [image.width, image.height],
                         complete: image.complete, alt: image.alt} }""")


def test_curl_uploads_a_logo_and_guests_see_it_until_it_is_deleted(demo, instance, browser, tmp_path):
    file = tmp_path / "logo.png"
    file.write_bytes(sign(240, 120))
    uploaded = curl(demo, f"{instance}/images/logo", file)
    assert uploaded.stdout == "202", "the response has no body"
    page = browser()
    preview = demo.api("GET", instance).json()["preview_url"]
    picture = shown(page, preview)
    assert picture == {"natural": [240, 120], "size": [192, 96], "complete": True, "alt": "Café Aurora"}
    assert demo.api("DELETE", f"{instance}/images/logo").status_code == 204
    assert shown(page, preview) is None
    assert theme(demo, instance)["logo"] is None


@pytest.mark.parametrize("name", sorted(path.name for path in PICTURES.iterdir() if path.name != "grey.png"))
def test_every_format_is_shown_unchanged(demo, instance, browser, name):
    """The stored picture equals the uploaded one, pixel by pixel."""
    assert curl(demo, f"{instance}/images/logo", PICTURES / name).stdout == "202"
    address = theme(demo, instance)["logo"]
    answer = requests.get(address, timeout=10)
    assert answer.headers["Content-Type"] == {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif",
                                              "webp": "image/webp"}[name.split(".")[1]]
    assert b"Secret" not in answer.content and b"http://ns" not in answer.content
    page = browser()
    page.route("**/original", lambda route: route.fulfill(path=PICTURES / name, content_type=answer.headers["Content-Type"]))
    page.route("**/compare", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(demo.portal_url + "/compare")
    pixels = """async address => { const image = new Image(); image.src = address; await image.decode();
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        const context = canvas.getContext('2d'); context.drawImage(image, 0, 0);
        const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
        return [canvas.width, canvas.height, await crypto.subtle.digest('SHA-256', data)
            .then(digest => Array.from(new Uint8Array(digest)).join())] }"""
    parts = urlsplit(address)
    assert page.evaluate(pixels, f"{parts.path}?{parts.query}") == page.evaluate(pixels, "/original")


@pytest.mark.parametrize("size", [(1000, 100), (120, 960), (120, 80), (600, 600)])
@pytest.mark.parametrize("ground", ["#ffffff", "#101418", "#ffdd00"])
def test_logos_of_every_shape_fit_the_page_in_every_theme(demo, instance, browser, shots, tmp_path, size, ground):
    file = tmp_path / "logo.png"
    file.write_bytes(sign(*size))
    assert curl(demo, f"{instance}/images/logo", file).stdout == "202"
    box = "#1c2126" if ground == "#101418" else "#ffffff"
    text = "#eeeeee" if ground == "#101418" else "#333333"
    colours = {"background_color": ground, "box_color": box, "text_color": text, "secondary_text_color": text}
    assert demo.api("PUT", instance, {"theme": colours}).status_code == 202
    page = browser()
    picture = shown(page, demo.api("GET", instance).json()["preview_url"])
    width, height = picture["size"]
    assert width <= 240 and height <= 96
    assert abs(width / height - size[0] / size[1]) / (size[0] / size[1]) < 0.05, "keeps its aspect ratio"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    violations = Axe().run(page, options=WCAG).response["violations"]
    assert violations == []
    if shots:
        page.screenshot(path=shots / f"logo-{size[0]}x{size[1]}-{ground[1:]}.png", full_page=True)


def test_an_icon_is_the_favicon_and_replaces_a_missing_logo(demo, instance, browser, shots, tmp_path):
    file = tmp_path / "icon.png"
    file.write_bytes(sign(64, 64, (20, 120, 60)))
    assert curl(demo, f"{instance}/images/icon", file).stdout == "202"
    page = browser()
    picture = shown(page, demo.api("GET", instance).json()["preview_url"])
    assert picture["natural"] == [64, 64] and picture["alt"] == ""
    assert page.locator("link[rel=icon]").get_attribute("href").startswith("/captive/assets/")
    assert page.locator(".brand").inner_text() == "Café Aurora"
    if shots:
        page.screenshot(path=shots / "icon.png", full_page=True)


def test_images_are_cached_permanently_and_only_at_signed_addresses(demo, instance, tmp_path):
    file = tmp_path / "logo.png"
    file.write_bytes(sign(240, 120))
    curl(demo, f"{instance}/images/logo", file)
    address = theme(demo, instance)["logo"]
    answer = requests.get(address, timeout=10)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    again = requests.get(address, headers={"If-None-Match": answer.headers["ETag"]}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")
    head = requests.head(address, timeout=10)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(answer.content)))
    assert requests.get(address[:-1] + ("0" if address[-1] != "0" else "1"), timeout=10).status_code == 403
    curl(demo, f"{instance}/images/logo", file)
    assert theme(demo, instance)["logo"] != address, "another image has another address"
    assert requests.get(address, timeout=10).content == answer.content, "pages that name the old one still work"


@pytest.mark.parametrize("content, status, word", [
    (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "SVG"), (b"MZ\x90\x00", 415, "PNG"), (b"", 400, "empty"),
    (sign(100, 80), 400, "120 x 80"), (sign(240, 120)[:-20], 400, "damaged"), (b"\x89PNG" + bytes(1 << 20), 413, "1 MiB"),
], ids=["svg", "program", "empty", "small", "cut", "large"])
def test_an_invalid_logo_is_refused_with_a_reason(demo, instance, tmp_path, content, status, word):
    file = tmp_path / "logo.png"
    file.write_bytes(content)
    answer = curl(demo, f"{instance}/images/logo", file)
    assert answer.stdout.endswith(str(status)) and word in answer.stdout
    assert theme(demo, instance)["logo"] is None
