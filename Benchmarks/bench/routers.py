"""Row 11: routers that have lost their state, as after a power cut: 5,000 guests of one router, and 10 guests each of 500.

The database contains the running sessions; the portal starts and restores them on the routers. Measured for each driver: the time
from the portal's first response until the last guest is online, the calls to the routers for each guest, and the portal's
highest resident memory. The simulated routers are one other process on the same machine.
"""

import json
import pathlib
import sqlite3
import time
import uuid

from . import portal
from .machine import Failure

USER, PASSWORD = "portico", "bench"
DRIVERS = [("routeros-rest", 0), ("routeros-api", 1)]
CROWDS = [("5,000 sessions of one router", 1, 5_000), ("500 routers at once, 10 sessions each", 500, 10)]
HOUR = 3_600_000_000


def restored(place):
    for name, routers, devices in CROWDS:
        for driver, address in DRIVERS:
            running = portal.serve(place)
            crowd = Crowd(place, routers, devices)
            instance = running.instance("10.5.0.0/16")[1]
            sites = [site(running, driver, addresses[address]) for addresses in crowd.addresses]
            running.process.stop()
            fill(place, running, instance, sites, devices)
            yield measure(place, running, crowd, f"{name}, {driver}", routers * devices)
            running.process.stop()
            crowd.process.stop()


class Crowd:
    """Simulated routers; `addresses` has the REST and API address of each."""

    def __init__(self, place, routers, devices):
        command = [place.options.portico, "router", "crowd", "--user", USER, "--password", PASSWORD]
        self.process = place.run(*command, "--routers", routers, "--devices", devices)
        self.process.await_that(lambda: self.process.log.read_bytes().count(b"\n") >= 2, 60, "does not start")
        self.addresses = json.loads(self.process.log.read_text().partition("\n")[0])

    def state(self):
        """Returns the devices online, the calls so far, and the time."""
        line = self.process.log.read_bytes().rsplit(b"\n", 2)[-2].split()
        return int(line[0]), int(line[1]), float(line[2])


def site(running, driver, url):
    made = str(uuid.uuid4())
    router = {"driver": driver, "url": url, "username": USER, "password": PASSWORD}
    running.api("PUT", f"/sites/{made}", {"router": router}, 202)
    return made


def fill(place, running, instance, sites, devices):
    """Writes sessions that began an hour ago and last eleven more hours."""
    now = time.time_ns() // 1_000
    rows = (
        (uuid.uuid4().bytes, uuid.UUID(site).bytes, uuid.UUID(instance).bytes,
         0x0200_0000_0000 + number * devices + device, (0x0A05_0000 + device).to_bytes(4), now - HOUR, now + 11 * HOUR)
        for number, site in enumerate(sites) for device in range(1, devices + 1)
    )
    columns = "id, site_id, instance_id, mac, ip, created_at, authorized_at, expires_at, workspace, status, strategy, ttl"
    with sqlite3.connect(place.folder / f"{running.port}.db") as database:
        database.executemany(
            f"INSERT INTO sessions ({columns}) "
            "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, (SELECT workspace FROM sites LIMIT 1), 'active', 'coupon', 43200",
            rows)
    database.close()


def measure(place, running, crowd, name, guests):
    before = crowd.state()[1]
    running.process = portal.launch(place, running.environment, running.port)
    start = time.monotonic()
    running.process.await_that(lambda: waited(crowd) == guests, 600, f"has not restored {guests} guests")
    online, calls, end = crowd.state()
    if online != guests:
        raise Failure(f"{online} devices are online, not {guests}")
    return {
        "row": 11, "name": name, "peer_name": "", "unit": "s until all are restored", "ours": round(end - start, 2),
        "peer": None, "ratio": None, "goal": "", "rounds": 1, "guests": guests,
        "calls_per_guest": round((calls - before) / guests, 2), "peak_mb": round(peak_bytes(running.process) / 2**20, 1),
        "portal_cpu_s": round(running.process.cpu_seconds(), 2),
    }


def waited(crowd):
    time.sleep(0.05)
    return crowd.state()[0]


def peak_bytes(process):
    status = pathlib.Path(f"/proc/{process.child.pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))
