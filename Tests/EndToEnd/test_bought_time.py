"""The time that a guest buys is neither doubled nor lost, in whatever order codes are entered and routers fail."""

import concurrent.futures
import dataclasses
import datetime
import itertools
import sqlite3
import time

import pytest
import requests

from own_addresses import TOLERANCE, TTL, shared_venue, venue, venue_of
from portal import Demo, eventually

LOGIN = "hotspot/active/login"
IN_USE = "This code is already in use on another device."
USED_UP = "The time of this code is used up."
ENDED = "The staff ended this session."
ADDRESSES = pytest.mark.parametrize("own_address", [True, False], ids=["own addresses", "one translated address"])


class Purchase:
    """A guest with several devices, and how much time it has bought."""

    def __init__(self, venue, devices):
        self.venue, self.start = venue, time.monotonic()
        self.first = venue.online(own_address=False)
        self.codes, self.devices = [self.first.code], [self.first.guest] + [venue.device() for _ in range(devices - 1)]
        self.pages = [self.first]
        self.look()

    def look(self):
        """Takes the link for more time, and the resume code, from a page of a session that runs."""
        page = next(page for page in self.pages if page.open(page.url).has_rights())
        self.add, self.resume_code = page.link("Add time"), page.resume_code

    def renew(self) -> int:
        """Enters another code on the page that the link led to; the status of the answer."""
        self.codes.append(self.venue.code())
        self.pages.append(self.venue.browser(self.first.guest))
        return self.pages[-1].enter(self.codes[-1], self.add).status_code

    def move(self, device) -> int:
        """Enters the resume code on one of the devices, unless it has a session; the status of the answer."""
        self.pages.append(self.venue.browser(self.devices[device]).arrive())
        page = self.pages[-1]
        return page.enter(self.resume_code).status_code if "/preauth?" in page.url else page.answer.status_code

    def is_settled(self) -> bool:
        """Nothing waits for the router, which lets through exactly the devices with a session."""
        users = {guest.mac: self.venue.users(guest) for guest in self.devices}
        states = [user["status"] for rows in users.values() for user in rows]
        active = {mac for mac, rows in users.items() if any(user["status"] == "active" for user in rows)}
        return "connecting" not in states and active == users.keys() & self.venue.router.active().keys()

    def assert_kept(self):
        """The seconds left are those of the codes that were used, to the second; and the router has no more."""
        assert eventually(self.is_settled, 60), "\n".join(map(str, map(self.venue.state, self.devices)))
        used = [code for code in self.codes if not self.venue.is_unused(code)]
        running = sum(user["status"] == "active" for guest in self.devices for user in self.venue.users(guest))
        assert 1 <= running <= len(used), "no more sessions than codes"
        passed = time.monotonic() - self.start
        left, bought = self.venue.left(*self.devices), TTL * len(used)
        # Each session's time goes by; what a renewal adds is rounded up to a second.
        assert bought - running * passed - 1 <= left <= bought + len(used) - 1, (left, bought)
        at_router = self.venue.left_at_router(*self.devices)
        assert at_router <= bought + running * TOLERANCE, (at_router, bought)


# One session, moved while its renewal is on the way.


@pytest.mark.parametrize("mode", ["works", "slow"])
def test_a_renewal_and_a_move_at_the_same_moment_make_no_time(venue, mode):
    guests = [Purchase(venue, 2) for _ in range(6)]
    venue.router.become(mode, only=LOGIN)
    with concurrent.futures.ThreadPoolExecutor(2 * len(guests)) as pool:
        for answer in [pool.submit(step) for guest in guests for step in (guest.renew, lambda g=guest: g.move(1))]:
            assert answer.result() in (303, 409, 422)
    venue.router.become("works")
    for guest in guests:
        guest.assert_kept()


@pytest.mark.parametrize("steps", [("renew", "move"), ("move", "renew")], ids="-".join)
def test_a_renewal_and_a_move_that_wait_for_the_router_make_no_time(venue, steps):
    guest = Purchase(venue, 2)
    venue.router.become("hangs", only=LOGIN)
    for step in steps:
        assert (guest.renew() if step == "renew" else guest.move(1)) == 303
    assert venue.left(*guest.devices) <= TTL, "nothing is added before the router has confirmed it"
    venue.router.become("works")
    guest.assert_kept()


def test_a_renewal_that_waits_for_a_device_that_is_away_does_not_carry_the_time_that_moved_on(venue):
    guest = Purchase(venue, 2)
    away, other = guest.devices
    venue.leave(away)
    assert guest.renew() == 303
    assert guest.move(1) == 303
    assert eventually(lambda: venue.is_let_through(other))
    assert TTL - 600 < venue.left(other) <= TTL
    venue.join(away)
    guest.assert_kept()
    assert venue.left(away) <= TTL and venue.left(other) <= TTL
    assert not any(map(venue.is_unused, guest.codes)) or not venue.is_let_through(away)


