"""Texts with long runs of combining marks: comparing them in a normal form of Unicode would occupy a thread for long.

Each test sends them while an honest guest is let through, whose requests end after 10 s."""

import json
import socket
import struct
import threading
import uuid

import pytest
import requests

from failing_router import FailingRouter
from portal import eventually

MARKS = "\u0301\u0316"
ESCAPED = "\\u0301\\u0316"


def assert_a_guest_is_let_through(demo):
    guest = demo.guest()
    assert guest.enter(demo.new_code()).status_code == 303
    assert eventually(lambda: guest.mac in demo.router_active())


def post_form(url, text) -> requests.Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return requests.post(url, text.encode(), headers=headers, allow_redirects=False, timeout=10)


@pytest.mark.parametrize("form", [
    "x{}=1&mac=02:00:00:00:77:01&ip=10.5.0.77", "mac{}=1&mac=02:00:00:00:77:01&ip=10.5.0.77", "mac=a{}&ip=10.5.0.77",
    "mac=02:00:00:00:77:01&ip=10.5.0.77&link-orig=http://a/{}", "status=authenticated{}&redir={}", "auth_get=view{}",
])
def test_a_form_at_the_hotspot_entry(demo, form):
    text = form.replace("{}", MARKS * 3_900)
    for _ in range(8):
        assert post_form(f"{demo.portal_url}/hotspot/{demo.site_id}", text).status_code in (302, 303, 400, 403, 404, 413)
    assert_a_guest_is_let_through(demo)


@pytest.mark.parametrize("form", ["code{}=a", "c{}=a", "code=a{}"])
def test_a_form_at_the_sign_in_page(demo, form):
    page = demo.guest().page()
    for _ in range(8):
        assert post_form(page, form.replace("{}", MARKS * 3_900)).status_code < 500
    assert_a_guest_is_let_through(demo)


def test_a_query_and_a_header(demo):
    escaped = "%CC%81%CC%96" * 300
    for _ in range(8):
        answer = requests.get(f"{demo.portal_url}/preauth?token{escaped}=1&token=a{escaped}", timeout=10)
        assert answer.status_code < 500
        for name in ["Cookie", "User-Agent", "Accept-Language", "Authorization"]:
            headers = {name: ("portico=a" + MARKS * 3_000).encode()}
            assert requests.get(demo.guest().page(), headers=headers, timeout=10).status_code == 200
    assert_a_guest_is_let_through(demo)


@pytest.mark.parametrize("marks", [MARKS, ESCAPED], ids=["marks", "escapes"])
def test_a_json_key(demo, marks):
    headers = {"Authorization": f"Bearer {demo.token}", "Content-Type": "application/json"}
    body = '{"name":"Pier","strategy":"coupon","session_ttl":3600,"a%s":1}' % (marks * 30_000)
    answer = requests.post(f"{demo.portal_url}/captive/instances", body.encode(), headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (400, "parameter_unknown"), answer.text
    assert_a_guest_is_let_through(demo)


@pytest.mark.parametrize("row", ['[{"user%s":"1"}]', '[{"user":"%s","mac-address":"%s"}]'], ids=["name", "value"])
@pytest.mark.parametrize("marks", [MARKS, ESCAPED], ids=["marks", "escapes"])
def test_an_answer_of_a_router_s_rest_interface(fresh_demo, row, marks):
    site = str(uuid.uuid4())
    with FailingRouter() as router:
        router.forged["ip/hotspot/active"] = row.replace("%s", marks * (1_000_000 // len(marks.encode()))).encode()
        settings = {"name": "Hostile", "router": router.settings}
        assert fresh_demo.api("PUT", f"/captive/sites/{site}", settings).status_code == 202
        assert eventually(lambda: asked(router, "ip/hotspot/active"))
        assert_a_guest_is_let_through(fresh_demo)
        assert fresh_demo.api("DELETE", f"/captive/sites/{site}").status_code == 204


def asked(router, path) -> int:
    return sum(asked.endswith(path) for asked in router.paths)


def encoded(*words) -> bytes:
    """A sentence of RouterOS's API; its words are shorter than 2 MiB."""
    def length(count):
        if count < 0x80:
            return bytes([count])
        return struct.pack(">H", count | 0x8000) if count < 0x4000 else struct.pack(">I", count | 0xC00000)[1:]

    return b"".join(length(len(word)) + word for word in words) + b"\0"


class TalkativeAPI:
    """A router's API that accepts the login, and then sends unrequested sentences until it is closed."""

    def __init__(self, sentence):
        self.sentence, self.closed, self.sent = sentence, threading.Event(), 0
        self.listener = socket.create_server(("127.0.0.1", 0))

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    @property
    def settings(self) -> dict:
        url = f"api://127.0.0.1:{self.listener.getsockname()[1]}"
        return {"driver": "routeros-api", "url": url, "username": "u", "password": "p"}

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                connection.recv(4_096)
                connection.sendall(encoded(b"!done"))
                for _ in range(1_000):
                    connection.sendall(self.sentence)
                    self.sent += 1
            except OSError:
                self.closed.set()


@pytest.mark.parametrize("tag", [(), (b".tag=77",)], ids=["untagged", "unknown tag"])
def test_sentences_of_a_router_s_api(fresh_demo, tag):
    site = str(uuid.uuid4())
    name = ("a" + MARKS * 30_000).encode()
    with TalkativeAPI(encoded(b"!re", *tag, b"=" + name + b"=1")) as router:
        settings = {"name": "Hostile", "router": router.settings}
        assert fresh_demo.api("PUT", f"/captive/sites/{site}", settings).status_code == 202
        assert router.closed.wait(30), "the portal must end the connection"
        for _ in range(3):
            assert_a_guest_is_let_through(fresh_demo)
        health = json.dumps(fresh_demo.api("GET", f"/captive/sites/{site}/health").json())
        assert "does not respond like RouterOS" in health
        assert fresh_demo.api("DELETE", f"/captive/sites/{site}").status_code == 204
