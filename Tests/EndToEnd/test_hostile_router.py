"""A router that returns implausible values: the portal and the guests of other sites are not affected."""

import json
import pathlib
import re
import uuid

import pytest

from failing_router import FailingRouter
from portal import Demo, eventually

MOST, LEAST = str(2**63 - 1), str(-(2**63))
SESSION = {".id": "*1", "user": "portico-020000000001", "mac-address": "02:00:00:00:00:01", "address": "10.5.200.9"}
COUNTERS = [
    {"bytes-in": MOST, "bytes-out": "1", "limit-bytes-total": "1"},
    {"bytes-in": LEAST, "bytes-out": LEAST, "limit-bytes-total": MOST},
    {"bytes-in": MOST, "bytes-out": MOST, "limit-bytes-total": LEAST, "session-time-left": MOST + "w" + MOST + "s"},
]
CLOCKS = [
    {"date": "2026-11-21", "time": MOST + ":00:00"},
    {"date": "2026-11-21", "time": "00:00:00", "gmt-offset": "-" + MOST + ":00"},
    {"date": "9999-12-31", "time": "23:59:59", "gmt-offset": "-14:59"},
    {"date": MOST + "-12-31", "time": MOST + ":" + MOST + ":" + MOST, "gmt-offset": "+" + MOST + ":" + MOST},
]


@pytest.fixture
def hostile(fresh_demo):
    """A second site's router; the portal visits it as soon as it forges its responses."""
    with FailingRouter() as router:
        yield Hostile(fresh_demo, router)


class Hostile:
    def __init__(self, demo, router):
        self.demo, self.router, self.site = demo, router, str(uuid.uuid4())

    def forge(self, path, rows):
        self.router.forged[path] = rows if isinstance(rows, bytes) else json.dumps(rows).encode()

    def visit(self):
        put = self.demo.api("PUT", f"/captive/sites/{self.site}", {"name": "Hostile", "router": self.router.settings})
        assert put.status_code == 202, put.text
        assert eventually(lambda: self.asked("ip/hotspot/active"), 30)

    def asked(self, path) -> int:
        return sum(asked.endswith(path) for asked in self.router.paths)

    def assert_others_go_on(self):
        """Checks again after a further visit, which follows within 10 s."""
        visits = self.asked("system/resource")
        assert eventually(lambda: self.asked("system/resource") > visits, 30)
        assert self.demo.process.poll() is None, self.demo.log()
        guest = self.demo.guest()
        assert guest.enter(self.demo.new_code()).status_code == 303
        assert eventually(lambda: guest.mac in self.demo.router_active())


@pytest.mark.parametrize("counters", COUNTERS)
def test_no_counter_of_a_router_ends_the_portal(hostile, counters):
    hostile.forge("ip/hotspot/active", [SESSION | counters])
    hostile.visit()
    hostile.assert_others_go_on()


def test_no_clock_of_a_router_ends_the_portal(hostile):
    hostile.forge("system/clock", CLOCKS[0])
    hostile.visit()
    for clock in CLOCKS:
        hostile.forge("system/clock", clock)
        answer = hostile.demo.api("GET", f"/captive/sites/{hostile.site}/doctor")
        assert answer.status_code == 200, answer.text
    hostile.assert_others_go_on()


@pytest.mark.parametrize("body", [
    b"[" + b'{"":""},' * (1 << 19) + b"{}]", b"[" + b'{"":""},' * 500_000 + b"{}]", b"[" * (4 << 20),
    b'[{"user":"' + b"\\u0041" * 600_000 + b'"}]', b"[{" + b",".join(b'"%d":"%d"' % (n, n) for n in range(200_000)) + b"}]",
], ids=["longer than any", "half a million rows", "deep", "one long text", "many fields"])
def test_the_memory_for_a_response_is_a_small_multiple_of_its_length(hostile, body):
    hostile.forge("ip/hotspot/active", body)
    before = memory(hostile.demo, "VmRSS")
    pathlib.Path(f"/proc/{hostile.demo.process.pid}/clear_refs").write_text("5")
    hostile.visit()
    hostile.assert_others_go_on()
    assert memory(hostile.demo, "VmHWM") - before < 40 << 10, "KiB"


def memory(demo, name) -> int:
    """KiB; VmHWM is the maximum since it was reset (proc(5))."""
    status = pathlib.Path(f"/proc/{demo.process.pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", status).group(1))


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_routers_message_cannot_forge_a_log_line(tmp_path, monkeypatch, form):
    monkeypatch.setenv("PORTICO_LOG_FORMAT", form)
    with Demo(tmp_path / "data") as demo, FailingRouter() as router:
        router.become("disguised")
        site = {"name": "Disguised", "router": router.settings}
        assert demo.api("PUT", f"/captive/sites/{uuid.uuid4()}", site).status_code == 202
        assert eventually(lambda: "router failing" in demo.log(), 30), demo.log()
        assert not set("\u202e\u2066\u2029\x9b\u200f\U000e0041") & set(demo.log())
