"""Every documented call of the API: golden/NN-name.request is sent as it is, and golden/NN-name.response is the expected response.

The files are sent in order, to a separate portal for each generation of the documentation, so that a file may use values of
an earlier response: `{name}` is inserted, or expected. In a response `{kind}` stands for a text of that kind, and
`{name=kind}` also stores it. The header fields of the file must be present; its JSON is compared exactly: each field, their
order, and no other. Lines that begin with `#` explain differences from the documentation.
"""

import json
import pathlib
import re
import socket
from http.client import HTTPResponse

import pytest

from pictures import sign
from portal import eventually
from served import Served

GOLDEN = pathlib.Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.request"))
PLACEHOLDER = re.compile(r"\{(?:([a-z_]+)=)?([a-z_]+)\}")
KINDS = {
    "uuid": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "perhaps_time": r'(?:null|"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")',
    "code": "[23456789ABCDEFGHJKMNPQRSTVWXYZ]{6}",
    "group_id": "ng_[0-9a-f]{32}",
    "number": r"\d+",
    "hex": "[0-9a-f]{64}",
    "sealed": r"[\w.-]+",
    "path": r"/[\w/-]+",
    "list": r"(?s:\[\n.*\n  \])",
    "object": r"(?s:\{\n.*\n\})",
    "page": r"(?s:<!doctype html>.*)",
    "image": r"(?s:\x89PNG.*)",
}
# Marks a request that is repeated until its response matches.
AGAIN = "Asked again"
METHODS = {"get", "post", "put", "delete"}
FILES = {b"{logo_file}": sign(120, 80), b"{icon_file}": sign(32, 32)}
# Paths that have no prefix in older generations.
OLDER = re.compile(r"/captive(?=/(?:instances|auth-integrations|walled-garden|coupons)\b)")


def newest(line):
    return line


def middle(line):
    line = re.sub(r"^(\w+ )/walled-garden/([^/ ]+)", r"\1/sites/\2/walled-garden-entries", oldest(line))
    return line.replace("/generate_url", "/generate-url")


def oldest(line):
    return OLDER.sub("", line)


def read(name) -> tuple[str, str]:
    """Returns the head and the body of a file, without its comments."""
    lines = [line for line in (GOLDEN / name).read_text().splitlines() if not line.startswith("#")]
    head, _, body = "\n".join(lines).partition("\n\n")
    return head, body


class Conversation:
    """The values that earlier responses of one portal contained."""

    def __init__(self, portal, generation):
        self.portal = portal
        self.path = generation
        token = lambda *options: portal.run("token", "create", *options).stdout.strip()
        self.known = {
            "host": portal.url.removeprefix("http://"), "origin": portal.url, "token": portal.token,
            "reader_token": token("--scope", "captive:read"), "stranger_token": token("--workspace", "stranger"),
        }

    def send(self, name) -> tuple[HTTPResponse, bytes]:
        head, body = (PLACEHOLDER.sub(self.fill, text) for text in read(name + ".request"))
        line, *fields = head.split("\n")
        content = self.content(body, multipart="multipart/" in head)
        if content:
            fields.append(f"Content-Length: {len(content)}")
        sent = "\r\n".join([self.path(line), *fields, "Connection: close", "", ""]).encode() + content
        host, port = self.known["host"].split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(sent)
            response = HTTPResponse(connection, method=line.split()[0])
            response.begin()
            return response, response.read()

    def fill(self, placeholder) -> str:
        """Returns the value of the name; that of a file is inserted by `content`."""
        return self.known.get(placeholder[2], placeholder[0])

    @staticmethod
    def content(body, multipart) -> bytes:
        if not multipart:
            return body.encode()
        content = body.replace("\n", "\r\n").encode() + b"\r\n"
        for place, file in FILES.items():
            content = content.replace(place, file)
        return content

    def expect(self, name, response, body):
        head, wanted = read(name + ".response")
        status, *fields = head.split("\n")
        assert f"HTTP/1.1 {response.status} {response.reason}" == status, body
        for field in fields:
            key, value = field.split(": ", 1)
            self.match(value, response.headers.get(key, "(none)"))
        self.match(wanted, printed(response, body))

    def agrees(self, name) -> bool:
        try:
            self.expect(name, *self.send(name))
        except AssertionError:
            return False
        return True

    def match(self, wanted, found):
        """Compares a whole text, and stores its named values."""
        named = {name for name, _ in PLACEHOLDER.findall(wanted)}
        pattern, at = "", 0
        for place in PLACEHOLDER.finditer(wanted):
            name, word = place.groups()
            kind = f"(?P={word})" if word in named else KINDS.get(word) or re.escape(self.known[word])
            pattern += re.escape(wanted[at:place.start()]) + (f"(?P<{name}>{kind})" if name else kind)
            at = place.end()
        same = re.fullmatch(pattern + re.escape(wanted[at:]), found)
        assert same or found == PLACEHOLDER.sub(self.fill, wanted)
        self.known |= same.groupdict()


def printed(response, body) -> str:
    """Formats JSON as the documentation prints it."""
    if response.headers.get("Content-Type") == "application/json":
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    return body.decode("latin-1")


@pytest.fixture(scope="module", params=[newest, middle, oldest], ids=lambda generation: generation.__name__)
def conversation(request, tmp_path_factory):
    nowhere = "http://127.0.0.1:1"
    with Served(tmp_path_factory.mktemp("portal"), PORTICO_OAUTH_AZURE_AUTHORITY=nowhere) as portal:
        yield Conversation(portal, request.param)


@pytest.mark.parametrize("name", NAMES)
def test_a_request_gets_the_documented_response(conversation, name):
    if AGAIN in (GOLDEN / f"{name}.request").read_text():
        eventually(lambda: conversation.agrees(name))
    conversation.expect(name, *conversation.send(name))


def test_every_call_of_the_description_has_a_file(conversation):
    described = conversation.portal.api("GET", "/captive/openapi.json")["paths"]
    calls = {(method.upper(), shape(path)) for path, item in described.items() for method in item if method in METHODS}
    lines = [read(name + ".request")[0].split(" ") for name in NAMES]
    assert calls - {(method, shape(path.split("?")[0])) for method, path, *_ in lines} == set()


def shape(path) -> str:
    """A path without the values of its parameters."""
    return re.sub(r"\{\w+\}|(?<=/images/)\w+|" + KINDS["uuid"], "{}", path)
