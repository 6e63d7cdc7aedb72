"""Processes and their cost, a temporary folder, ports. Processes started here are stopped here, by id."""

import contextlib
import os
import pathlib
import resource
import shutil
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BENCHMARKS = ROOT / "Benchmarks"
TICKS = os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    """Why a measurement is not possible or not valid, in one line."""


class Workplace:
    """A temporary folder and the processes that work in it, for one row."""

    def __init__(self, options):
        self.options = options
        self.processes = []

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="portico-bench-"))
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *command, **more):
        """Starts a program that runs until the workplace is left."""
        process = Process(self.folder / f"log-{len(self.processes)}", command, more)
        self.processes.append(process)
        return process

    def compile(self, name, *flags):
        """Compiles NAME.c and returns the program's path."""
        program = self.folder / name
        command = ["cc", "-O2", "-Wall", "-Wextra", "-o", program, BENCHMARKS / f"{name}.c", *flags]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"{name}.c does not compile: {done.stderr.strip()}")
        return program


class Process:
    """A server under test, including its child processes."""

    def __init__(self, log, command, more):
        self.log = log
        with open(log, "wb") as output:
            self.child = subprocess.Popen([str(part) for part in command], stdout=output, stderr=output, **more)

    def stop(self):
        if self.child.poll() is not None:
            return
        self.child.terminate()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def await_port(self, port, seconds=20):
        """Returns when the port accepts connections."""
        self.await_that(lambda: answers(port), seconds, f"does not listen on port {port}")

    def await_that(self, condition, seconds, complaint):
        end = time.monotonic() + seconds
        while not condition():
            if self.child.poll() is not None:
                said = self.log.read_text(errors="replace").strip()[-500:]
                raise Failure(f"{self.child.args[0]} has stopped: {said}")
            if time.monotonic() > end:
                raise Failure(f"{self.child.args[0]} {complaint}")
            time.sleep(0.001)

    def ids(self):
        children = pathlib.Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text().split()
        return [self.child.pid, *map(int, children)]

    def cpu_seconds(self):
        return sum(cpu_seconds(identity) for identity in self.ids())

    def resident_bytes(self):
        """Resident memory of the process and its children; a shared page counts for each of them."""
        return sum(resident_bytes(identity) for identity in self.ids())


def cpu_seconds(identity):
    fields = pathlib.Path(f"/proc/{identity}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_bytes(identity):
    for line in pathlib.Path(f"/proc/{identity}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def answers(port):
    with contextlib.closing(socket.socket()) as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    with contextlib.closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
