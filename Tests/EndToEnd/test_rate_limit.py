"""Guessing is slowed down, device by device; nobody can lock another guest out."""

from portal import Guest

TRIES = 10


def exhaust(guest: Guest, page: str):
    """Uses up the tries of a minute with codes that are none (`0` and `1` are in no code)."""
    for number in range(TRIES):
        assert guest.enter(f"0000{number:02d}", page).status_code == 422


def test_the_eleventh_try_in_a_minute_has_to_wait(demo):
    guest = demo.guest()
    page = guest.page()
    exhaust(guest, page)
    answer = guest.enter("000011", page)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "Too many tries" in answer.text


def test_the_right_code_waits_too_and_is_not_used_up(demo):
    guest, code = demo.guest(), demo.new_code()
    page = guest.page()
    exhaust(guest, page)
    assert guest.enter(code, page).status_code == 429
    assert code in {coupon["code"] for coupon in demo.api("GET", demo.coupons_path()).json()}


def test_another_device_of_the_same_site_goes_on(demo):
    guesser, other = demo.guest(), demo.guest()
    page = guesser.page()
    exhaust(guesser, page)
    assert guesser.enter("000011", page).status_code == 429
    assert other.enter(demo.new_code()).status_code == 303


def test_a_new_page_gives_no_new_tries(demo):
    guest = demo.guest()
    exhaust(guest, guest.page())
    assert guest.enter("000011", guest.page()).status_code == 429


def test_a_storm_of_wrong_codes_locks_no_other_device_out(demo):
    for _ in range(15):
        guesser = demo.guest()
        exhaust(guesser, guesser.page())
    assert demo.guest().enter(demo.new_code()).status_code == 303
