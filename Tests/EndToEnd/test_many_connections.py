"""Thousands of connections: from a hotel whose guests share one public address, and from an attacker who opens as many as possible."""

import itertools
import os
import re
import resource
import socket
import subprocess
import threading
import time
import uuid

import pytest
import requests

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


FILES, FORMS = 512, 320
HONEST, ATTACKERS = "127.0.0.200", [f"127.0.0.{number}" for number in range(2, 22)]


class Small(LimitedService):
    """A portal that may open few files."""

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["prlimit", f"--nofile={FILES}:{FILES}", program(), "serve"], env=self.environment, stdout=log,
                stderr=log)
        assert eventually(lambda: answers(self.url + "/captive/openapi.json")), self.log.read_text()
        return self

    def connect_from(self, source):
        host, port = self.url.removeprefix("http://").split(":")
        return socket.create_connection((host, int(port)), timeout=10, source_address=(source, 0))

    def form(self, site, source, number):
        """The path of the page of a device."""
        device = f"mac=02:00:00:01:{number >> 8:02X}:{number & 255:02X}&ip=10.9.{number >> 8}.{number & 255}"
        with self.connect_from(source) as connection:
            connection.sendall(self.request("GET", f"/hotspot/{site}?{device}", "Connection: close\r\n\r\n"))
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        address = re.search(rb"\r\nLocation: (\S+)", answer, re.IGNORECASE)[1].decode()
        return address.removeprefix(self.url)

    def request(self, method, path, rest):
        return f"{method} {path} HTTP/1.1\r\nHost: {self.url.removeprefix('http://')}\r\n{rest}".encode()

    def wrong_code(self, path):
        return self.request("POST", path, "Content-Type: application/x-www-form-urlencoded\r\n"
                                          "Content-Length: 11\r\n\r\ncode=ZZZZZZ")

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


@pytest.mark.parametrize("sources", [ATTACKERS[:1], ATTACKERS], ids=["one source", "twenty sources"])
def test_a_flood_of_wrong_codes_keeps_neither_guests_nor_the_admin_listener_out(tmp_path, sources):
    """Above 120 wrong codes a minute each code waits in line: a connection for up to 20 seconds. A device has ten."""
    with Small(tmp_path, PORTICO_WORKERS="2") as portal:
        site = str(uuid.uuid4())
        portal.api("PUT", f"/captive/sites/{site}", {"name": "Hotel", "router": {"driver": "none"}})
        portal.api("POST", "/captive/instances", {"name": "Hotel", "strategy": "coupon", "session_ttl": 3600,
                                                  "sites": [{"id": site, "subnets": ["10.9.0.0/16"]}]})
        honest = portal.form(site, HONEST, 1)
        forms = [(source, portal.form(site, source, 1_000 + number))
                 for number, source in zip(range(FORMS), itertools.cycle(sources))]
        held, stopped, most, ends = [], threading.Event(), [0], time.monotonic() + 12

        def flood():
            for source, path in itertools.cycle(forms):
                if stopped.is_set():
                    return
                try:
                    held.append(portal.connect_from(source))
                    held[-1].sendall(portal.wrong_code(path))
                except OSError:
                    pass
                time.sleep(0.02)

        attackers = [threading.Thread(target=flood) for _ in range(4)]
        for attacker in attackers:
            attacker.start()
        try:
            while time.monotonic() < ends:
                with portal.connect_from(HONEST) as guest:
                    guest.sendall(portal.request("GET", honest, "Connection: close\r\n\r\n"))
                    assert guest.recv(65_536).startswith(b"HTTP/1.1 200")
                ready = requests.get(f"http://{portal.environment['PORTICO_ADMIN_LISTEN']}/readyz", timeout=5)
                assert ready.status_code == 200, ready.text
                most[0] = max(most[0], portal.open_files())
        finally:
            stopped.set()
            for attacker in attackers:
                attacker.join()
            for connection in held:
                connection.close()
        assert most[0] <= FILES - 16, "some files are left for the admin listener, the database and routers"
        assert "accepting paused" not in portal.log.read_text()
        assert portal.process.poll() is None
