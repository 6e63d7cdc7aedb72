"""Attempt limits apply to each device; no device can block another guest."""

import concurrent.futures
import uuid

import pytest
import requests

from portal import Guest, location
from served import Served, free_port

TRIES = 10


def exhaust(guest: Guest, page: str):
    """Uses up the attempts of a minute with invalid codes (no code contains `0` or `1`)."""
    for number in range(TRIES):
        assert guest.enter(f"0000{number:02d}", page).status_code == 422


def test_the_eleventh_attempt_in_a_minute_has_to_wait(demo):
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


def test_another_device_of_the_same_site_is_not_affected(demo):
    guesser, other = demo.guest(), demo.guest()
    page = guesser.page()
    exhaust(guesser, page)
    assert guesser.enter("000011", page).status_code == 429
    assert other.enter(demo.new_code()).status_code == 303


def test_a_new_page_gives_no_new_attempts(demo):
    guest = demo.guest()
    exhaust(guest, guest.page())
    assert guest.enter("000011", guest.page()).status_code == 429


def test_many_wrong_codes_block_no_other_device(demo):
    for _ in range(15):
        guesser = demo.guest()
        exhaust(guesser, guesser.page())
    assert demo.guest().enter(demo.new_code()).status_code == 303


class InventedDevices:
    """Invented devices at a site, behind one public address with an honest guest."""

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
def test_wrong_codes_of_invented_devices_block_no_guest_if_the_router_cannot_tell(tmp_path, driver):
    routers = {
        "none": {"driver": "none"}, "opennds": {"driver": "opennds", "faskey": "a-shared-key"},
        "routeros-rest": {"driver": "routeros-rest", "username": "u", "password": "p",
                          "url": f"http://127.0.0.1:{free_port()}"}}
    with Served(tmp_path) as portal:
        devices = InventedDevices(portal, routers[driver])
        code = devices.new_code()
        for number in range(12, 132):
            assert devices.enter(number, "ZZZZZZ").status_code == 422
        with concurrent.futures.ThreadPoolExecutor(24) as attackers:
            storm = [attackers.submit(devices.enter, number, "ZZZZZZ") for number in range(200, 248)]
            guest = devices.enter(5, code)
            assert guest.status_code == 303, guest.text
            assert {answer.result().status_code for answer in storm} == {422}, "slow, but not refused"
        coupons = portal.api("GET", f"/captive/instances/{devices.instance}/coupons")
        assert code not in {coupon["code"] for coupon in coupons}, "the guest's code is used"


def test_the_budget_of_an_instance_covers_all_its_sites(tmp_path):
    with Served(tmp_path) as portal:
        devices = InventedDevices(portal, {"driver": "none"})
        other = str(uuid.uuid4())
        portal.api("PUT", f"/captive/instances/{devices.instance}", {"sites": [
            {"id": devices.site, "subnets": ["10.8.0.0/16"]}, {"id": other, "subnets": ["10.8.0.0/16"]}]})
        portal.api("PUT", f"/captive/sites/{other}", {"router": {"driver": "none"}})
        for number in range(12, 132):
            devices.site, other = other, devices.site
            assert devices.enter(number, "ZZZZZZ").status_code == 422
        assert devices.enter(5, "ZZZZZZ").elapsed.total_seconds() >= 0.5, "it waited in the queue"
