"""Knowing a guest's MAC and IP address, or a link that the guest opens, takes, ends and disturbs no session."""

import concurrent.futures

import pytest
import requests

from own_addresses import SIGN_INS, TOLERANCE, TTL, shared_venue, venue
from portal import eventually

OCCUPIED = "This device is already online with another code."
ADDRESSES = pytest.mark.parametrize("own_address", [True, False], ids=["own addresses", "one translated address"])
FOREIGN = pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
], ids=lambda headers: "+".join(headers))


# Where a stranger sends from, and how the portal refuses it while the device has another guest's session. Where the
# router knows the stranger's device, the page itself is refused.
STRANGERS = pytest.mark.parametrize("source, status", [
    ("own address", 403), ("address that the router has not seen", 409), ("translated address", 409)])


def kept_page(venue, victim, source):
    """A stranger on the same network who named the victim's device before it was online, and has the page open."""
    device = venue.device(victim.ip.rsplit(".", 2)[0], joins=source != "address that the router has not seen")
    browser = venue.browser(device, None if source == "translated address" else device).arrive(victim)
    assert "/preauth?" in browser.url
    return browser


def pay(venue, victim, own_address):
    browser = venue.browser(victim, victim if own_address else None).arrive()
    assert browser.enter(venue.code()).status_code == 303
    assert venue.is_let_through(victim) and browser.has_rights()
    return browser


# Taking a guest's time with a page of the guest's device that was kept.


@STRANGERS
def test_a_stranger_s_coupon_takes_no_time_of_the_session_that_runs(venue, source, status):
    victim, code = venue.device(), venue.code()
    stranger = kept_page(venue, victim, source)
    page = stranger.url
    guest = pay(venue, victim, own_address=source != "translated address")
    before = venue.state(victim)
    answer = stranger.enter(code, page)
    assert answer.status_code == status, answer.text
    assert (OCCUPIED in answer.text) == (status == 409)
    assert "portico-stay" not in stranger.session.cookies
    assert venue.is_unused(code), "the stranger's coupon is not used"
    assert stranger.enter("ZZZZZZ", page).text == answer.text, "a wrong code reads the same"
    assert venue.state(victim) == before
    assert venue.users(stranger.guest) == [] and not venue.is_let_through(stranger.guest)
    assert guest.open(guest.url).has_rights() and TTL - 600 < venue.left(victim) <= TTL


@ADDRESSES
def test_a_stranger_who_comes_to_the_entry_as_the_guest_gets_no_rights(venue, own_address):
    victim = venue.device()
    guest = pay(venue, victim, own_address)
    before = venue.state(victim)
    stranger = venue.device()
    browser = venue.browser(stranger, stranger if own_address else None).arrive(victim)
    assert "You’re online" in browser.text and not browser.has_rights()
    assert "portico-stay" not in browser.session.cookies
    address = browser.url.replace("/status?", "/logout?")
    assert browser.session.get(address, timeout=20).status_code == 400
    assert browser.send(address).status_code == 400
    assert venue.state(victim) == before
    assert guest.resume_code not in browser.text


@STRANGERS
@pytest.mark.parametrize("by", ["resume code", "coupon"])
def test_a_stranger_s_own_session_does_not_move_to_the_guest_s_device(venue, source, status, by):
    """It would end just after the guest's, take its place, and go back with its time."""
    victim = venue.device()
    browser = kept_page(venue, victim, source)
    pay(venue, victim, own_address=source != "translated address")
    stranger = venue.online()
    before = venue.state(victim), venue.state(stranger.guest)
    answer = browser.enter(stranger.resume_code if by == "resume code" else stranger.code)
    assert answer.status_code == status, answer.text
    assert (OCCUPIED in answer.text) == (status == 409)
    assert (venue.state(victim), venue.state(stranger.guest)) == before
    assert venue.is_let_through(victim) and venue.is_let_through(stranger.guest)
    assert stranger.resume_code == stranger.open(stranger.url).resume_code, "its code is as it was"


