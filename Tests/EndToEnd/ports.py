"""Ports for programs that tests start later."""

import fcntl
import pathlib
import random
import socket
import tempfile

RANGE = pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range")
# Locked until this process ends, one for each port that it was given.
held = []


def free_port() -> int:
    """A port that nobody takes until the program that it is for listens on it.

    The system's own choice (a bind to port 0) comes from the range of which outgoing connections take theirs, so another
    connection or test could have it by then. This one is outside that range, and locked against other runs of the tests."""
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
