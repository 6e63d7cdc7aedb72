"""Load generation with wrk, and the result of one measurement."""

import json
import pathlib
import subprocess
import tempfile
from dataclasses import dataclass

from .http import ask
from .machine import Failure

SUMMARY = pathlib.Path(__file__).with_name("wrk.lua")


@dataclass
class Target:
    """A server and the requests that it is measured with, one for each path, in turn. `expect` raises if the response that
    it gets is not correct."""

    name: str
    process: object
    port: int
    paths: list
    fields: dict
    expect: object
    connections: int = 64

    def check(self):
        answer = ask(self.port, self.paths[0], self.fields)
        self.expect(answer)
        return answer


@dataclass
class Measurement:
    rate: float
    cpu_microseconds: float
    p99_milliseconds: float


def measure(target, seconds):
    """Measures requests a second. Raises unless the response is correct before and after, none of the others failed, and the
    received bytes are those of as many correct responses."""
    size = target.check().size
    cpu = target.process.cpu_seconds()
    summary = run_wrk(target, seconds)
    cpu = target.process.cpu_seconds() - cpu
    target.check()
    check(summary, size, target)
    requests = summary["requests"]
    return Measurement(requests / summary["seconds"], cpu * 1e6 / requests, summary["p99"] / 1e3)


def run_wrk(target, seconds):
    fields = [part for name, value in target.fields.items() for part in ("-H", f"{name}: {value}")]
    with tempfile.NamedTemporaryFile("w") as paths:
        print(*target.paths, sep="\n", file=paths, flush=True)
        command = ["wrk", "-t", "2", "-c", str(target.connections), "-d", f"{seconds}s", "-s", str(SUMMARY), *fields]
        done = subprocess.run(
            [*command, f"http://127.0.0.1:{target.port}/", "--", paths.name], capture_output=True, text=True,
            timeout=seconds + 60)
    if done.returncode != 0:
        raise Failure(f"wrk: {done.stderr.strip() or done.stdout.strip()}")
    return json.loads(done.stdout.splitlines()[-1])


def check(summary, size, target):
    if failed := {name: count for name, count in summary["errors"].items() if count}:
        raise Failure(f"{target.name}: errors under load: {failed}")
    # Responses in progress at the end, and a "Connection: close" on the last response of a long connection.
    slack = target.connections * size + summary["requests"] // 500 * 24
    if abs(summary["bytes"] - summary["requests"] * size) > slack:
        raise Failure(f"{target.name}: {summary['requests']} responses of {size} bytes arrived as {summary['bytes']} bytes")


def accept_gzip():
    return {"Accept-Encoding": "gzip", "Accept-Language": "en"}