def test_who_began_a_session_on_a_guest_s_device_has_no_part_in_the_time_that_the_guest_adds(venue):
    victim, stranger = venue.device(), venue.device()
    browser, code = venue.browser(stranger).arrive(victim), venue.code()
    assert browser.enter(code).status_code == 303
    status, add, resume = browser.url, browser.link("Add time"), browser.resume_code
    guest = venue.browser(victim, victim, keeps_cookies=False).arrive()
    assert guest.enter(venue.code(), guest.link("Add time")).status_code == 303
    assert 2 * TTL - 600 < venue.left(victim) <= 2 * TTL
    assert 2 * TTL - 600 - TOLERANCE < venue.left_at_router(victim) <= 2 * TTL
    before, third = venue.state(victim), venue.code()

    assert browser.open(status).url != status and not browser.has_rights(), "led on to the session, without its rights"
    for token in browser.url, status:
        browser.send(token.replace("/status?", "/logout?"))
    assert not browser.arrive(victim).has_rights(), "nor by the cookie of the session that was replaced"
    assert browser.enter(third, add).status_code == 409 and venue.is_unused(third)
    assert browser.arrive(stranger).enter(resume).status_code == 422
    assert "That code isn’t right" in browser.enter(resume, browser.url).text
    assert browser.enter(code, browser.url).status_code == 422
    assert venue.state(victim) == before
    assert not venue.is_let_through(stranger) and venue.users(stranger) == []
    assert guest.open(guest.url).has_rights()


@ADDRESSES
def test_two_tries_for_one_device_use_up_one_coupon(venue, own_address):
    """Both wait for the router; the first that it confirms gets the device."""
    victim, codes = venue.device(), [venue.code(), venue.code()]
    stranger = kept_page(venue, victim, "translated address")
    guest = venue.browser(victim, victim if own_address else None).arrive()
    venue.router.become("hangs", only="hotspot/active/login")
    assert stranger.enter(codes[0]).status_code == 303
    assert guest.enter(codes[1]).status_code == 303
    assert "Connecting you" in stranger.text and "Connecting you" in guest.text
    venue.router.become("works")
    settled = lambda: "connecting" not in {user["status"] for user in venue.users(victim)}
    assert eventually(lambda: settled() and venue.is_let_through(victim)), venue.users(victim)
    assert venue.session(victim)
    assert sorted(map(venue.is_unused, codes)) == [False, True]
    assert venue.left(victim) <= TTL and venue.left_at_router(victim) <= TTL


# The same with accounts.


def signed_in(venue, victim, own_address, person="anna"):
    browser = venue.browser(victim, victim if own_address else None).arrive()
    answer = browser.sign_in(person)
    assert answer.status_code == 200 and "You’re online" in browser.text, browser.text
    assert venue.is_let_through(victim)
    return browser


@STRANGERS
def test_another_person_s_account_neither_replaces_nor_ends_the_session_that_runs(venue, source, status):
    victim = venue.device(SIGN_INS)
    stranger = kept_page(venue, victim, source)
    page = stranger.url
    guest = signed_in(venue, victim, own_address=source != "translated address")
    before = venue.state(victim)
    if status == 403:
        assert stranger.send(page).status_code == 403, "no sign-in begins"
    else:
        assert stranger.sign_in("ben", page).status_code == 409
        assert "Someone else’s session is running on it." in stranger.text
    assert "portico-stay" not in stranger.session.cookies
    stranger.arrive(victim)
    assert "You’re online" in stranger.text and not stranger.has_rights()
    assert stranger.send(stranger.url.replace("/status?", "/logout?")).status_code == 400
    assert venue.state(victim) == before
    assert venue.session(victim)["identity"]["name"] == "Anna Lindqvist"
    assert guest.open(guest.url).link("Sign out")


def test_who_signed_in_on_a_guest_s_device_cannot_end_the_session_that_the_guest_begins(venue):
    victim, stranger = venue.device(SIGN_INS), venue.device(SIGN_INS)
    browser = venue.browser(stranger).arrive(victim)
    page = browser.url
    assert browser.sign_in("ben").status_code == 200
    status = browser.url
    guest = venue.browser(victim, victim)
    assert guest.sign_in("anna", page).status_code == 200, "by the address of its device"
    assert venue.session(victim)["identity"]["name"] == "Anna Lindqvist"
    before = venue.state(victim)
    assert not browser.open(status).has_rights()
    for token in browser.url, status:
        browser.send(token.replace("/status?", "/logout?"))
    assert browser.sign_in("ben", page).status_code == 409
    assert venue.state(victim) == before and venue.is_let_through(victim)


