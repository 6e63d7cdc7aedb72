"""A guest's session at a site whose router is controlled through RouterOS's API, and what admins see."""

import contextlib
import subprocess
import uuid

import librouteros
import pytest
import requests
from librouteros.login import plain, token

from portal import eventually, location, program

MAC, IP = "02:00:00:02:00:01", "10.60.0.7"
USER, PASSWORD = "portico", "simulated-api"


@contextlib.contextmanager
def simulated(release):
    """A simulated router of that release with one device: the API's address, and a client for it."""
    command = [program(), "router", "simulate", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0", "--user", USER]
    command += ["--release", release, "--password", PASSWORD, "--guest", f"{MAC}={IP}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            process.stdout.readline()
            address = process.stdout.readline().strip()
            port = int(address.rsplit(":", 1)[1])
            method = token if release == "6.42" else plain
            yield address, librouteros.connect("127.0.0.1", USER, PASSWORD, port=port, login_method=method)
        finally:
            process.terminate()


def site_of(demo, address):
    """Creates a site with that router, and an instance at the site."""
    site = str(uuid.uuid4())
    router = {"driver": "routeros-api", "url": address, "username": USER, "password": PASSWORD}
    assert demo.api("PUT", f"/captive/sites/{site}", {"router": router}).status_code == 202
    created = demo.api("POST", "/captive/instances", {"name": "Pier", "strategy": "coupon", "session_ttl": 3600})
    assert created.status_code == 201, created.text
    changes = {"sites": [{"id": site, "subnets": ["10.60.0.0/24"]}]}
    assert demo.api("PUT", f"/captive/instances/{created.json()['id']}", changes).status_code == 202
    return site, created.json()["id"]


@pytest.mark.parametrize("release", ["6.42", "6.49", "7.16", "7.21"])
def test_a_guest_goes_online_and_is_disconnected(fresh_demo, release):
    with simulated(release) as (address, router):
        demo = fresh_demo
        site, instance = site_of(demo, address)
        health = demo.api("GET", f"/captive/sites/{site}/health").json()
        assert health["status"] == "ok", health
        code = demo.new_coupons(1, instance=instance)[0]["code"]
        entry = f"{demo.portal_url}/hotspot/{site}?mac={MAC}&ip={IP}"
        page = location(requests.get(entry, allow_redirects=False, timeout=10))
        status = location(requests.post(page, {"code": code}, allow_redirects=False, timeout=10))
        active = router.path("ip", "hotspot", "active")
        sessions = eventually(lambda: list(active))
        assert [(row["mac-address"], row["address"]) for row in sessions] == [(MAC, IP)]
        assert requests.get(status, timeout=10).status_code == 200
        [user] = eventually(lambda: demo.api("GET", f"/captive/sites/{site}/users?status=active").json())
        assert demo.api("DELETE", f"/captive/sites/{site}/users/{user['id']}").status_code == 204
        assert eventually(lambda: not list(active))
        assert PASSWORD not in demo.log()


def test_the_router_script_of_an_api_site_sets_up_the_api(fresh_demo, portico):
    with simulated("7.16") as (address, _):
        site, _ = site_of(fresh_demo, address)
        script = portico("router", "script", "--site", site, **fresh_demo.settings).stdout
    assert "/ip/service set api-ssl" in script.replace("/ip service", "/ip/service")
    assert "www-ssl" not in script
    assert "read,write,api,!rest-api" in script


def test_check_warns_about_an_api_without_tls(fresh_demo, portico):
    with simulated("7.16") as (address, _):
        site, _ = site_of(fresh_demo, address)
        result = portico("check", **fresh_demo.settings)
    assert f"{site}: the router is reached without TLS" in result.stdout + result.stderr
