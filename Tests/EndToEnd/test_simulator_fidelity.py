"""The simulated router, tested with third-party RouterOS clients.

`rosrestpy` parses each row into a typed object and rejects unexpected values; `routeros-client` speaks REST with its own
error handling. A response that both accept, and that the portal's driver uses, is what a real router would send.
"""

import subprocess

import pytest
from ros import Ros
from ros.error import Error
from routeros_client import RestApi, RouterOSAPIError

from portal import program

MAC, IP = "AA:BB:CC:DD:EE:01", "10.5.50.2"
USER, PASSWORD = "portico", "simulated"


@pytest.fixture
def router():
    """A simulated router with one device on its guest network; its origin."""
    command = [program(), "router", "simulate", "--listen", "127.0.0.1:0", "--user", USER]
    command += ["--password", PASSWORD, "--guest", f"{MAC}={IP}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.fixture
def typed(router):
    return Ros(f"{router}/", USER, PASSWORD)


@pytest.fixture
def plain(router):
    port = int(router.rsplit(":", 1)[1])
    return RestApi("127.0.0.1", USER, PASSWORD, port=port, use_ssl=False)


def log_in(plain):
    user = {"name": "g-01", "password": "p", "mac-address": MAC, "profile": "portico", "limit-uptime": "3600s"}
    plain.add("ip/hotspot/user", **user)
    plain.command("ip/hotspot/active", "login", **{"user": "g-01", "password": "p", "mac-address": MAC, "ip": IP})


def test_a_typed_client_understands_the_system(typed):
    resource = typed.system.resource
    assert resource.version == "7.16.2 (stable)"
    assert resource.cpu_count == 1
    assert typed.system.identity.name == "MikroTik"


def test_a_typed_client_understands_the_hotspot(typed, plain):
    log_in(plain)
    assert [server.name for server in typed.ip.hotspot()] == ["portico"]
    assert [(host.mac_address, host.address, host.authorized) for host in typed.ip.hotspot.host()] == [(MAC, IP, True)]
    [session] = typed.ip.hotspot.active()
    assert (session.user, session.mac_address, session.session_time_left) == ("g-01", MAC, "1h")
    [user] = typed.ip.hotspot.user()
    assert (user.name, user.limit_uptime, user.profile) == ("g-01", "1h", "portico")


def test_a_typed_client_filters(typed):
    assert len(typed.ip.hotspot.host(mac_address=MAC)) == 1
    assert typed.ip.hotspot.host(mac_address="00:00:00:00:00:01") == []


def test_a_wrong_password_is_an_error_to_a_typed_client(router):
    with pytest.raises(Error) as refusal:
        Ros(f"{router}/", USER, "wrong").system.resource
    assert refusal.value.error == 401


def test_a_plain_client_adds_changes_and_removes(plain):
    added = plain.add("ip/firewall/address-list", list="portal-auth", address=IP, timeout="900s")
    assert (added["timeout"], added["dynamic"]) == ("15m", "true")
    changed = plain.set(f"ip/firewall/address-list/{added['.id']}", timeout="120s")
    assert changed["timeout"] == "2m"
    plain.remove(f"ip/firewall/address-list/{added['.id']}")
    assert plain.get("ip/firewall/address-list") == []


def test_a_plain_client_gets_an_error_for_a_duplicate(plain):
    plain.add("ip/firewall/address-list", list="portal-auth", address=IP)
    with pytest.raises(RouterOSAPIError, match="already have such entry"):
        plain.add("ip/firewall/address-list", list="portal-auth", address=IP)


def test_a_plain_client_gets_an_error_for_an_unknown_argument(plain):
    with pytest.raises(RouterOSAPIError, match="unknown parameter timeout"):
        plain.add("ip/hotspot/ip-binding", **{"mac-address": MAC, "timeout": "1h"})