def test_no_order_of_renewals_and_moves_over_three_devices_makes_or_loses_time(venue):
    """While the router takes no log-in, and once more when it does."""
    orders = list(itertools.permutations(["renew", 1, 2])) + [("renew", 1, "renew"), (1, "renew", 2, "renew")]
    guests = [Purchase(venue, 3) for _ in orders]

    def play(guest, order):
        for step in order:
            assert (guest.renew() if step == "renew" else guest.move(step)) in (200, 303, 409, 422, 429)

    for mode in "hangs", "works":
        venue.router.become(mode, only=LOGIN)
        with concurrent.futures.ThreadPoolExecutor(len(orders)) as pool:
            for done in [pool.submit(play, guest, order) for guest, order in zip(guests, orders)]:
                done.result()
        venue.router.become("works")
        for guest in guests:
            guest.assert_kept()
            guest.look()


# A renewal that the router cannot finish.


def assert_honest(venue, guest, until):
    """The page says "online" only while the router lets the device through, until that question is answered."""

    def look():
        before = venue.is_let_through(guest.guest)
        says_online = "You’re online" in guest.open(guest.url).text
        assert before or venue.is_let_through(guest.guest) or not says_online, "online, as the page says alone"
        return until()

    assert eventually(look, 60), (venue.users(guest.guest), guest.text)


@pytest.mark.parametrize("mode, only", [
    ("refused", "ip/hotspot/user"), ("hangs", "ip/hotspot/user"), ("unauthorized", "ip/hotspot/user"),
    ("full", "hotspot/host/print"), ("drops", "hotspot/host/print"), ("forbidden", "hotspot/active/print"),
], ids=lambda value: value.replace("/", "-"))
def test_a_renewal_that_fails_before_the_log_in_leaves_the_device_online(venue, mode, only):
    guest, code = venue.online(own_address=False), venue.code()
    log_in = venue.router.active()[guest.guest.mac]
    started = venue.session(guest.guest)
    venue.router.become(mode, only)
    assert guest.enter(code, guest.link("Add time")).status_code == 303
    answered = lambda: [user["status"] for user in venue.users(guest.guest)].count("connecting") == 0
    held = lambda: venue.router.active().get(guest.guest.mac, {}).get(".id") == log_in[".id"]
    eventually(lambda: answered() or not held(), 8)
    assert held(), "the running log-in ends only when the next can begin"
    assert venue.session(guest.guest)["id"] == started["id"]
    venue.router.become("works")
    both = lambda: venue.left(guest.guest) > 2 * TTL - 600 and venue.left_at_router(guest.guest) > 2 * TTL - 600
    given_back = lambda: venue.is_unused(code) and answered() and venue.is_let_through(guest.guest)
    assert_honest(venue, guest, lambda: both() or given_back())
    if venue.is_unused(code):
        assert venue.session(guest.guest)["expires_at"] == started["expires_at"]
        page = guest.open(guest.url).link("Add time") or guest.link("Try again")
        assert guest.enter(code, page).status_code == 303, "who is online may still add time to it"
    assert eventually(both), (venue.users(guest.guest), venue.router.active().get(guest.guest.mac))
    assert venue.left(guest.guest) <= 2 * TTL and venue.session(guest.guest)


@pytest.mark.parametrize("mode", ["refused", "full", "hangs", "drops", "unauthorized"])
def test_a_page_does_not_say_online_while_a_renewal_s_log_in_fails(venue, mode):
    guest, code = venue.online(own_address=False), venue.code()
    started = venue.session(guest.guest)
    venue.router.become(mode, only=LOGIN)
    assert guest.enter(code, guest.link("Add time")).status_code == 303
    asked = lambda: len(venue.router.asked)
    before = asked()
    assert_honest(venue, guest, lambda: asked() >= before + 3)
    venue.router.become("works")
    settled = lambda: "connecting" not in {user["status"] for user in venue.users(guest.guest)}
    assert_honest(venue, guest, lambda: venue.is_let_through(guest.guest) and settled())
    if venue.is_unused(code):
        assert venue.session(guest.guest)["expires_at"] == started["expires_at"]
        assert TTL - 600 < venue.left_at_router(guest.guest) <= TTL
    else:
        assert 2 * TTL - 600 < venue.left(guest.guest) <= 2 * TTL
        assert eventually(lambda: 2 * TTL - 600 < venue.left_at_router(guest.guest) <= 2 * TTL)


