"""The walled garden: set by the API, applied to the router, reported by the API."""

import subprocess
import time

import pytest
import requests

from portal import eventually, program
from ports import free_port

IN_PLACE = 15


@pytest.fixture
def garden(demo):
    """The path of the demo site's walled garden; added entries are deleted afterwards."""
    path = f"/captive/walled-garden/{demo.site_id}"
    before = {entry["id"] for entry in demo.api("GET", path).json()}
    yield path
    for entry in demo.api("GET", path).json():
        if entry["id"] not in before:
            demo.api("DELETE", f"{path}/{entry['id']}")


class Router:
    """A simulated router that stops and restarts, empty, at the same address; its guests' devices join again."""

    user, password = "portico", "simulated"

    def __init__(self, guests=()):
        self.guests = [argument for guest in guests for argument in ("--guest", f"{guest.mac}={guest.ip}")]
        self.listen = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.listen}"

    def start(self):
        command = [program(), "router", "simulate", "--listen", self.listen, "--user", self.user]
        command += ["--password", self.password, *self.guests]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().strip() == self.url

    def stop(self):
        self.process.terminate()
        self.process.communicate(timeout=15)

    @property
    def settings(self) -> dict:
        return {"driver": "routeros-rest", "url": self.url, "username": self.user, "password": self.password}


@pytest.fixture
def router():
    router = Router()
    router.start()
    yield router
    router.stop()


def held(demo) -> set[str]:
    """The router's walled garden entries with the portal's tag."""
    rows = demo.router("ip/hotspot/walled-garden/ip") + demo.router("ip/hotspot/walled-garden")
    return {row.get("dst-host") or row["dst-address"] for row in rows if row.get("comment") == "portico:garden"}


def state(demo) -> dict:
    answer = demo.api("GET", f"/captive/sites/{demo.site_id}/walled-garden")
    assert answer.status_code == 200, answer.text
    return answer.json()


def add(demo, garden, **entry) -> dict:
    answer = demo.api("POST", garden, {"name": "Test"} | entry)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_the_router_initially_has_the_portal_and_the_providers_in_use(demo):
    assert eventually(lambda: state(demo)["in_sync"], IN_PLACE), state(demo)
    rules = state(demo)["rules"]
    assert {reason["kind"] for rule in rules for reason in rule["reasons"]} >= {"portal"}
    assert {rule["host"] or rule["ip_address"] for rule in rules} == held(demo)


def test_an_entry_is_added_and_removed_within_seconds(demo, garden):
    host = add(demo, garden, host="login.example.com", type="captive-auth")
    add(demo, garden, host="*.cdn.example.com")
    add(demo, garden, ip_address="203.0.113.0/24")
    wanted = {"login.example.com", "*.cdn.example.com", "203.0.113.0/24"}
    assert eventually(lambda: wanted <= held(demo), IN_PLACE)
    assert demo.api("PUT", f"{garden}/{host['id']}", {"host": "sso.example.com"}).status_code == 202
    assert eventually(lambda: {"sso.example.com"} <= held(demo) and "login.example.com" not in held(demo), IN_PLACE)
    assert demo.api("DELETE", f"{garden}/{host['id']}").status_code == 204
    assert eventually(lambda: "sso.example.com" not in held(demo), IN_PLACE)
    assert eventually(lambda: state(demo)["in_sync"], IN_PLACE)


def test_a_removed_rule_is_reported_and_restored(demo, garden):
    add(demo, garden, ip_address="198.51.100.7")
    assert eventually(lambda: "198.51.100.7" in held(demo), IN_PLACE)
    login = (demo.router_user, demo.router_password)
    row = next(row for row in demo.router("ip/hotspot/walled-garden/ip") if row.get("dst-address") == "198.51.100.7")
    requests.delete(f"{demo.router_url}/rest/ip/hotspot/walled-garden/ip/{row['.id']}", auth=login, timeout=10)
    told = state(demo)
    assert told["status"] == "out_of_sync"
    assert [rule["held"] for rule in told["rules"] if rule["ip_address"] == "198.51.100.7"] == [False]
    add(demo, garden, ip_address="198.51.100.8")
    assert eventually(lambda: {"198.51.100.7", "198.51.100.8"} <= held(demo), IN_PLACE)


def test_probe_hosts_and_duplicates_are_refused(demo, garden):
    refused = demo.api("POST", garden, {"name": "Apple", "host": "captive.apple.com"})
    assert (refused.status_code, refused.json()["code"]) == (400, "parameter_invalid")
    assert "captive.apple.com" in refused.json()["message"]
    add(demo, garden, host="a.example.com")
    assert demo.api("POST", garden, {"name": "Again", "host": "A.example.com"}).status_code == 409


def test_a_router_gets_its_walled_garden_after_a_failure(fresh_demo, router):
    demo = fresh_demo
    garden = f"/captive/walled-garden/{demo.site_id}"
    assert demo.api("PUT", f"/captive/sites/{demo.site_id}", {"router": router.settings}).status_code == 202
    assert eventually(lambda: state(demo)["in_sync"], IN_PLACE), state(demo)
    router.stop()
    add(demo, garden, host="late.example.com")
    assert eventually(lambda: state(demo)["reason"] == "router_unreachable", IN_PLACE), state(demo)
    time.sleep(3)
    router.start()
    assert eventually(lambda: state(demo)["in_sync"], IN_PLACE), state(demo)
    assert any(rule["host"] == "late.example.com" and rule["held"] for rule in state(demo)["rules"])
