"""Row 7: whole guest journeys, from the router's redirect to "you are online", durable and confirmed by the router.

The simulated router runs in the portal's process, and the load shares the machine with it.
"""

import base64
import http.client
import itertools
import json
import subprocess
import urllib.parse
from statistics import median

from . import portal
from .http import ask
from .load import accept_gzip
from .machine import Failure

# Simultaneous guests, each on its own connection.
AT_ONCE = 64
GUESTS_PER_SECOND = 500


def whole(place):
    program, commits = place.compile("journey", "-pthread"), place.compile("commits")
    running = portal.demo(place)
    guests = itertools.count(1)
    rounds = [one_round(place, program, running, guests) for _ in range(place.options.rounds)]
    disk = [json.loads(output(commits, place.folder / "commits.data", 1))["commits"] for _ in range(3)]
    yield {
        "row": 7, "name": "whole guest journey, durable", "unit": "journeys/s", "peer_name": "disk: durable commits/s",
        "ours": round(median(one["journeys"] / one["seconds"] for one in rounds), 1),
        "peer": round(median(disk), 1), "ratio": None, "goal": ">= 2,000/s", "rounds": len(rounds),
        "p50_ms": {"ours": median(one["p50"] for one in rounds), "peer": None},
        "p99_ms": {"ours": median(one["p99"] for one in rounds), "peer": None},
        "cpu_us": {"ours": round(median(one["portal_cpu"] for one in rounds), 1),
                   "peer": round(median(one["cpu"] / one["journeys"] * 1e6 for one in rounds), 1)},
        "steps_ms": {step: median(one["steps"][step] for one in rounds) for step in rounds[0]["steps"]},
        "at_once": AT_ONCE, "polls": sum(one["polls"] for one in rounds),
    }


def one_round(place, program, running, guests):
    """Uses as many guests as a portal with 500 journeys a second handles in the requested time."""
    numbers = list(itertools.islice(guests, GUESTS_PER_SECOND * place.options.seconds))
    codes = running.coupons(running.demo["coupon_instance_id"], len(numbers))
    devices = [device(number) for number in numbers]
    join(running.demo["guest_url"], devices)
    page = running.page_path(running.demo["site_id"], *device(65_000))
    (place.folder / "page").write_bytes(ask(running.port, page, accept_gzip()).expect(200, "Portico").body)
    lines = [f"{mac} {ip} {code}\n" for (mac, ip), code in zip(devices, codes)]
    (place.folder / "guests").write_text("".join(lines))
    cpu = running.process.cpu_seconds()
    result = json.loads(output(
        program, running.port, running.demo["site_id"], AT_ONCE, place.folder / "guests", place.folder / "page"))
    result["portal_cpu"] = (running.process.cpu_seconds() - cpu) * 1e6 / result["journeys"]
    online(running, len(numbers))
    return result


def device(number):
    mac = ":".join(f"{byte:02x}" for byte in (0x0200_0000_0000 + number).to_bytes(6))
    return mac, f"10.5.{number >> 8}.{number & 255}"


def join(address, devices):
    """Lets each device join the simulated router's guest network."""
    parts = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc)
    for mac, ip in devices:
        connection.request("GET", f"{parts.path}?mac={mac}&ip={ip}")
        answer = connection.getresponse()
        answer.read()
        if answer.status != 302:
            raise Failure(f"the simulated router returned {answer.status} to a joining device")
    connection.close()


def online(running, at_least):
    """Raises if the router itself lists fewer devices online."""
    description = running.demo
    parts = urllib.parse.urlsplit(description["router_url"])
    login = f"{description['router_user']}:{description['router_password']}"
    fields = {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}
    answer = ask(parts.port, "/rest/ip/hotspot/active", fields).expect(200, "the simulated router")
    if len(json.loads(answer.body)) < at_least:
        raise Failure(f"the router has {len(json.loads(answer.body))} devices online, not {at_least}")


def output(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise Failure(f"{command[0].name}: {done.stderr.strip()}")
    return done.stdout
