"""Probes of operating systems and browsers, sent as they send them.

The client is this machine, so the tests use a separate portal with an instance for the loopback network.
"""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

PROBES = {
    "iOS and macOS": ("captive.apple.com", "/hotspot-detect.html", "CaptiveNetworkSupport-443.100.1 wispr"),
    "old iOS": ("www.apple.com", "/library/test/success.html", "CaptiveNetworkSupport-277 wispr"),
    "Android": ("connectivitycheck.gstatic.com", "/generate_204",
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.32 Safari/537.36"),
    "Android, fallback": ("www.google.com", "/gen_204", "Dalvik/2.1.0"),
    "Windows": ("www.msftconnecttest.com", "/connecttest.txt", "Microsoft NCSI"),
    "Windows, in the browser": ("www.msftconnecttest.com", "/redirect", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"),
    "Firefox": ("detectportal.firefox.com", "/success.txt?ipv4", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"),
    "NetworkManager": ("nmcheck.gnome.org", "/check_network_status.txt", "NetworkManager"),
    "a person's first page": ("www.example.com", "/news?page=2", "Mozilla/5.0"),
}


@pytest.fixture(scope="module")
def loopback(demo):
    """Creates an instance for 127.0.0.0/8, which makes this machine a guest; returns its site id."""
    site = "0b5c1f3e-5a57-4b5e-9a58-6f0a3c1d2e4f"
    made = demo.api("POST", "/captive/instances", {"name": "Loopback", "strategy": "coupon", "session_ttl": 1200})
    assert made.status_code == 201, made.text
    path = f"/captive/instances/{made.json()['id']}"
    claimed = demo.api("PUT", path, {"sites": [{"id": site, "subnets": ["127.0.0.0/8"]}]})
    assert claimed.status_code == 202, claimed.text
    bound = demo.api("PUT", f"/captive/sites/{site}", {"name": "Loopback", "router": {"driver": "none"}})
    assert bound.status_code == 202, bound.text
    yield site
    assert demo.api("DELETE", path).status_code == 204


def probe(demo, host, path, agent="probe", method="GET"):
    return requests.request(method, demo.portal_url + path, headers={"Host": host, "User-Agent": agent},
                            allow_redirects=False, timeout=10)


@pytest.mark.parametrize("name", PROBES)
def test_each_probe_is_redirected_to_the_entry_of_its_site(demo, loopback, name):
    host, path, agent = PROBES[name]
    answer = probe(demo, host, path, agent)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{demo.portal_url}/hotspot/{loopback}?")
    assert answer.headers["Cache-Control"] == "no-store"
    # Android treats a body of up to four bytes as "no internet" instead of "sign in".
    assert int(answer.headers["Content-Length"]) == len(answer.content) > 4
    assert "Strict-Transport-Security" not in answer.headers


def test_the_redirects_lead_from_a_probe_to_the_page(demo, loopback):
    entry = probe(demo, "captive.apple.com", "/hotspot-detect.html").headers["Location"]
    answer = requests.get(entry, params={"mac": "02:00:00:0A:00:01"}, timeout=10)
    assert answer.status_code == 200
    assert urlsplit(answer.url).path == "/preauth" and 'name="code"' in answer.text


def test_the_destination_of_a_person_is_kept_and_that_of_a_probe_is_not(demo, loopback):
    wanted = parse_qs(urlsplit(probe(demo, "www.example.com", "/news?page=2").headers["Location"]).query)
    assert wanted["link-orig"] == ["http://www.example.com/news?page=2"]
    probed = parse_qs(urlsplit(probe(demo, "captive.apple.com", "/hotspot-detect.html").headers["Location"]).query)
    assert "link-orig" not in probed


def test_head_returns_the_same_fields_and_no_body(demo, loopback):
    answer = probe(demo, "captive.apple.com", "/hotspot-detect.html", method="HEAD")
    assert answer.status_code == 302 and answer.content == b""


def test_other_methods_on_foreign_hosts_are_refused(demo, loopback):
    assert probe(demo, "www.example.com", "/", method="POST").status_code in (403, 405)


def test_a_probe_never_gets_a_forged_success(demo, loopback):
    """Only the real host may report that the network is open."""
    for host, path, agent in PROBES.values():
        assert probe(demo, host, path, agent).status_code not in (200, 204, 511)


def test_the_captive_portal_api_reports_the_state_before_and_after(demo, loopback):
    """RFC 8908, for this machine's address."""
    ask = lambda: requests.get(f"{demo.portal_url}/captive-portal/api", headers={"Accept": "application/captive+json"}, timeout=10)
    before = ask()
    assert before.status_code == 200
    assert re.match(r"application/captive\+json(; *charset=utf-8)?$", before.headers["Content-Type"], re.IGNORECASE)
    assert "no-store" in before.headers["Cache-Control"] and len(before.text) <= 4096
    assert before.json()["captive"] is True and "seconds-remaining" not in before.json()

    instance = next(one for one in demo.api("GET", "/captive/instances").json() if one["name"] == "Loopback")
    entry = f"{demo.portal_url}/hotspot/{loopback}?mac=02:00:00:0A:00:02"
    page = requests.get(entry, timeout=10).url
    coupon = demo.new_coupons(1, instance=instance["id"])[0]["code"]
    status = requests.post(page, {"code": coupon}, allow_redirects=False, timeout=10)
    assert status.status_code == 303

    after = ask().json()
    assert after["captive"] is False
    assert 0 < after["seconds-remaining"] <= 1200

    token = urlsplit(status.headers["Location"]).query
    assert requests.post(f"{demo.portal_url}/logout?{token}", allow_redirects=False, timeout=10).status_code == 303
    assert ask().json()["captive"] is True
