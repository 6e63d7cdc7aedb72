"""One machine of a guest network: a Linux network namespace and its programs."""

import os
import pathlib
import shutil
import subprocess

from portal import eventually


class Node:
    """A network namespace and the programs that were started in it."""

    def __init__(self, name, folder):
        self.name = f"portico-{os.getpid()}-{name}"
        self.folder = folder / name
        self.folder.mkdir(parents=True)
        self.programs = []
        self.namespace("add")
        # No duplicate addresses are possible here: an IPv6 address is used at once, and routers are solicited at once.
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
        """Starts a program that runs until `stop`; its output goes to the log."""
        with open(self.folder / "log", "ab") as log:
            program = subprocess.Popen(self.inside(*command), stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)
        self.programs.append(program)
        return program

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def set(self, setting, value):
        """Sets a sysctl of this namespace only."""
        self.run("sh", "-c", f"echo {value} > /proc/sys/{setting}")

    def resolver(self) -> pathlib.Path:
        """The /etc/resolv.conf of this namespace's programs (ip-netns(8)); empty at first."""
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

    It is ready when it has all its addresses: DHCP assigns one at once, but the router advertisement with the IPv6
    prefix arrives up to four seconds later, and Chromium aborts loading when the machine gets an address
    (net::ERR_NETWORK_CHANGED)."""

    def __init__(self, name, mac, network):
        super().__init__(name, network.folder)
        self.mac = mac
        network.plug(self, mac)
        self.lease = self.join()
        self.ip6()

    def join(self):
        """Requests an address by DHCP and uses the DNS server of the response; returns all options of the response."""
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
        """Returns the address from the router advertisement, once it is usable."""
        def address():
            lines = self.run("ip", "-6", "-o", "addr", "show", "dev", "eth0", "scope", "global", "-tentative").stdout
            return [line.split()[3].split("/")[0] for line in lines.splitlines()]
        addresses = eventually(address, seconds=20)
        assert addresses, f"{self.name} received no router advertisement"
        return addresses[0]

    def get(self, url, *options) -> tuple[int, str]:
        """Returns status and body; status 0 and the reason if there is no response."""
        # openNDS runs several shell scripts for an intercepted request, which take seconds on a busy machine.
        done = self.run("curl", "-s", "-S", "--max-time", "20", "-w", "\n%{http_code}", *options, url, check=False)
        body, _, status = done.stdout.rpartition("\n")
        return (int(status), body) if done.returncode == 0 else (0, done.stderr)

    def reaches(self, url) -> bool:
        """Whether the internet's own server responds there."""
        return self.get(url) == (200, "the internet\n")

    def pings(self, address) -> bool:
        """A closed gateway rejects at once; the time is for a busy machine."""
        return self.run("ping", "-c", "1", "-W", "5", address, check=False).returncode == 0


LEASE_SCRIPT = """#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr replace "$ip/$mask" dev "$interface"
ip route replace default via "$router"
echo "nameserver $dns" > {resolv}
env > {folder}/lease
"""
