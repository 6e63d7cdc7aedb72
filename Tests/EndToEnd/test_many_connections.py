"""Thousands of connections: from a hotel whose guests share one public address, and from an attacker who opens as many as possible."""

import resource
import socket
import subprocess
import uuid

import pytest

from portal import eventually, program
from served import Served, answers

FEW = 1_024


class LimitedService(Served):
    """A portal with the limits of a systemd service: a low soft limit of files and a high hard limit."""

    def start(self):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["prlimit", f"--nofile={FEW}:{most}", program(), "serve"], env=self.environment, stdout=log, stderr=log)
        assert eventually(lambda: answers(self.url + "/captive/openapi.json")), self.log.read_text()
        return self

    def page(self):
        """A guest's entry: needs no router, and differs for each guest."""
        site = str(uuid.uuid4())
        self.api("POST", "/captive/instances", {"name": "Hotel", "strategy": "coupon", "session_ttl": 3600,
                                                "sites": [{"id": site, "subnets": ["10.9.0.0/16"]}]})
        return lambda number: f"/hotspot/{site}?mac=02:00:00:00:{number >> 8:02X}:{number & 255:02X}&ip=10.9.0.7"

    def connect(self):
        host, port = self.url.removeprefix("http://").split(":")
        return socket.create_connection((host, int(port)), timeout=60)


@pytest.fixture(autouse=True)
def many_files():
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert most >= 5_000, "this test opens 2,000 connections"
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))


def ask(connection, path):
    """Returns the status of the response; the connection stays open."""
    host, port = connection.getpeername()
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = connection.recv(65_536)
        assert piece, "closed without a response"
        answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
    missing = int(fields.get(b"Content-Length", 0)) - len(body)
    while missing > 0:
        missing -= len(connection.recv(missing))
    return int(head.split()[1])


def test_two_thousand_guests_behind_one_address_all_get_a_response(tmp_path):
    with LimitedService(tmp_path, PORTICO_LIMITS_IDLE_SECONDS="600") as portal:
        page = portal.page()
        guests = []
        for number in range(2_000):
            guests.append(portal.connect())
            assert ask(guests[-1], page(number)) == 302
        assert all(ask(guest, page(number)) == 302 for number, guest in enumerate(guests)), "on the same connections"
        for guest in guests:
            guest.close()


def test_idle_and_slow_connections_block_no_guest(tmp_path):
    with LimitedService(tmp_path, PORTICO_LIMITS_CONNECTIONS="200", PORTICO_LIMITS_HEADER_SECONDS="600",
                 PORTICO_LIMITS_IDLE_SECONDS="600") as portal:
        page = portal.page()
        attackers = []
        for number in range(600):
            attackers.append(portal.connect())
            attackers[-1].sendall([b"G", b"GET / HTTP/1.1\r\nHost: a\r\nX: y",
                                   b"POST /preauth HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"][number % 3])
        for number in range(50):
            with portal.connect() as guest:
                assert ask(guest, page(number)) == 302
        for attacker in attackers:
            attacker.close()