def test_a_renewal_while_the_router_does_not_see_the_device_costs_nothing(venue):
    guest, code = venue.online(own_address=False), venue.code()
    started = venue.session(guest.guest)
    venue.leave(guest.guest)
    assert guest.enter(code, guest.link("Add time")).status_code == 303
    assert venue.session(guest.guest)["expires_at"] == started["expires_at"]
    assert_honest(venue, guest, lambda: True)
    venue.join(guest.guest)
    both = lambda: venue.left(guest.guest) > 2 * TTL - 600 and venue.left_at_router(guest.guest) > 2 * TTL - 600
    assert_honest(venue, guest, both)
    assert venue.left(guest.guest) <= 2 * TTL and venue.session(guest.guest)


# A router that answers errors, and a device with a session.


@ADDRESSES
@pytest.mark.parametrize("mode", ["forbidden", "unauthorized", "drops", "full"])
def test_a_device_with_a_session_is_asked_for_no_code_while_the_router_answers_errors(venue, mode, own_address):
    guest = venue.online(own_address)
    before = venue.state(guest.guest)
    venue.router.become(mode)
    guest.arrive()
    assert "/status?" in guest.url and "Access code" not in guest.text
    assert "The network equipment isn’t answering." in guest.text
    assert int(guest.answer.headers["Refresh"]) <= 10, "it asks again by itself"
    stranger = venue.browser(venue.device()).arrive(guest.guest)
    assert "/status?" in stranger.url and not stranger.has_rights()
    assert stranger.send(stranger.url.replace("/status?", "/logout?")).status_code == 400
    assert venue.state(guest.guest) == before, "nothing is written"
    venue.router.become("works")
    assert eventually(lambda: "You’re online" in guest.open(guest.url).text), guest.text
    assert guest.has_rights() and venue.is_let_through(guest.guest)
    assert not stranger.open(stranger.url).has_rights()
    assert venue.state(guest.guest) == before


def test_a_device_that_was_cut_off_meanwhile_is_let_in_again_when_the_router_answers(venue):
    guest = venue.online(own_address=False)
    session = venue.session(guest.guest)
    venue.leave(guest.guest)
    venue.join(guest.guest)
    venue.router.become("drops")
    guest.arrive()
    assert "/status?" in guest.url and "Access code" not in guest.text and "You’re online" not in guest.text
    venue.router.become("works")
    assert_honest(venue, guest, lambda: venue.is_let_through(guest.guest) and "You’re online" in guest.text)
    again = venue.session(guest.guest)
    assert (again["id"], again["expires_at"]) == (session["id"], session["expires_at"])


# A device that a session has just moved to.


@pytest.mark.parametrize("mode", ["slow", "hangs", "unauthorized"])
def test_a_device_reads_online_only_when_the_router_lets_it_through_after_a_move(venue, mode):
    guest, new = venue.online(), venue.device()
    old, session = guest.guest, venue.session(guest.guest)
    browser = venue.browser(new, new).arrive()
    venue.router.become(mode, only=LOGIN)
    answer = browser.send(browser.url, {"code": guest.resume_code})
    assert answer.status_code == 303
    browser.url = answer.headers["Location"]
    if mode != "slow":
        assert "Connecting you" in browser.open(browser.url).text
        assert venue.probe(new)["captive"] is True and not venue.is_let_through(new)
        assert venue.is_let_through(old), "it runs where it is until then"
        assert "You’re online" in guest.open(guest.url).text and venue.probe(old)["captive"] is False
        venue.router.become("works")
    assert_honest(venue, browser, lambda: "You’re online" in browser.text)
    moved = venue.session(new)
    assert (moved["id"], moved["expires_at"]) == (session["id"], session["expires_at"])
    assert venue.probe(new)["captive"] is False
    assert eventually(lambda: not venue.is_let_through(old)) and venue.users(old) == []
    assert "Your time goes on elsewhere" in guest.open(guest.url).text


def test_a_move_that_the_router_refuses_leaves_the_session_where_it_is(venue):
    guest, new = venue.online(), venue.device()
    session = venue.session(guest.guest)
    browser = venue.browser(new, new).arrive()
    venue.router.become("refused", only=LOGIN)
    assert browser.enter(guest.resume_code).status_code == 303
    assert "You’re online" not in browser.text
    assert eventually(lambda: "We couldn’t connect you" in browser.open(browser.url).text), browser.text
    venue.router.become("works")
    assert venue.is_let_through(guest.guest) and not venue.is_let_through(new)
    assert venue.session(guest.guest)["expires_at"] == session["expires_at"]
    assert guest.open(guest.url).resume_code == guest.resume_code and venue.users(new) == []


# Signing out, and what a code that was used says.


