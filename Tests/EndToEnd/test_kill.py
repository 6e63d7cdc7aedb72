"""Acknowledged redemptions survive a power failure."""

import random
import threading

import requests

from portal import Demo, Guest, eventually

ROUNDS = 5
GUESTS = 24


def redeem_until_killed(demo, guests, codes) -> dict[str, str]:
    """Returns code and status address of each redemption that was acknowledged before the portal was killed."""
    acknowledged, first = {}, threading.Event()

    def redeem(guest, code, page):
        try:
            answer = guest.enter(code, page)
        except requests.RequestException:
            return
        if answer.status_code == 303:
            acknowledged[code] = answer.headers["Location"]
            first.set()

    pages = [guest.page() for guest in guests]
    threads = [threading.Thread(target=redeem, args=three) for three in zip(guests, codes, pages)]
    for thread in threads:
        thread.start()
    first.wait(timeout=20)
    # Varies the moment of the kill between rounds.
    threading.Event().wait(random.uniform(0, 0.05))
    demo.kill()
    for thread in threads:
        thread.join()
    return acknowledged


def path_of(url) -> str:
    return "/" + url.split("/", 3)[3]


def test_no_acknowledged_redemption_is_lost_when_the_portal_is_killed(tmp_path):
    demo = Demo(tmp_path / "data").start()
    try:
        for _ in range(ROUNDS):
            codes = [coupon["code"] for coupon in demo.new_coupons(GUESTS)]
            acknowledged = redeem_until_killed(demo, [demo.guest() for _ in range(GUESTS)], codes)
            assert acknowledged, "no redemption was acknowledged before the kill: the round shows nothing"
            demo.start()
            valid = {coupon["code"] for coupon in demo.api("GET", demo.coupons_path(), params={"limit": 500}).json()}
            assert not valid & acknowledged.keys(), "the coupon of a connected guest is unused again"
            for status in acknowledged.values():
                answer = requests.get(demo.portal_url + path_of(status), timeout=10)
                assert answer.status_code == 200, "a guest's session is lost"
            stranger = demo.guest()
            assert stranger.enter(next(iter(acknowledged))).status_code == 422, "a code worked twice"
    finally:
        demo.stop()


def test_a_guest_is_online_again_after_a_kill_without_a_second_code(tmp_path):
    """The demo's router stops with its portal, as in a power cut: only the database has the remaining times."""
    demo = Demo(tmp_path / "data").start()
    try:
        guests = {coupon["code"]: demo.guest() for coupon in demo.new_coupons(GUESTS)}
        acknowledged = redeem_until_killed(demo, list(guests.values()), list(guests))
        assert acknowledged
        demo.start()
        returning = [guests[code] for code in acknowledged]
        for guest in returning:
            entry = demo.guest_url.split("?")[0]
            path = Guest(guest.mac, guest.ip, f"{entry}?mac={guest.mac}&ip={guest.ip}").page()
            assert "/status?" in path, "a guest with time left is asked for another code"
        assert eventually(lambda: {guest.mac for guest in returning} <= demo.router_active().keys())
    finally:
        demo.stop()
