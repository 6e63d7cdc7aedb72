"""Ports for programs that tests start."""

import fcntl
import pathlib
import random
import socket
import tempfile

RANGE = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")
# One lock for each port that was returned; held until this process ends.
held = []


def free_port() -> int:
    """Returns a port that stays free until the test's program listens on it.

    The system's own choice (a bind to port 0) comes from the range of outgoing connections, so another connection or test
    could take it first. This port is outside that range, and locked against other runs of the tests."""
    first, last = map(int, RANGE.read_text().split())
    folder = pathlib.Path(tempfile.gettempdir()) / "portico-ports"
    folder.mkdir(exist_ok=True)
    outside = [port for port in range(10_000, 65_536) if not first <= port <= last]
    for port in random.sample(outside, len(outside)):
        lock = open(folder / str(port), "w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.bind(("", port))
        except OSError:
            lock.close()
            continue
        held.append(lock)
        return port
    raise AssertionError(f"no port outside {first} to {last} is free")
