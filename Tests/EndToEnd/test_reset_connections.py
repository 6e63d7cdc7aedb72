"""Clients that reset their connections while the portal writes large responses to them."""

import os
import random
import signal
import socket
import ssl
import struct
import time

import pytest
import requests

from served import Served, free_port
from test_stop_and_signals import certificate

RESET = struct.pack("ii", 1, 0)
ROUNDS, CLIENTS, REQUESTS = 24, 48, 40


def connect(port, tls):
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    return tls.wrap_socket(connection) if tls else connection


def read_and_reset(connections):
    """Reads a random part of the responses, and resets each connection while the portal writes to it again."""
    for connection in connections:
        missing = random.randrange(1, 2_000_000)
        while missing > 0 and (piece := connection.recv(min(missing, 65_536))):
            missing -= len(piece)
        connection.close()


def read_paused_and_reset(connections, process):
    """Makes all connections writable for the portal at once, and resets them while it writes to one after another."""
    process.send_signal(signal.SIGSTOP)
    for connection in connections:
        connection.setblocking(False)
        try:
            # Encrypted bytes are discarded as well.
            while os.read(connection.fileno(), 1 << 20):
                pass
        except BlockingIOError:
            pass
    process.send_signal(signal.SIGCONT)
    time.sleep(random.uniform(0, 0.003))
    for connection in connections:
        connection.close()


@pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "TLS"])
def test_resets_during_large_responses_do_not_stop_the_portal(tmp_path, is_secure):
    secure_port, tls = free_port(), None
    certificate(tmp_path, "portal")
    with Served(tmp_path, PORTICO_HTTPS_LISTEN=f"127.0.0.1:{secure_port}", PORTICO_WORKERS="1",
                PORTICO_HTTPS_CERTIFICATE=str(tmp_path / "chain.pem"),
                PORTICO_HTTPS_KEY=str(tmp_path / "key.pem")) as portal:
        plain_port = int(portal.url.rpartition(":")[2])
        if is_secure:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        port = secure_port if is_secure else plain_port
        ask = f"GET /captive/openapi.json HTTP/1.1\r\nHost: 127.0.0.1:{plain_port}\r\n\r\n".encode() * REQUESTS
        for number in range(ROUNDS):
            connections = [connect(port, tls) for _ in range(CLIENTS)]
            for connection in connections:
                connection.sendall(ask)
            random.shuffle(connections)
            if number % 2:
                read_and_reset(connections)
            else:
                read_paused_and_reset(connections, portal.process)
            assert requests.get(portal.url + "/captive/openapi.json", timeout=20).status_code == 200
        assert portal.process.poll() is None
