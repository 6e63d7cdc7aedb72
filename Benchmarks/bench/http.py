"""One request over a new connection, as bytes: the checks compare exactly the bytes on the wire."""

import gzip
import socket
import ssl
from dataclasses import dataclass

from .machine import Failure


@dataclass
class Answer:
    status: int
    fields: list
    body: bytes
    size: int

    def __getitem__(self, name):
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)

    def text(self):
        body = gzip.decompress(self.body) if self["Content-Encoding"] == "gzip" else self.body
        return body.decode()

    def expect(self, status, who):
        if self.status != status:
            raise Failure(f"{who} returned {self.status}, not {status}")
        return self


def head(method, path, fields):
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def ask(port, path, fields=None, method="GET", body=b"", tls=False):
    """Returns the response to one request; the Host defaults to the listener's address."""
    fields = {"Host": f"127.0.0.1:{port}"} | (fields or {}) | ({"Content-Length": len(body)} if body else {})
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        connection = trusting().wrap_socket(plain) if tls else plain
        connection.sendall(head(method, path, fields) + body)
        return read_answer(connection)


def trusting():
    """A TLS context that accepts the benchmark's self-signed certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def read_answer(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(connection)
    top, _, rest = data.partition(b"\r\n\r\n")
    status, *lines = top.decode("latin-1").split("\r\n")
    fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
    answer = Answer(int(status.split()[1]), fields, rest, 0)
    while len(answer.body) < int(answer["Content-Length"] or 0):
        answer.body += receive(connection)
    answer.size = len(top) + 4 + len(answer.body)
    return answer


def receive(connection):
    part = connection.recv(65536)
    if not part:
        raise Failure("a server closed the connection before its response was complete")
    return part
