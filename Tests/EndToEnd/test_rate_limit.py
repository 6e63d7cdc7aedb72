"""Guessing is slowed down, device by device; nobody can lock another guest out."""

import concurrent.futures
import uuid

import pytest
import requests

from portal import Guest, location
from served import Served, free_port

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


class Crowd:
    """Devices that somebody invents at a site, all behind one public address with an honest guest."""

    def __init__(self, portal, router):
        self.portal, self.site = portal, str(uuid.uuid4())
        self.instance = portal.api("POST", "/captive/instances", {
            "name": "Hotel", "strategy": "coupon", "session_ttl": 3600,
            "sites": [{"id": self.site, "subnets": ["10.8.0.0/16"]}]})["id"]
        portal.api("PUT", f"/captive/sites/{self.site}", {"router": router})

    def new_code(self):
        body = {"count": 1, "minutes_valid": 60}
        return self.portal.api("POST", f"/captive/instances/{self.instance}/coupons", body)[0]["code"]

    def page(self, number):
        address = f"mac=02:00:00:08:{number >> 8:02X}:{number & 255:02X}&ip=10.8.{number >> 8}.{number & 255}"
        entry = f"{self.portal.url}/hotspot/{self.site}?{address}"
        return location(requests.get(entry, allow_redirects=False, timeout=60))

    def enter(self, number, code):
        return requests.post(self.page(number), {"code": code}, allow_redirects=False, timeout=60)


@pytest.mark.parametrize("driver", ["none", "opennds", "routeros-rest"])
def test_wrong_codes_of_invented_devices_stop_no_guest_where_no_router_can_tell(tmp_path, driver):
    routers = {
        "none": {"driver": "none"}, "opennds": {"driver": "opennds", "faskey": "a-key-that-nobody-knows"},
        "routeros-rest": {"driver": "routeros-rest", "username": "u", "password": "p",
                          "url": f"http://127.0.0.1:{free_port()}"}}
    with Served(tmp_path) as portal:
        crowd = Crowd(portal, routers[driver])
        code = crowd.new_code()
        for number in range(12, 132):
            assert crowd.enter(number, "ZZZZZZ").status_code == 422
        with concurrent.futures.ThreadPoolExecutor(24) as attackers:
            storm = [attackers.submit(crowd.enter, number, "ZZZZZZ") for number in range(200, 248)]
            guest = crowd.enter(5, code)
            assert guest.status_code == 303, guest.text
            assert {answer.result().status_code for answer in storm} == {422}, "slow, and not refused"
        coupons = portal.api("GET", f"/captive/instances/{crowd.instance}/coupons")
        assert code not in {coupon["code"] for coupon in coupons}, "the guest's code is used"


def test_the_instance_has_one_budget_at_all_its_sites_and_wrong_codes_take_longer_then(tmp_path):
    with Served(tmp_path) as portal:
        crowd = Crowd(portal, {"driver": "none"})
        other = str(uuid.uuid4())
        portal.api("PUT", f"/captive/instances/{crowd.instance}", {"sites": [
            {"id": crowd.site, "subnets": ["10.8.0.0/16"]}, {"id": other, "subnets": ["10.8.0.0/16"]}]})
        portal.api("PUT", f"/captive/sites/{other}", {"router": {"driver": "none"}})
        for number in range(12, 132):
            crowd.site, other = other, crowd.site
            assert crowd.enter(number, "ZZZZZZ").status_code == 422
        assert crowd.enter(5, "ZZZZZZ").elapsed.total_seconds() >= 0.5, "it waited in the line"
