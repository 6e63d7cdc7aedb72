"""One machine of a guest network: a Linux network namespace, and the programs that were started in it."""

import os
import pathlib
import shutil
import subprocess

from portal import eventually


class Node:
    """One network namespace and the programs that were started in it."""

    def __init__(self, name, folder):
        self.name = f"portico-{os.getpid()}-{name}"
        self.folder = folder / name
        self.folder.mkdir(parents=True)
        self.programs = []
        self.namespace("add")
        # Nobody else is on these wires: an IPv6 address may be used at once, and a router is asked for at once.
        for interfaces in ("all", "default"):
            self.set(f"net/ipv6/conf/{interfaces}/accept_dad", 0)
            self.set(f"net/ipv6/conf/{interfaces}/router_solicitation_delay", 0)
        self.run("ip", "link", "set", "lo", "up")

    def namespace(self, verb):
        subprocess.run(["ip", "netns", verb, self.name], check=True, capture_output=True, text=True)

    def inside(self, *command):
        return ["ip", "netns", "exec", self.name, *map(str, command)]

    def run(self, *command, check=True, timeout=30, **options) -> subprocess.CompletedProcess:
        done = subprocess.run(self.inside(*command), capture_output=True, text=True, timeout=timeout, **options)
        assert not check or done.returncode == 0, f"{command}: {done.stderr}{done.stdout}"
        return done

    def start(self, *command, **options) -> subprocess.Popen:
        """A program that runs until `stop`; what it says goes into the log."""
        with open(self.folder / "log", "ab") as log:
            program = subprocess.Popen(self.inside(*command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)
        self.programs.append(program)
        return program

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def set(self, setting, value):
        """A sysctl of this namespace alone."""
        self.run("sh", "-c", f"echo {value} > /proc/sys/{setting}")

    def resolver(self) -> pathlib.Path:
        """Seen as /etc/resolv.conf by programs of this namespace alone (ip-netns(8)); empty at first."""
        folder = pathlib.Path("/etc/netns") / self.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "resolv.conf").touch()
        return folder / "resolv.conf"

    def nft(self, script):
        self.run("nft", "-f", "-", input=script)

    def close(self):
        for program in reversed(self.programs):
            if program.poll() is None:
                program.terminate()
        for program in self.programs:
            try:
                program.wait(timeout=10)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
        self.namespace("del")
        shutil.rmtree(f"/etc/netns/{self.name}", ignore_errors=True)


class GuestDevice(Node):
    """A phone or laptop on the guest network.

    It is there when all its addresses are: DHCP gives one in a moment, but the router's announcement, which gives the IPv6
    address, came up to four seconds later, and Chromium breaks off what it loads when the machine gets an address
    (net::ERR_NETWORK_CHANGED)."""

    def __init__(self, name, mac, network):
        super().__init__(name, network.folder)
        self.mac = mac
        network.plug(self, mac)
        self.lease = self.join()
        self.ip6()

    def join(self):
        """Asks for an address by DHCP and takes the DNS server that it is told; returns all that the server said."""
        script = self.folder / "lease.sh"
        script.write_text(LEASE_SCRIPT.format(folder=self.folder, resolv=self.resolver()))
        script.chmod(0o755)
        self.run("udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "10", "-T", "1", "-O", "114", "-s", script)
        lines = (self.folder / "lease").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    @property
    def ip(self):
        return self.lease["ip"]

    def ip6(self):
        """The address that it made for itself from the router's announcement, once it may be used."""
        def address():
            lines = self.run("ip", "-6", "-o", "addr", "show", "dev", "eth0", "scope", "global", "-tentative").stdout
            return [line.split()[3].split("/")[0] for line in lines.splitlines()]
        addresses = eventually(address, seconds=20)
        assert addresses, f"no router announced itself to {self.name}"
        return addresses[0]

    def get(self, url, *options) -> tuple[int, str]:
        """Status and body; status 0 and the reason if there is no answer."""
        # A captured request costs openNDS several shell scripts, which take seconds on a busy machine.
        done = self.run("curl", "-s", "-S", "--max-time", "20", "-w", "\n%{http_code}", *options, url, check=False)
        body, _, status = done.stdout.rpartition("\n")
        return (int(status), body) if done.returncode == 0 else (0, done.stderr)

    def reaches(self, url) -> bool:
        """Whether the internet's own server answers there."""
        return self.get(url) == (200, "the internet\n")

    def pings(self, address) -> bool:
        """A gateway that is closed says so at once; the time is for a busy machine."""
        return self.run("ping", "-c", "1", "-W", "5", address, check=False).returncode == 0


LEASE_SCRIPT = """#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr replace "$ip/$mask" dev "$interface"
ip route replace default via "$router"
echo "nameserver $dns" > {resolv}
env > {folder}/lease
"""
