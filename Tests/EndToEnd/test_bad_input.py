"""Malformed input is rejected and does not affect other clients."""

import re
import shutil
import socket
import subprocess
import time

import pytest
import requests

HEAD = b"Host: HOST\r\nConnection: close\r\n"

REFUSED = {
    "transfer-encoding and content-length": (
        b"POST /preauth HTTP/1.1\r\n" + HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    "chunked is not the last coding": (
        b"POST /preauth HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n", {400, 501}),
    "an unknown coding": (
        b"POST /preauth HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: braille\r\n\r\n", {400, 501}),
    "two different lengths": (
        b"POST /preauth HTTP/1.1\r\n" + HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", {400}),
    "a negative length": (b"POST /preauth HTTP/1.1\r\n" + HEAD + b"Content-Length: -1\r\n\r\n", {400}),
    "a length beyond counting": (
        b"POST /preauth HTTP/1.1\r\n" + HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n", {400, 413}),
    "a chunk size beyond counting": (
        b"POST /preauth HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n", {400, 413}),
    "no host": (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", {400}),
    "two hosts": (b"GET / HTTP/1.1\r\n" + HEAD + b"Host: other.example\r\n\r\n", {400}),
    "a host that is no host": (b"GET / HTTP/1.1\r\nHost: a b/c@d\r\nConnection: close\r\n\r\n", {400}),
    "a space before the colon": (b"GET / HTTP/1.1\r\n" + HEAD + b"Accept : */*\r\n\r\n", {400}),
    "a folded line": (b"GET / HTTP/1.1\r\n" + HEAD + b"Accept: a,\r\n b\r\n\r\n", {400}),
    "a bare carriage return": (b"GET / HTTP/1.1\r\n" + HEAD + b"Accept: a\rb\r\n\r\n", {400}),
    "a bare line feed": (b"GET / HTTP/1.1\nHost: HOST\n\n", {400}),
    "a zero byte in a field": (b"GET / HTTP/1.1\r\n" + HEAD + b"Accept: a\x00b\r\n\r\n", {400}),
    "a zero byte in the path": (b"GET /%00 HTTP/1.1\r\n" + HEAD + b"\r\n", {400}),
    "a path that is no UTF-8": (b"GET /%FF%FE HTTP/1.1\r\n" + HEAD + b"\r\n", {400}),
    "a broken escape": (b"GET /%zz HTTP/1.1\r\n" + HEAD + b"\r\n", {400}),
    "another protocol's version": (b"GET / HTTP/9.9\r\n" + HEAD + b"\r\n", {400, 505}),
    "a request line without end": (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n", {414}),
    "a header block without end": (b"GET / HTTP/1.1\r\n" + HEAD + b"X: " + b"a" * 17_000 + b"\r\n\r\n", {431}),
    "a hundred and one fields": (b"GET / HTTP/1.1\r\n" + HEAD + b"X: y\r\n" * 101 + b"\r\n", {431}),
    "a TLS greeting": (bytes.fromhex("16030100f4010000f00303") + bytes(200), {400}),
    "noise": (bytes(range(1, 256)) * 2, {400}),
    "a form larger than a form": (
        b"POST /preauth?token=x HTTP/1.1\r\n" + HEAD
        + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 70000\r\n\r\n", {413}),
    "a JSON body larger than allowed": (
        b"POST /captive/instances HTTP/1.1\r\n" + HEAD
        + b"Content-Type: application/json\r\nContent-Length: 2000000\r\n\r\n", {401, 413}),
}


def conversation(address, data) -> bytes:
    """Returns the whole response to `data`; the server must close the connection."""
    with socket.create_connection(address, timeout=12) as connection:
        connection.sendall(data.replace(b"HOST", b"%s:%d" % (address[0].encode(), address[1])))
        answer = b""
        while part := receive(connection):
            answer += part
        return answer


def receive(connection) -> bytes:
    """Like `recv`; a reset after the response (RFC 9112, 9.6) counts as its end."""
    try:
        return connection.recv(65_536)
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("name", REFUSED)
def test_malformed_input_is_rejected_with_its_status(demo, name):
    data, statuses = REFUSED[name]
    answer = conversation(demo.address, data)
    match = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    assert match, f"no status line: {answer[:80]!r}"
    assert int(match[1]) in statuses
    assert answer.count(b"HTTP/1.1 ") == 1, "bytes after a rejected message must not be parsed as a request"


def test_a_form_that_is_too_large_gets_a_page(demo):
    data, _ = REFUSED["a form larger than a form"]
    assert b"<main" in conversation(demo.address, data)


@pytest.mark.parametrize("method,path,status,code", [
    ("POST", "/captive/nothing", 404, "route_not_found"), ("PATCH", "/captive/instances", 405, "method_not_allowed")])
def test_a_body_does_not_change_the_status_of_an_unknown_call(demo, method, path, status, code):
    answer = demo.api(method, path, {})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_the_portal_works_after_malformed_input(demo):
    for data, _ in REFUSED.values():
        conversation(demo.address, data)
    guest = demo.guest()
    assert guest.enter(demo.new_code()).status_code == 303


@pytest.mark.parametrize("path", ["/../../../etc/passwd", "/captive/assets/..%2f..%2fetc/passwd", "/public/%2e%2e/secret.key"])
def test_no_path_leads_out_of_the_public_folder(demo, path):
    request = f"GET {path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n".encode()
    answer = conversation(demo.address, request)
    assert re.match(rb"HTTP/1\.1 (400|403|404) ", answer)
    assert b"root:" not in answer


def test_client_input_is_escaped_in_pages(demo):
    guest = demo.guest()
    answer = guest.enter('"><script>alert(1)</script>')
    assert answer.status_code == 422
    assert "<script" not in answer.text


@pytest.mark.parametrize("field,value", [("mac", "not-a-mac"), ("ip", "10.5.0.999"), ("mac", "<script>"), ("ip", "203.0.113.9")])
def test_an_invalid_entry_gets_a_page(demo, field, value):
    fields = {"mac": "02:00:00:09:00:01", "ip": "10.5.9.1"} | {field: value}
    answer = requests.get(f"{demo.portal_url}/hotspot/{demo.site_id}", params=fields, allow_redirects=False, timeout=10)
    assert answer.status_code in (400, 404)
    assert "<main" in answer.text and value not in answer.text


@pytest.mark.parametrize("token", ["", "x", "A" * 300, "../../..", "%00"])
def test_an_invalid_token_gets_a_page_with_a_link_back(demo, token):
    for path in ("/preauth", "/status"):
        answer = requests.get(f"{demo.portal_url}{path}", params={"token": token}, timeout=10)
        assert answer.status_code == 400
        assert 'href="/"' in answer.text


def test_a_device_cannot_use_the_address_of_another(demo):
    """The router knows which device has an address; a guest who claims another's keeps its coupon and is not authorized."""
    honest, forger = demo.guest(), demo.guest()
    honest.page()
    forger.page()
    code = demo.new_code()
    claim = requests.get(
        f"{demo.portal_url}/hotspot/{demo.site_id}", params={"mac": forger.mac, "ip": honest.ip},
        allow_redirects=False, timeout=10)
    answer = requests.post(claim.headers["Location"], {"code": code}, timeout=20)
    assert "You’re online" not in answer.text
    assert not {honest.mac, forger.mac} & demo.router_active().keys()
    assert code in {coupon["code"] for coupon in demo.api("GET", demo.coupons_path()).json()}


@pytest.mark.skipif(not shutil.which("slowhttptest"), reason="slowhttptest is not installed")
@pytest.mark.parametrize("mode", [["-H"], ["-B", "-t", "POST", "-s", "8192"], ["-X", "-w", "1", "-y", "64", "-n", "5", "-z", "5"]],
                         ids=["slow headers", "slow bodies", "slow readers"])
def test_slow_clients_do_not_delay_others(fresh_demo, tmp_path, mode):
    url = fresh_demo.guest().page()
    command = ["slowhttptest", *mode, "-c", "200", "-r", "100", "-i", "2", "-l", "8", "-p", "3", "-u", url, "-g", "-o", tmp_path / "slow"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as attack:
        waits = []
        while attack.poll() is None:
            start = time.monotonic()
            assert requests.get(url, timeout=10).status_code == 200
            waits.append(time.monotonic() - start)
            time.sleep(0.1)
    assert waits and max(waits) < 3, "slowhttptest considers a server unavailable after 3 s"
    unavailable = [line for line in (tmp_path / "slow.csv").read_text().splitlines()[1:] if line.endswith(",0")]
    assert not unavailable


def test_a_forged_mac_address_does_not_affect_its_guest(demo):
    owner, forger = demo.guest(), demo.guest()
    status = owner.enter(demo.new_code()).headers["Location"]
    forger.page()
    entry = f"{demo.portal_url}/hotspot/{demo.site_id}"
    forged = requests.get(entry, params={"mac": owner.mac, "ip": forger.ip}, allow_redirects=False, timeout=10)
    assert "/preauth?" in forged.headers["Location"]
    answer = requests.post(forged.headers["Location"], {"code": demo.new_code()}, timeout=20)
    assert "You’re online" not in answer.text
    assert "You’re online" in requests.get(status, timeout=10).text
    assert demo.router_active()[owner.mac]["address"] == owner.ip


def test_forged_mac_and_ip_addresses_cannot_sign_a_guest_out(demo):
    guest = demo.guest()
    guest.enter(demo.new_code())
    entry = f"{demo.portal_url}/hotspot/{demo.site_id}"
    answer = requests.get(entry, params={"mac": guest.mac, "ip": guest.ip}, timeout=10)
    assert "You’re online" in answer.text and "/logout" not in answer.text
    refused = requests.post(answer.url.replace("/status", "/logout"), timeout=10)
    assert refused.status_code == 400
    assert guest.mac in demo.router_active()