def test_the_same_person_goes_on_in_another_browser(venue):
    victim = venue.device(SIGN_INS)
    other = venue.browser(victim).arrive()
    signed_in(venue, victim, own_address=False)
    assert other.sign_in("anna").status_code == 200 and other.link("Sign out")
    assert venue.session(victim) and venue.is_let_through(victim)


# Links and forms of others.


@ADDRESSES
def test_a_link_moves_no_session_while_its_guest_is_away(venue, own_address):
    """Anybody's page can send the browser to the entry, with another device's addresses."""
    guest = venue.online(own_address)
    victim, stranger = guest.guest, venue.device()
    before = venue.state(victim)[0]
    venue.leave(victim)
    if own_address:
        guest.carry_to(victim, own_address=False)
    guest.session.headers["Sec-Fetch-Site"] = "cross-site"
    asked = lambda: "Continue on this device?" in guest.arrive(stranger).text
    assert eventually(asked), guest.url
    assert venue.state(victim)[0] == before and venue.users(stranger) == []
    assert guest.send(guest.url).status_code == 403, "nor does another site's form"
    unmarked = venue.browser(stranger, stranger)
    assert "/preauth?" in unmarked.open(guest.url).url, "to others the question says nothing"
    unmarked.send(guest.url)
    assert venue.state(victim)[0] == before and venue.users(stranger) == []
    assert not venue.is_let_through(stranger)
    venue.join(victim)
    del guest.session.headers["Sec-Fetch-Site"]
    back = lambda: guest.arrive().has_rights() and venue.is_let_through(victim)
    assert eventually(back) and venue.session(victim)["id"] == before[0][0]


@ADDRESSES
def test_a_link_asks_nothing_while_the_guest_s_device_is_there(venue, own_address):
    guest, stranger = venue.online(own_address), venue.device()
    before = venue.state(guest.guest)
    assert "/preauth?" in guest.arrive(stranger).url
    resume = guest.url.replace("/preauth?", "/resume?")
    assert guest.send(resume).status_code in (303, 403)
    assert venue.state(guest.guest) == before
    assert venue.users(stranger) == [] and not venue.is_let_through(stranger)


def test_a_link_with_the_guest_s_own_address_and_another_device_moves_nothing(venue):
    guest, stranger = venue.online(), venue.device()
    before = venue.state(guest.guest)
    link = guest.entry(stranger).replace(f"ip={stranger.ip}", f"ip={guest.guest.ip}")
    guest.open(link)
    assert venue.state(guest.guest) == before and venue.users(stranger) == []
    assert not venue.is_let_through(stranger)


@FOREIGN
def test_no_code_is_taken_from_another_site_s_form(venue, headers):
    stranger, code = venue.device(), venue.code()
    browser = venue.browser(stranger).arrive()
    answer = browser.send(browser.url, {"code": code}, **headers)
    assert answer.status_code == 403 and "Set-Cookie" not in answer.headers
    assert venue.is_unused(code)
    assert venue.users(stranger) == [] and not venue.is_let_through(stranger)


@FOREIGN
def test_no_sign_in_begins_from_another_site_s_form(venue, headers):
    stranger = venue.device(SIGN_INS)
    browser = venue.browser(stranger).arrive()
    answer = browser.send(browser.url, **headers)
    assert answer.status_code == 403 and not {"Set-Cookie", "Location"} & answer.headers.keys()
    lists = venue.demo.router("ip/firewall/address-list")
    assert stranger.ip not in {row["address"] for row in lists}, "the way to the provider stays closed"
    assert venue.users(stranger) == []


@FOREIGN
def test_no_session_ends_by_another_site_s_form(venue, headers):
    guest = venue.online(own_address=False)
    before = venue.state(guest.guest)
    assert guest.send(guest.link("Sign out"), **headers).status_code == 403
    assert venue.state(guest.guest) == before


