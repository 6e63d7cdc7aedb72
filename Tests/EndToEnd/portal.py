"""A running `portico demo` and the calls of tests."""

import itertools
import json
import os
import pathlib
import signal
import subprocess
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

ROOT = pathlib.Path(__file__).resolve().parents[2]
PHONE = {"width": 390, "height": 844}
BROWSERS = ["/usr/lib/chromium/chromium-headless-shell", "chromium-headless-shell", "chromium", "google-chrome"]
DESKTOP = {"width": 1280, "height": 800}
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}


def program() -> pathlib.Path:
    """PORTICO_BINARY, or the newest build in this checkout."""
    if named := os.environ.get("PORTICO_BINARY"):
        return pathlib.Path(named).resolve()
    found = [path for path in ROOT.glob(".build/*/portico") if path.is_file()]
    assert found, "build the program first: swift build --product portico"
    return max(found, key=lambda path: path.stat().st_mtime)


def eventually(question, seconds=30):
    """Repeats `question` until its result is true or the time is over; returns the last result. The time suits a busy machine."""
    end = time.monotonic() + seconds
    while not (answer := question()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer


def location(answer: requests.Response) -> str:
    assert answer.status_code in (302, 303), answer.text
    return answer.headers["Location"]


@dataclass(frozen=True)
class Guest:
    """A device on the guest network and its requests."""

    mac: str
    ip: str
    url: str

    def hotspot(self) -> str:
        """The address of the portal's entry, with the router's parameters for this device."""
        return location(requests.get(self.url, allow_redirects=False, timeout=10))

    def page(self) -> str:
        """The address of the page, reached as an intercepted device reaches it: router, hotspot, page."""
        return location(requests.get(self.hotspot(), allow_redirects=False, timeout=10))

    def enter(self, code, page=None) -> requests.Response:
        """The response to a code, without following its redirect."""
        return requests.post(page or self.page(), {"code": code}, allow_redirects=False, timeout=10)


class Demo:
    """One `portico demo` with a data folder. Leaving the `with` sends SIGTERM; `kill()` simulates a crash."""

    def __init__(self, data: pathlib.Path):
        self.data = data
        self.numbers = itertools.count(1)
        data.mkdir(parents=True, exist_ok=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def start(self):
        (self.data / "demo.json").unlink(missing_ok=True)
        with open(self.data / "log", "ab") as log:
            command = [program(), "demo", "--listen", "127.0.0.1:0", "--data", self.data]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if not eventually(self.ready, seconds=20):
            self.stop()
            raise AssertionError(f"portico demo did not start: {self.log()}")
        return self

    def ready(self) -> bool:
        assert self.process.poll() is None, f"portico demo ended early: {self.log()}"
        try:
            self.facts = json.loads((self.data / "demo.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return False
        return True

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.exit_code = self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self):
        """Kills the process, as a power failure does."""
        self.process.kill()
        self.process.wait()

    def log(self) -> str:
        return (self.data / "log").read_text(errors="replace")

    def __getattr__(self, name):
        """`portal_url`, `token` and the other fields of demo.json."""
        try:
            return self.__dict__["facts"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def address(self):
        """Host and port of the portal."""
        parts = urlsplit(self.portal_url)
        return parts.hostname, parts.port

    def api(self, method, path, json=None, token=None, **options) -> requests.Response:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return requests.request(method, self.portal_url + path, json=json, headers=headers, timeout=10, **options)

    def export(self, path) -> requests.Response:
        """A list as CSV."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "text/csv"}
        answer = requests.get(self.portal_url + path, headers=headers, timeout=120)
        assert answer.status_code == 200, answer.text
        return answer

    def coupons_path(self, instance=None):
        return f"/captive/instances/{instance or self.coupon_instance_id}/coupons"

    def new_coupons(self, count, minutes=60, instance=None) -> list[dict]:
        made = []
        while len(made) < count:
            body = {"count": min(200, count - len(made)), "minutes_valid": minutes}
            answer = self.api("POST", self.coupons_path(instance), body)
            assert answer.status_code == 201, answer.text
            made += answer.json()
        return made

    def new_code(self) -> str:
        return self.new_coupons(1)[0]["code"]

    def guest(self) -> Guest:
        """A device that the portal has never seen."""
        number = next(self.numbers) + 255
        mac, ip = f"02:00:00:01:{number >> 8:02X}:{number & 255:02X}", f"10.5.{number >> 8}.{number & 255}"
        origin = self.guest_url.split("?")[0]
        return Guest(mac, ip, f"{origin}?mac={mac}&ip={ip}")

    def router(self, path) -> list[dict]:
        login = (self.router_user, self.router_password)
        answer = requests.get(f"{self.router_url}/rest/{path}", auth=login, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def router_active(self) -> dict[str, dict]:
        """The authorized devices, by MAC address."""
        return {row["mac-address"]: row for row in self.router("ip/hotspot/active")}