@ADDRESSES
@pytest.mark.parametrize("proof", ["code", "resume code"])
@pytest.mark.parametrize("moves", [False, True], ids=["same device", "another device"])
def test_who_signed_out_comes_back_with_the_time_that_is_left(venue, own_address, proof, moves):
    guest = venue.online(own_address)
    old, session = guest.guest, venue.session(guest.guest)
    code = guest.code if proof == "code" else guest.resume_code
    guest.open(guest.link("Sign out"))
    assert "You have 11 hours" in guest.text or "You have 12 hours" in guest.text
    assert "you can come back with the same code" in guest.text
    assert venue.is_let_through(old), "asked first"
    guest.open(guest.send(guest.url).headers["Location"])
    assert "You’re signed out" in guest.text
    assert eventually(lambda: not venue.is_let_through(old))
    assert [user["status"] for user in venue.users(old)] == ["disconnected"]

    here = venue.device() if moves else old
    back = venue.browser(here, here if own_address else None, keeps_cookies=False).arrive()
    assert "/preauth?" in back.url
    assert back.enter(code).status_code == 303 and "You’re online" in back.text, back.text
    assert back.has_rights() and venue.is_let_through(here)
    again = venue.session(here)
    assert (again["id"], again["expires_at"]) == (session["id"], session["expires_at"])
    assert venue.left_at_router(here) <= TTL
    other = venue.device()
    refused = venue.browser(other).arrive().enter(guest.code)
    assert refused.status_code == 422 and IN_USE in refused.text, "one device at a time"
    if moves:
        assert not venue.is_let_through(old)


def test_signing_out_and_in_many_times_makes_no_time(venue):
    guest = venue.online()
    ends = venue.session(guest.guest)["expires_at"]
    for _ in range(5):
        guest.sign_out().arrive()
        assert guest.enter(guest.code).status_code == 303
        assert eventually(lambda: venue.is_let_through(guest.guest))
    assert venue.session(guest.guest)["expires_at"] == ends
    assert eventually(lambda: venue.left_at_router(guest.guest) <= TTL)
    guest.sign_out()
    assert eventually(lambda: not venue.is_let_through(guest.guest))


def test_a_code_whose_session_the_staff_ended_says_so(venue):
    guest = venue.online()
    session, resume_code = venue.session(guest.guest), guest.resume_code
    path = f"/captive/sites/{venue.site}/users/{session['id']}"
    assert venue.demo.api("DELETE", path).status_code == 204
    assert eventually(lambda: not venue.is_let_through(guest.guest))
    for device in guest.guest, venue.device():
        browser = venue.browser(device).arrive()
        answer = browser.enter(guest.code)
        assert answer.status_code == 422 and ENDED in answer.text and IN_USE not in answer.text
        assert "That code isn’t right" in browser.enter(resume_code).text
        assert not venue.is_let_through(device)


def test_a_code_whose_time_was_added_to_another_does_not_blame_another_device(venue):
    """The later code and the resume code have the time."""
    guest = venue.online()
    first, second = guest.code, venue.code()
    assert guest.enter(second, guest.link("Add time")).status_code == 303
    session = venue.session(guest.guest)
    guest.sign_out().arrive()
    answer = guest.enter(first)
    assert answer.status_code == 422 and IN_USE not in answer.text and USED_UP in answer.text
    assert guest.enter(second).status_code == 303
    assert venue.session(guest.guest)["expires_at"] == session["expires_at"]
    assert venue.is_let_through(guest.guest)


def test_a_code_whose_time_is_over_says_so(tmp_path):
    """The database is set back by a day while the portal is stopped, which is the same as a day that has passed."""
    demo = Demo(tmp_path / "data")
    with demo, venue_of(demo) as venue:
        guest = venue.online(own_address=False)
        demo.stop()
        with sqlite3.connect(tmp_path / "data" / "portico.db") as books:
            day = int(datetime.timedelta(days=1) / datetime.timedelta(microseconds=1))
            for column in "created_at", "authorized_at", "expires_at":
                books.execute(f"UPDATE sessions SET {column} = {column} - ?", (day,))
        books.close()
        demo.start()
        query = guest.guest.url.split("?")[1]
        venue.join(dataclasses.replace(guest.guest, url=demo.guest_url.split("?")[0] + "?" + query))
        page = requests.get(guest.entry(), timeout=20)
        assert "/preauth?" in page.url and "Your time is up" in page.text
        answer = guest.enter(guest.code, page.url)
        assert answer.status_code == 422 and USED_UP in answer.text and IN_USE not in answer.text
        assert [user["status"] for user in venue.users(guest.guest)] == ["expired"]
        assert guest.guest.mac not in demo.router_active()
