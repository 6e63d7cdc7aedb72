"""A site whose router can fail, devices that join and leave it, and browsers that send from their device's own address.

The whole of 127.0.0.0/8 is this machine, so a device at 127.9.0.1 sends real requests from there. A browser without a
device's address is one behind a translated address, as where the portal is on the internet.
"""

import contextlib
import datetime
import html
import re

import pytest
import requests
from requests.adapters import HTTPAdapter

from failing_router import FailingRouter
from portal import Demo, Guest, eventually
from test_router_trouble import Trouble
from test_session_life import leave, seconds_left

CODES, SIGN_INS = "127.9", "127.10"
# Of a stay at the demo's instances.
TTL = 43_200
# Seconds by which a router's time may differ from the portal's.
TOLERANCE = 30


class DemoRouter(FailingRouter):
    """The demo's own router, which can fail."""

    def __init__(self, demo):
        super().__init__()
        self.url, self.user, self.password = demo.router_url, demo.router_user, demo.router_password
        self.has_failed = False

    def start(self):
        pass

    stop = start

    def become(self, mode, only=""):
        super().become(mode, only)
        self.has_failed |= mode != "works"


@contextlib.contextmanager
def venue_of(demo):
    """The demo's site behind a router that can fail: codes at 127.9.0.0/16, Microsoft accounts at 127.10.0.0/16."""
    azure = next(way["instance_id"] for way in demo.sign_ins if way["provider"] == "azure")
    networks = {
        demo.coupon_instance_id: ["10.5.0.0/16", f"{CODES}.0.0/16"], azure: ["10.6.0.0/16", f"{SIGN_INS}.0.0/16"]}
    with DemoRouter(demo) as router:
        put = demo.api("PUT", f"/captive/sites/{demo.site_id}", {"router": router.settings})
        assert put.status_code == 202, put.text
        for instance, subnets in networks.items():
            sites = {"sites": [{"id": demo.site_id, "subnets": subnets}]}
            put = demo.api("PUT", f"/captive/instances/{instance}", sites)
            assert put.status_code == 202, put.text
        yield Venue(demo, demo.site_id, demo.coupon_instance_id, router, [])


@pytest.fixture(scope="module")
def shared_venue(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp("venue")) as demo, venue_of(demo) as venue:
        yield venue


@pytest.fixture
def venue(shared_venue):
    """A site whose router works at the start of each test, and can fail."""
    yield shared_venue
    shared_venue.recover()


class Venue(Trouble):
    def recover(self):
        """The router works again, and the portal knows it."""
        self.router.become("works")
        if self.router.has_failed:
            guest = self.device()
            self.browser(guest).arrive().enter(self.code())
            assert eventually(lambda: self.is_let_through(guest)), self.health()
            self.router.has_failed = False

    def device(self, network=CODES, joins=True) -> Guest:
        """A new device."""
        number = next(self.demo.numbers) + 255
        mac = f"02:00:00:{network[4:]:>02}:{number >> 8:02X}:{number & 255:02X}"
        ip = f"{network}.{number >> 8}.{number & 255}"
        guest = Guest(mac, ip, f"{self.demo.guest_url.split('?')[0]}?mac={mac}&ip={ip}")
        if joins:
            self.join(guest)
        return guest

    def join(self, guest):
        requests.get(guest.url, allow_redirects=False, timeout=20)

    def leave(self, guest):
        """The router no longer sees the device, nor lets it through."""
        login = (self.router.user, self.router.password)
        if row := self.router.active().get(guest.mac):
            address = f"{self.router.url}/rest/ip/hotspot/active/{row['.id']}"
            assert requests.delete(address, auth=login, timeout=10).status_code == 204
        leave(self.demo, guest)

    def browser(self, guest, at=None, keeps_cookies=True) -> "Browser":
        """A browser of the guest's; its requests come from `at`, or through a translated address."""
        return Browser(self, guest, at, keeps_cookies)

    def online(self, own_address=True, network=CODES) -> "Browser":
        """A guest with a device of its own who is online by a code."""
        guest = self.device(network)
        browser = self.browser(guest, guest if own_address else None).arrive()
        browser.code = self.code()
        assert browser.enter(browser.code).status_code == 303
        assert "You’re online" in browser.text, browser.text
        return browser

    def state(self, guest) -> tuple:
        """What an attack on a guest must not change: the sessions of its device, and its log-in at the router."""
        sessions = [(user["id"], user["status"], user["reason"], user["expires_at"]) for user in self.users(guest)]
        row = self.router.active().get(guest.mac)
        return sessions, row and (row[".id"], row["user"], row["address"])

    def is_let_through(self, guest) -> bool:
        return guest.mac in self.router.active()

    def session(self, guest) -> dict:
        """The one active session of a device."""
        active = [user for user in self.users(guest) if user["status"] == "active"]
        assert len(active) == 1, self.users(guest)
        return active[0]

    def left(self, *guests) -> float:
        """Seconds that the portal has left for the devices, all together."""
        now = datetime.datetime.now(datetime.UTC)
        ends = [user["expires_at"] for guest in guests for user in self.users(guest) if user["status"] == "active"]
        return sum((datetime.datetime.fromisoformat(end) - now).total_seconds() for end in ends)

    def left_at_router(self, *guests) -> int:
        """The same as the router has it."""
        rows = self.router.active()
        return sum(seconds_left(rows[guest.mac]) for guest in guests if guest.mac in rows)

    def is_unused(self, code) -> bool:
        coupons = self.demo.api("GET", self.demo.coupons_path(self.instance), params={"limit": 500}).json()
        return code in {coupon["code"] for coupon in coupons}

    def probe(self, guest) -> dict:
        """What the device's system reads of the Captive Portal API (RFC 8908)."""
        address = f"{self.demo.portal_url}/captive-portal/api?site={self.site}"
        return self.browser(guest, guest).session.get(address, timeout=20).json()


