"""The simulated router's API, tested with third-party RouterOS clients.

`librouteros` and `routeros-api` frame words, log in, read traps and evaluate replies in different ways; the second rejects
unknown reply words. A reply that both accept is what a real router would send.
"""

import ssl
import subprocess

import librouteros
import pytest
import routeros_api
from librouteros.exceptions import LibRouterosError, TrapError
from librouteros.login import plain, token
from librouteros.query import And, Key, Or
from routeros_api.exceptions import RouterOsApiCommunicationError

from portal import program

MAC, IP = "AA:BB:CC:DD:EE:01", "10.5.50.2"
USER, PASSWORD = "portico", "simulated"
LOGINS = {"6.42": token, "6.49": plain, "7.16": plain, "7.21": plain}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("router")
    files = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=router", "-addext", "subjectAltName=IP:127.0.0.1", "-out", files[0], "-keyout", files[1]]
    subprocess.run(command, check=True, capture_output=True)
    return files


@pytest.fixture(params=LOGINS)
def router(request, certificate):
    """A simulated router of a release with one device on its guest network: release, API port, API port with TLS."""
    command = [program(), "router", "simulate", "--listen", "127.0.0.1:0", "--api", "127.0.0.1:0", "--user", USER]
    command += ["--api-ssl", "127.0.0.1:0", "--certificate", certificate[0], "--key", certificate[1]]
    command += ["--release", request.param, "--password", PASSWORD, "--guest", f"{MAC}={IP}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        lines = [process.stdout.readline().strip() for _ in range(3)]
        assert [line.split("://")[0] for line in lines] == ["http", "api", "api-ssl"]
        yield request.param, *(int(line.rsplit(":", 1)[1]) for line in lines[1:])
        process.terminate()


@pytest.fixture
def first(router):
    release, port, _ = router
    api = librouteros.connect("127.0.0.1", USER, PASSWORD, port=port, login_method=LOGINS[release])
    yield api
    api.close()


@pytest.fixture
def second(router):
    release, port, _ = router
    pool = routeros_api.RouterOsApiPool("127.0.0.1", USER, PASSWORD, port=port, plaintext_login=release != "6.42")
    yield pool.get_api()
    pool.disconnect()


def log_in(first):
    user = {"name": "g-01", "password": "p", "mac-address": MAC, "profile": "portico", "limit-uptime": "3600s"}
    first.path("ip", "hotspot", "user").add(**user)
    login = {"user": "g-01", "password": "p", "mac-address": MAC, "ip": IP}
    assert list(first("/ip/hotspot/active/login", **login)) == []


def test_both_clients_log_in_and_read_the_system(router, first, second):
    [resource] = first.path("system", "resource")
    assert str(resource["version"]).startswith(router[0])
    [identity] = second.get_resource("/system/identity").get()
    assert identity["name"] == "MikroTik"


def test_a_wrong_password_is_refused(router):
    release, port, _ = router
    with pytest.raises(LibRouterosError):
        librouteros.connect("127.0.0.1", USER, "wrong", port=port, login_method=LOGINS[release])
    pool = routeros_api.RouterOsApiPool("127.0.0.1", USER, "wrong", port=port, plaintext_login=release != "6.42")
    with pytest.raises(RouterOsApiCommunicationError):
        pool.get_api()


def test_a_client_speaks_tls(router, certificate):
    release, _, port = router
    context = ssl.create_default_context(cafile=certificate[0])
    wrapper = lambda socket: context.wrap_socket(socket, server_hostname="127.0.0.1")
    api = librouteros.connect("127.0.0.1", USER, PASSWORD, port=port, ssl_wrapper=wrapper, login_method=LOGINS[release])
    assert [row["address"] for row in api.path("ip", "hotspot", "host")] == [IP]
    api.close()
    pool = routeros_api.RouterOsApiPool(
        "127.0.0.1", USER, PASSWORD, port=port, use_ssl=True, ssl_context=context, plaintext_login=release != "6.42"
    )
    assert len(pool.get_api().get_resource("/ip/hotspot/host").get()) == 1
    pool.disconnect()


def test_a_guest_is_authorized_and_disconnected(first, second):
    log_in(first)
    [session] = second.get_resource("/ip/hotspot/active").get()
    assert (session["user"], session["mac-address"], session["session-time-left"]) == ("g-01", MAC, "1h")
    [host] = first.path("ip", "hotspot", "host")
    assert host["authorized"] is True
    first.path("ip", "hotspot", "active").remove(session["id"])
    assert second.get_resource("/ip/hotspot/active").get() == []


def test_rows_are_added_changed_and_removed(first, second):
    entries = first.path("ip", "firewall", "address-list")
    row = entries.add(list="portal-auth", address=IP, timeout="900s")
    assert row.startswith("*")
    entries.update(**{".id": row, "timeout": "120s"})
    assert [entry["timeout"] for entry in second.get_resource("/ip/firewall/address-list").get(list="portal-auth")] == ["2m"]
    second.get_resource("/ip/firewall/address-list").remove(id=row)
    assert list(entries) == []


def test_queries_are_evaluated_as_documented(first):
    users = first.path("ip", "hotspot", "user")
    for name, comment in [("a", "x"), ("b", "x"), ("c", "y")]:
        users.add(name=name, password="p", comment=comment)
    name, comment = Key("name"), Key("comment")
    assert [row["name"] for row in users.select(name).where(comment == "x")] == ["a", "b"]
    assert [row["name"] for row in users.select(name).where(Or(name == "a", name == "c"))] == ["a", "c"]
    assert [row["name"] for row in users.select(name).where(And(comment == "x", name != "a"))] == ["b"]


def test_refusals_are_traps_with_routeros_messages(first, second):
    entries = first.path("ip", "firewall", "address-list")
    entries.add(list="portal-auth", address=IP)
    with pytest.raises(TrapError, match="already have such entry"):
        entries.add(list="portal-auth", address=IP)
    with pytest.raises(TrapError, match="no such item"):
        entries.remove("*FF")
    with pytest.raises(RouterOsApiCommunicationError, match="unknown parameter"):
        second.get_resource("/ip/hotspot/ip-binding").add(mac_address=MAC, timeout="1h")
    with pytest.raises(RouterOsApiCommunicationError, match="no such command"):
        second.get_resource("/ip/nonexistent").get()
    # The connection still works.
    assert len(list(entries)) == 1


def test_replies_to_concurrent_commands_are_matched_by_tag(second):
    hosts = second.get_binary_resource("/ip/hotspot/host").call_async("print")
    identity = second.get_binary_resource("/system/identity").call_async("print")
    servers = second.get_binary_resource("/ip/hotspot").call_async("print")
    assert [row["name"] for row in servers.get()] == [b"portico"]
    assert [row["address"] for row in hosts.get()] == [IP.encode()]
    assert [row["name"] for row in identity.get()] == [b"MikroTik"]
