"""A full disk, a database locked by another process, a read-only file: guests and admins see that the portal is
unavailable, no code is lost, `/readyz` gives the reason, and the portal recovers without a restart."""

import ctypes
import os
import shutil
import sqlite3
import subprocess
import tempfile

import pytest
import requests

from portal import eventually, program
from served import SITE, Served

UNAVAILABLE = "We can’t connect you right now"


class Hotel:
    """A portal with one coupon instance; every guest is a new device."""

    def __init__(self, portal):
        self.portal, self.guests = portal, 0
        portal.api("PUT", f"/captive/sites/{SITE}", {"name": "Hotel", "router": {"driver": "none"}})
        self.instance = portal.api("POST", "/captive/instances", {
            "name": "Hotel", "strategy": "coupon", "session_ttl": 3600,
            "sites": [{"id": SITE, "subnets": ["10.9.0.0/16"]}]})

    def codes(self, count):
        made = self.portal.api("POST", f"/captive/instances/{self.instance['id']}/coupons",
                               {"minutes_valid": 60, "count": count})
        return [coupon["code"] for coupon in made]

    def page(self):
        """The page of a new device."""
        self.guests += 1
        address = f"ip=10.9.{self.guests >> 8}.{self.guests & 255}"
        mac = f"mac=02:00:00:09:{self.guests >> 8:02X}:{self.guests & 255:02X}"
        page = requests.get(f"{self.portal.url}/hotspot/{SITE}?{mac}&{address}", timeout=10)
        assert page.status_code == 200, page.text
        return page.url

    def enter(self, code, page):
        return requests.post(page, {"code": code}, allow_redirects=False, timeout=30)

    def ready(self):
        return requests.get(f"http://{self.portal.environment['PORTICO_ADMIN_LISTEN']}/readyz", timeout=30)

    def new_instance(self):
        body = {"name": "Bar", "strategy": "coupon", "session_ttl": 1200}
        return self.portal.ask("POST", "/captive/instances", body)

    def assert_unavailable(self, code, page, cause):
        """Asserts that guests, admins and /readyz see that the portal is unavailable."""
        refused = self.enter(code, page)
        assert refused.status_code == 503 and UNAVAILABLE in refused.text
        assert "Your code has not been used up." in refused.text and refused.headers["Retry-After"] == "60"
        answer = self.new_instance()
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), answer.text
        assert answer.headers["Retry-After"] == "60"
        assert eventually(lambda: self.ready().status_code == 503, seconds=30)
        assert cause in self.ready().text, self.ready().text

    def assert_well(self, code, page):
        assert eventually(lambda: self.ready().status_code == 200, seconds=30), self.ready().text
        assert self.enter(code, page).status_code == 303
        assert self.new_instance().status_code == 201


def fill(path):
    """Writes until the disk is full."""
    with open(path, "wb", buffering=0) as filler:
        for size in (65_536, 4_096, 1):
            try:
                while filler.write(bytes(size)):
                    pass
            except OSError:
                continue


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, b"size=16m"):
        pytest.skip(f"needs the right to mount a small disk: {os.strerror(ctypes.get_errno())}")
    yield folder
    libc.umount2(str(folder).encode(), 2)


def test_a_full_disk(small_disk):
    """The log is on that disk as well."""
    with Served(small_disk, PORTICO_LOG_LEVEL="warning") as portal:
        hotel = Hotel(portal)
        codes = hotel.codes(200) + hotel.codes(200)
        pages = [hotel.page() for _ in codes]
        fill(small_disk / "filler")
        answers = {}
        for code, page in zip(codes, pages):
            answers[code] = hotel.enter(code, page).status_code
            if answers[code] == 503:
                break
        assert answers[code] == 503, "the disk is full"
        hotel.assert_unavailable(code, page, "the disk that holds the database is full")
        (small_disk / "filler").unlink()
        hotel.assert_well(code, page)
        assert portal.process.poll() is None


def test_a_file_at_its_size_limit(tmp_path):
    """Like a disk with a quota, but without special rights."""
    with Served(tmp_path) as portal:
        hotel = Hotel(portal)
        [code] = hotel.codes(1)
        page = hotel.page()
        limit = ["prlimit", "--pid", str(portal.process.pid)]
        if not shutil.which("prlimit"):
            pytest.skip("needs prlimit (util-linux)")
        subprocess.run(limit + ["--fsize=4096:unlimited"], check=True)
        hotel.assert_unavailable(code, page, "the database cannot be used")
        assert portal.process.poll() is None
        subprocess.run(limit + ["--fsize=unlimited:unlimited"], check=True)
        hotel.assert_well(code, page)


def test_a_database_locked_by_another_process(tmp_path):
    with Served(tmp_path) as portal:
        hotel = Hotel(portal)
        [code] = hotel.codes(1)
        page = hotel.page()
        other = sqlite3.connect(tmp_path / "portico.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        hotel.assert_unavailable(code, page, "the database is held by another process")
        assert requests.get(page, timeout=10).status_code == 200, "pages need no write"
        assert portal.api("GET", "/captive/instances")
        other.execute("ROLLBACK")
        other.close()
        hotel.assert_well(code, page)
        assert "not ready" in portal.log.read_text() and "ready again" in portal.log.read_text()


def test_a_read_only_file(tmp_path):
    """The program prints one line and ends with 78; with the permission restored it starts."""
    folder = tempfile.mkdtemp(prefix="portico-read-only-")
    try:
        settings = Served(tmp_path).environment | {"PORTICO_DATABASE_URL": f"sqlite://{folder}/portico.db"}
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        os.chmod(folder, 0o777)

        def run(*arguments):
            return subprocess.run([program(), *arguments], env=settings, cwd="/", capture_output=True, text=True,
                                  timeout=60, **user)

        made = run("database", "migrate")
        if made.returncode == 126 or "ermission denied" in made.stderr:
            pytest.skip("another user cannot run the program from here")
        assert made.returncode == 0, made.stderr
        os.chmod(f"{folder}/portico.db", 0o444)
        refused = run("serve")
        assert refused.returncode == 78
        assert refused.stderr == (f"portico: database.url: {folder}/portico.db may not be written by the user that runs "
                                  "the portal\n")
        os.chmod(f"{folder}/portico.db", 0o666)
        assert run("token", "create").returncode == 0
    finally:
        shutil.rmtree(folder)
