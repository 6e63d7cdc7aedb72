"""What a guest was told is true after the power has gone."""

import random
import threading

import requests

from portal import Demo

ROUNDS = 5
GUESTS = 24


def redeem_until_killed(demo, guests, codes) -> dict[str, str]:
    """Code to status address of every redemption that was acknowledged before the portal was killed under them."""
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
    # Not a wait for a result: it moves the moment of the kill from round to round.
    threading.Event().wait(random.uniform(0, 0.05))
    demo.kill()
    for thread in threads:
        thread.join()
    return acknowledged


def path_of(url) -> str:
    return "/" + url.split("/", 3)[3]


def test_nothing_acknowledged_is_lost_when_the_portal_is_killed(tmp_path):
    demo = Demo(tmp_path / "data").start()
    try:
        for _ in range(ROUNDS):
            codes = [coupon["code"] for coupon in demo.new_coupons(GUESTS)]
            acknowledged = redeem_until_killed(demo, [demo.guest() for _ in range(GUESTS)], codes)
            assert acknowledged, "no redemption was acknowledged before the kill: the round shows nothing"
            demo.start()
            valid = {coupon["code"] for coupon in demo.api("GET", demo.coupons_path(), params={"limit": 500}).json()}
            assert not valid & acknowledged.keys(), "a coupon that a guest was connected with is unused again"
            for status in acknowledged.values():
                answer = requests.get(demo.portal_url + path_of(status), timeout=10)
                assert answer.status_code == 200, "a guest's session is forgotten"
            stranger = demo.guest()
            assert stranger.enter(next(iter(acknowledged))).status_code == 422, "a code worked twice"
    finally:
        demo.stop()


def test_the_books_are_whole_after_a_kill(tmp_path):
    """Each session in the books belongs to a device that redeemed, and no device has two that run."""
    demo = Demo(tmp_path / "data").start()
    try:
        guests = [demo.guest() for _ in range(GUESTS)]
        redeem_until_killed(demo, guests, [coupon["code"] for coupon in demo.new_coupons(GUESTS)])
        demo.start()
        answer = demo.api("GET", f"/captive/sites/{demo.site_id}/users", params={"limit": 500})
        running = [user["mac"].upper() for user in answer.json() if user["status"] in ("connecting", "active")]
        assert set(running) <= {guest.mac for guest in guests}
        assert len(running) == len(set(running))
    finally:
        demo.stop()
