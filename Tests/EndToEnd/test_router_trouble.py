"""A router that is down, hangs, is slow or refuses: other sites are not affected, and no guest loses time."""

import re
import time
import uuid
from urllib.parse import urljoin

import pytest
import requests

from failing_router import FailingRouter
from portal import eventually, location
from test_session_life import seconds_left

# A call that hangs when the router recovers, a pause, and the delivery.
BACK = 12


@pytest.fixture
def trouble(fresh_demo):
    """A second site whose router can fail, with an instance and five devices."""
    demo, site = fresh_demo, str(uuid.uuid4())
    guests = [demo.guest() for _ in range(5)]
    with FailingRouter(guests) as router:
        put = demo.api("PUT", f"/captive/sites/{site}", {"name": "Annexe", "router": router.settings})
        assert put.status_code == 202, put.text
        instance = demo.api("POST", "/captive/instances", {
            "name": "Annexe", "strategy": "coupon", "session_ttl": 3600,
            "sites": [{"id": site, "subnets": ["10.5.0.0/16"]}]})
        assert instance.status_code == 201, instance.text
        yield Trouble(demo, site, instance.json()["id"], router, guests)


class Trouble:
    def __init__(self, demo, site, instance, router, guests):
        self.demo, self.site, self.instance, self.router, self.guests = demo, site, instance, router, guests

    def code(self) -> str:
        return self.demo.new_coupons(1, instance=self.instance)[0]["code"]

    def entry(self, guest) -> str:
        address = f"{self.demo.portal_url}/hotspot/{self.site}?mac={guest.mac}&ip={guest.ip}"
        return location(requests.get(address, allow_redirects=False, timeout=20))

    def enter(self, guest, code=None) -> str:
        """Returns the status page's address."""
        page = self.entry(guest)
        answer = requests.post(page, {"code": code or self.code()}, allow_redirects=False, timeout=20)
        assert answer.status_code == 303, answer.text
        return location(answer)

    def reads(self, status) -> str:
        return requests.get(status, timeout=20).text

    def health(self) -> dict:
        return self.demo.api("GET", f"/captive/sites/{self.site}/health").json()

    def is_online(self, guest, status) -> bool:
        return guest.mac in self.router.active() and "You’re online" in self.reads(status)

    def users(self, guest) -> list[dict]:
        return self.demo.api("GET", f"/captive/sites/{self.site}/users", params={"mac": guest.mac}).json()


@pytest.mark.parametrize("mode, reason", [
    ("drops", "router_unreachable"), ("hangs", "router_unreachable"), ("unauthorized", "router_unauthorized"),
    ("forbidden", "router_forbidden"),
])
def test_a_failing_router_is_not_overloaded_and_its_guests_get_their_whole_time(trouble, mode, reason):
    demo, router = trouble.demo, trouble.router
    router.become(mode)
    pages = {guest: trouble.enter(guest) for guest in trouble.guests}
    for guest in [demo.guest() for _ in range(3)]:
        start = time.monotonic()
        assert guest.enter(demo.new_code()).status_code == 303
        assert guest.mac in demo.router_active(), "the other site's router works"
        assert time.monotonic() - start < 2
    for status in pages.values():
        assert "Connecting you" in trouble.reads(status)
    assert trouble.health()["reason"] == reason
    router.asked.clear()
    time.sleep(8)
    assert 2 <= len(router.asked) <= 10, "called at most once a second, apart from the periodic visits"
    router.become("works")
    for guest, status in pages.items():
        assert eventually(lambda: trouble.is_online(guest, status), BACK), trouble.users(guest)
        assert 3_590 <= seconds_left(router.active()[guest.mac]) <= 3_600


def test_a_slow_router_authorizes_its_guests(trouble):
    trouble.router.become("slow")
    pages = {guest: trouble.enter(guest) for guest in trouble.guests[:2]}
    for guest, status in pages.items():
        assert eventually(lambda: trouble.is_online(guest, status), 20), trouble.users(guest)


def test_a_portal_killed_during_a_router_failure_delivers_after_both_recover(trouble):
    demo, router, guest = trouble.demo, trouble.router, trouble.guests[0]
    router.become("drops")
    status = trouble.enter(guest)
    demo.kill()
    demo.start()
    router.become("works")
    status = demo.portal_url + "/" + status.split("/", 3)[3]
    assert eventually(lambda: trouble.is_online(guest, status), BACK)
    assert [user["status"] for user in trouble.users(guest)] == ["active"]


@pytest.mark.parametrize("mode", ["refused", "full", "unauthorized"])
def test_a_renewal_that_the_router_refuses_costs_no_time(trouble, mode):
    router, guest = trouble.router, trouble.guests[0]
    status = trouble.enter(guest)
    assert eventually(lambda: trouble.is_online(guest, status))
    router.become(mode, only="hotspot/active/login")
    renewal = trouble.code()
    extend = re.search(r'href="([^"]*/preauth[^"]*)"', trouble.reads(status)).group(1)
    answer = requests.post(urljoin(status, extend), {"code": renewal}, allow_redirects=False, timeout=20)
    assert answer.status_code == 303
    if mode == "refused":
        assert eventually(lambda: [user["status"] for user in trouble.users(guest)] == ["failed", "active"])
        valid = trouble.demo.api("GET", trouble.demo.coupons_path(trouble.instance)).json()
        assert renewal in {coupon["code"] for coupon in valid}, "the coupon is returned"
        assert "Connecting you" in trouble.reads(status)
    router.become("works")
    least = 3_500 if mode == "refused" else 7_100
    online = lambda: (row := router.active().get(guest.mac)) and seconds_left(row) >= least
    assert eventually(online, BACK + 3), (router.active(), trouble.users(guest))
    assert [user["status"] for user in trouble.users(guest)].count("active") == 1


def test_a_sign_out_during_a_router_failure_is_executed_after_it_recovers(trouble):
    router, guest = trouble.router, trouble.guests[0]
    status = trouble.enter(guest)
    assert eventually(lambda: trouble.is_online(guest, status))
    router.become("hangs")
    requests.post(status.replace("/status", "/logout"), timeout=20)
    assert "You’re signed out" in trouble.reads(status)
    router.become("works")
    assert eventually(lambda: guest.mac not in router.active(), BACK)


def test_an_order_follows_its_site_to_another_router(trouble):
    demo, guest = trouble.demo, trouble.guests[0]
    trouble.router.become("drops")
    status = trouble.enter(guest)
    with FailingRouter([guest]) as other:
        put = demo.api("PUT", f"/captive/sites/{trouble.site}", {"router": other.settings})
        assert put.status_code == 202, put.text
        assert eventually(lambda: guest.mac in other.active(), BACK)
        assert eventually(lambda: "You’re online" in trouble.reads(status))
        assert guest.mac not in trouble.router.active()