class From(HTTPAdapter):
    """Sends from an address of this machine's."""

    def __init__(self, address):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *arguments, **options):
        super().init_poolmanager(*arguments, source_address=(self.address, 0), **options)


class Browser:
    """One browser: its cookies, the page that it shows, and where its requests come from."""

    def __init__(self, venue, guest, at, keeps_cookies):
        self.venue, self.guest, self.session = venue, guest, requests.Session()
        if not keeps_cookies:
            self.session.cookies.set_policy(requests.cookies.cookielib.DefaultCookiePolicy(allowed_domains=[]))
        if at:
            self.session.mount("http://", From(at.ip))

    def carry_to(self, guest, own_address=True):
        """The same browser on a device that shows another MAC address now."""
        self.guest = guest
        self.session.mount("http://", From(guest.ip) if own_address else HTTPAdapter())
        return self

    def open(self, address) -> "Browser":
        self.show(self.session.get(address, timeout=20))
        return self

    def show(self, answer):
        self.answer, self.url, self.text = answer, answer.url, html.unescape(answer.text)

    def arrive(self, guest=None) -> "Browser":
        """The page that follows when the router, or a link, names a device: the guest's own if no other."""
        return self.open(self.entry(guest))

    def entry(self, guest=None) -> str:
        guest = guest or self.guest
        return f"{self.venue.demo.portal_url}/hotspot/{self.venue.site}?mac={guest.mac}&ip={guest.ip}"

    def send(self, address, fields=None, **headers) -> requests.Response:
        """The answer to a form, not followed."""
        return self.session.post(address, fields or {}, headers=headers, allow_redirects=False, timeout=20)

    def enter(self, code, page=None) -> requests.Response:
        """The answer to a code. The browser follows where it leads."""
        answer = self.send(page or self.url, {"code": code})
        if answer.status_code == 303:
            self.open(answer.headers["Location"])
        return answer

    def sign_in(self, person, page=None) -> requests.Response:
        """What the portal says in the end to who chooses that account at Microsoft."""
        leaving = self.send(page or self.url)
        assert leaving.status_code == 303, leaving.text
        answer = self.send(leaving.headers["Location"], {"person": person})
        assert answer.status_code in (302, 303), answer.text
        self.open(answer.headers["Location"])
        return self.answer

    def link(self, words) -> str | None:
        """Where the link of those words leads; None if the page has none."""
        found = re.search(r'<a [^>]*href="([^"]*)"[^>]*>' + words, self.text)
        return found and requests.compat.urljoin(self.url, found.group(1))

    @property
    def resume_code(self) -> str | None:
        found = re.search(r'<p class="resume">.*?<code[^>]*>([^<]*)</code>', self.text)
        return found and found.group(1)

    def sign_out(self) -> "Browser":
        self.open(self.link("Sign out"))
        assert "Sign out?" in self.text
        self.open(self.send(self.url).headers["Location"])
        return self

    def has_rights(self) -> bool:
        """Whether the page lets its reader end the session, add time to it or carry it to another device."""
        return bool(self.link("Sign out") or self.link("Add time") or self.resume_code)