@pytest.mark.parametrize("headers", [
    lambda origin: {}, lambda origin: {"Origin": "null"}, lambda origin: {"Origin": origin},
    lambda origin: {"Origin": origin, "Sec-Fetch-Site": "same-origin"},
], ids=["nothing", "null", "own origin", "own origin over https"])
def test_a_browser_s_own_form_is_taken_whatever_it_says_of_its_page(venue, headers):
    guest = venue.device()
    browser = venue.browser(guest).arrive()
    answer = browser.send(browser.url, {"code": venue.code()}, **headers(venue.demo.portal_url))
    assert answer.status_code == 303 and venue.is_let_through(guest)


def test_the_router_s_own_page_may_send_a_form_to_the_entry(venue):
    guest = venue.device()
    browser = venue.browser(guest)
    fields = {"mac": guest.mac, "ip": guest.ip, "link-orig": "http://www.example.com/"}
    answer = browser.send(f"{venue.demo.portal_url}/hotspot/{venue.site}", fields,
                          **{"Origin": "http://10.5.0.1", "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 302 and "/preauth?" in answer.headers["Location"]
    assert browser.enter(venue.code(), answer.headers["Location"]).status_code == 303
    assert venue.is_let_through(guest)


def test_a_page_of_another_device_takes_no_code_from_the_guest_s(venue):
    """As from a link or a QR code with the stranger's addresses, at the portal's own host."""
    victim, stranger, code = venue.device(), venue.device(), venue.code()
    guest = venue.browser(victim, victim).arrive(stranger)
    answer = guest.enter(code)
    assert answer.status_code == 403 and "This page belongs to another device" in answer.text
    assert venue.is_unused(code)
    assert venue.users(stranger) == [] and not venue.is_let_through(stranger)
    assert guest.arrive().enter(code).status_code == 303, "the guest's own page takes it"
    assert venue.is_let_through(victim) and not venue.is_let_through(stranger)


def test_a_page_of_another_device_begins_no_sign_in_from_the_guest_s(venue):
    victim, stranger = venue.device(SIGN_INS), venue.device(SIGN_INS)
    guest = venue.browser(victim, victim).arrive(stranger)
    answer = guest.send(guest.url)
    assert answer.status_code == 403 and not {"Set-Cookie", "Location"} & answer.headers.keys()
    assert venue.users(stranger) == [] and not venue.is_let_through(stranger)


# Making a guest's device believe that it is captive.


def come_by(venue, victim, times=5):
    stranger = venue.device()
    for _ in range(times):
        for at in stranger, None:
            venue.browser(stranger, at).arrive(victim)


def test_coming_by_as_a_guest_does_not_make_the_guest_s_device_captive(venue):
    """An order that was written would wait for the router, which takes no log-in meanwhile."""
    guest = venue.online()
    before = venue.state(guest.guest)
    venue.router.become("hangs", only="hotspot/active/login")
    come_by(venue, guest.guest)
    assert venue.probe(guest.guest)["captive"] is False
    assert "You’re online" in guest.open(guest.url).text
    assert venue.state(guest.guest) == before


@pytest.mark.parametrize("mode, only", [
    ("full", "hotspot/active/print"), ("forbidden", "hotspot/active/print"), ("drops", "hotspot/active/print"),
    ("drops", "")], ids=["full", "forbidden", "drops", "drops everything"])
def test_nor_does_it_while_the_router_does_not_report_authorized_devices(venue, mode, only):
    guest = venue.online()
    before = venue.state(guest.guest)
    venue.router.become(mode, only)
    come_by(venue, guest.guest)
    assert venue.probe(guest.guest)["captive"] is False
    assert "You’re online" in guest.open(guest.url).text
    venue.router.become("works")
    assert venue.probe(guest.guest)["captive"] is False
    assert venue.state(guest.guest) == before


def test_nor_do_many_who_come_by_together(venue):
    """More than the portal lets wait for the router's answers."""
    guest, stranger = venue.online(), venue.device()
    before = venue.state(guest.guest)
    venue.router.become("hangs", only="hotspot/active/print")
    entry = venue.browser(stranger).entry(guest.guest)
    with concurrent.futures.ThreadPoolExecutor(100) as crowd:
        visits = [crowd.submit(requests.get, entry, allow_redirects=False, timeout=60) for _ in range(100)]
        try:
            concurrent.futures.wait(visits, return_when=concurrent.futures.FIRST_COMPLETED)
            assert venue.probe(guest.guest)["captive"] is False
            assert "You’re online" in guest.open(guest.url).text
        finally:
            venue.router.become("works")
        assert {visit.result().status_code for visit in visits} <= {302, 429}
    assert venue.probe(guest.guest)["captive"] is False
    assert venue.state(guest.guest) == before


def test_a_device_that_the_router_has_lost_comes_back_by_the_entry(venue):
    """The other side of it: here an order is written."""
    guest = venue.online()
    session = venue.session(guest.guest)
    venue.leave(guest.guest)
    venue.join(guest.guest)
    assert eventually(lambda: guest.arrive() and venue.is_let_through(guest.guest))
    assert venue.session(guest.guest)["id"] == session["id"]
    assert venue.session(guest.guest)["expires_at"] == session["expires_at"]
    assert eventually(lambda: venue.probe(guest.guest)["captive"] is False)


# What the guest itself may do.


@pytest.mark.parametrize("own_address, way", [
    (True, "the link of the status page"), (False, "the link of the status page"), (True, "the browser's cookie"),
    (False, "the browser's cookie"), (True, "the device's own address")])
def test_a_guest_adds_time(venue, own_address, way):
    guest = venue.online(own_address)
    page = guest.link("Add time")
    if way == "the browser's cookie":
        page = guest.arrive().link("Add time")
    if way == "the device's own address":
        page = venue.browser(guest.guest, guest.guest, keeps_cookies=False).arrive().link("Add time")
    if way == "the link of the status page":
        guest = venue.browser(guest.guest, guest.guest if own_address else None, keeps_cookies=False)
    assert page and guest.enter(venue.code(), page).status_code == 303
    assert "You’re online" in guest.text and guest.has_rights()
    assert 2 * TTL - 600 < venue.left(guest.guest) <= 2 * TTL
    assert 2 * TTL - 600 - TOLERANCE < venue.left_at_router(guest.guest) <= 2 * TTL
    assert venue.session(guest.guest)


@ADDRESSES
def test_another_browser_of_the_device_gets_the_rights_by_the_code(venue, own_address):
    guest = venue.device()
    other = venue.browser(guest, guest if own_address else None, keeps_cookies=False).arrive()
    page, code = other.url, venue.code()
    first = venue.browser(guest, guest if own_address else None).arrive()
    assert first.enter(code).status_code == 303
    before = venue.session(guest)
    assert other.enter(code, page).status_code == 303
    assert other.has_rights() and other.resume_code == first.resume_code
    assert venue.session(guest)["id"] == before["id"]
    assert venue.session(guest)["expires_at"] == before["expires_at"]
    other.sign_out()
    assert eventually(lambda: not venue.is_let_through(guest))


def test_a_changed_mac_address_goes_on_at_once_by_the_cookie_from_the_device_s_own_address(venue):
    guest = venue.online()
    old, new, session = guest.guest, venue.device(), venue.session(guest.guest)
    venue.leave(old)
    guest.carry_to(new).arrive()
    assert "You’re online" in guest.text and guest.has_rights(), guest.text
    moved = venue.session(new)
    assert (moved["id"], moved["expires_at"]) == (session["id"], session["expires_at"])
    assert venue.is_let_through(new)
    assert eventually(lambda: not venue.is_let_through(old))


@ADDRESSES
def test_a_changed_mac_address_goes_on_by_the_resume_code(venue, own_address):
    guest = venue.online(own_address)
    old, new, session, code = guest.guest, venue.device(), venue.session(guest.guest), guest.resume_code
    again = venue.browser(new, new if own_address else None, keeps_cookies=False).arrive()
    assert again.enter(code).status_code == 303 and "You’re online" in again.text
    moved = venue.session(new)
    assert (moved["id"], moved["expires_at"]) == (session["id"], session["expires_at"])
    assert eventually(lambda: not venue.is_let_through(old)) and venue.is_let_through(new)
    assert again.resume_code not in (None, code)
    guest.open(guest.url)
    assert "Your time goes on elsewhere" in guest.text and not guest.has_rights()
    assert venue.browser(old).arrive().enter(code).status_code == 422, "a code is good for one move"
