"""A router restarts while guests are online: their sessions are restored, and other entries are not touched."""

import contextlib
import signal
import time

import requests

from portal import eventually, location
from test_session_life import seconds_left
from test_walled_garden import Router

# The portal does not compare entries that a router confirmed less than ten seconds ago.
SETTLED = 11
VISITED = 40


def ask(router, method, path, body=None):
    login = (router.user, router.password)
    answer = requests.request(method, f"{router.url}/rest/{path}", json=body, auth=login, timeout=10)
    assert answer.status_code < 300, answer.text
    return answer.json()


def active(router) -> dict[str, dict]:
    return {row["mac-address"]: row for row in ask(router, "GET", "ip/hotspot/active")}


def admit(router, guest, name, **user):
    """Logs in a device that did not use the portal."""
    ask(router, "PUT", "ip/hotspot/user", {"name": name, "password": "p", "mac-address": guest.mac, **user})
    login = {"user": name, "password": "p", "mac-address": guest.mac, "ip": guest.ip}
    ask(router, "POST", "ip/hotspot/active/login", login)


def page_of(demo, guest) -> str:
    entry = f"{demo.portal_url}/hotspot/{demo.site_id}?mac={guest.mac}&ip={guest.ip}"
    return location(requests.get(entry, allow_redirects=False, timeout=10))


@contextlib.contextmanager
def unseen_by(demo):
    """Stops the portal, so that it sees all changes of the router at once."""
    demo.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        demo.process.send_signal(signal.SIGCONT)


def test_running_sessions_are_restored_and_unknown_devices_removed_after_a_restart(fresh_demo):
    demo = fresh_demo
    guests, stranger, other = [demo.guest() for _ in range(3)], demo.guest(), demo.guest()
    router = Router([*guests, stranger, other])
    router.start()
    try:
        site = f"/captive/sites/{demo.site_id}"
        assert demo.api("PUT", site, {"router": router.settings}).status_code == 202
        responses = [guest.enter(demo.new_code(), page_of(demo, guest)) for guest in guests]
        assert [answer.status_code for answer in responses] == [303] * 3
        assert eventually(lambda: active(router).keys() == {guest.mac for guest in guests})
        granted = min(seconds_left(row) for row in active(router).values())
        time.sleep(SETTLED)
        with unseen_by(demo):
            router.stop()
            router.start()
            assert active(router) == {}
            admit(router, stranger, "portico-" + stranger.mac.replace(":", ""), comment="portico:guest")
            admit(router, other, "reception", comment="the hotel's own")
            own = [row for row in ask(router, "GET", "ip/hotspot/user") if row["name"] == "reception"]
        kept = {other.mac, *(guest.mac for guest in guests)}
        assert eventually(lambda: active(router).keys() == kept, VISITED), active(router)
        left = [seconds_left(active(router)[guest.mac]) for guest in guests]
        assert all(granted - 120 < seconds <= granted - SETTLED + 1 for seconds in left), (granted, left)
        users = ask(router, "GET", "ip/hotspot/user")
        assert [row for row in users if row["name"] == "reception"] == own
        assert not any(stranger.mac.replace(":", "") in row["name"] for row in users)
        for answer in responses:
            assert "You’re online" in requests.get(location(answer), timeout=10).text
    finally:
        router.stop()
