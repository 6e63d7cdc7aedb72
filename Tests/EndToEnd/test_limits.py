"""The attempt limit slows down only the device that guesses."""

TRIES_A_MINUTE = 10


def test_the_eleventh_attempt_in_a_minute_has_to_wait_and_other_devices_do_not(demo):
    guesser, other, code = demo.guest(), demo.guest(), demo.new_code()
    form = guesser.page()
    assert [guesser.enter("AAAAAA", form).status_code for _ in range(TRIES_A_MINUTE)] == [422] * TRIES_A_MINUTE

    refusal = guesser.enter("AAAAAA", form)
    assert refusal.status_code == 429
    assert 0 < int(refusal.headers["Retry-After"]) <= 60
    assert "Too many tries." in refusal.text

    assert guesser.enter(code, form).status_code == 429, "the right code does not end the wait"
    assert guesser.enter(code, guesser.page()).status_code == 429, "nor does a new page"
    assert other.enter(code).status_code == 303
