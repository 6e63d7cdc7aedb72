"""A guest network made of Linux network namespaces, wires between them and real services. It needs root, and nothing of it
reaches the machine's own network: every wire ends in a namespace that is deleted afterwards.

    guest ─┐
           ├─ guests0 (bridge, 10.99.0.1, fd99::1)  gateway  wan0 ─── internet (203.0.113.10, 2001:db8::10)
    other ─┘
"""

import os
import pathlib
import shutil
import subprocess

from portal import eventually

GATEWAY, GATEWAY6 = "10.99.0.1", "fd99::1"
SUBNET = "10.99.0.0/24"
WEB, WEB6 = "203.0.113.10", "2001:db8::10"
PARTNER, CLOUD = "203.0.113.20", "203.0.113.30"
# Names under `.test` resolve here and nowhere else (RFC 6761).
PORTAL, SITE, PARTNER_NAME = "portal.guest.test", "some-site.test", "partner.some-site.test"
CLOUD_NAME = "portal.cloud.test"
PROGRAMS = ["ip", "dnsmasq", "nft", "udhcpc", "ping", "curl"]


def obstacle() -> str | None:
    """Why this machine cannot make such a network; None if it can."""
    if os.geteuid() != 0:
        return "a guest network of namespaces needs root"
    name = f"portico-try-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    subprocess.run(["ip", "netns", "del", name], capture_output=True)
    return made.stderr.strip() and f"network namespaces cannot be made here: {made.stderr.strip()}" or None


def missing_programs() -> list[str]:
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    return [program for program in PROGRAMS if not shutil.which(program, path=path)]


class Node:
    """One network namespace and the programs that were started in it."""

    def __init__(self, name, folder):
        self.name = f"portico-{os.getpid()}-{name}"
        self.folder = folder / name
        self.folder.mkdir(parents=True)
        self.programs = []
        self.namespace("add")
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
    """A phone or laptop on the guest network."""

    def __init__(self, name, mac, network):
        super().__init__(name, network.folder)
        self.mac = mac
        network.plug(self, mac)
        self.lease = self.join()

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
        return eventually(address)[0]

    def get(self, url, *options) -> tuple[int, str]:
        """Status and body; status 0 and the reason if there is no answer."""
        done = self.run("curl", "-s", "-S", "--max-time", "4", "-w", "\n%{http_code}", *options, url, check=False, timeout=15)
        body, _, status = done.stdout.rpartition("\n")
        return (int(status), body) if done.returncode == 0 else (0, done.stderr)

    def reaches(self, url) -> bool:
        """Whether the internet's own server answers there."""
        return self.get(url) == (200, "the internet\n")

    def pings(self, address) -> bool:
        return self.run("ping", "-c", "1", "-W", "1", address, check=False).returncode == 0


LEASE_SCRIPT = """#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr replace "$ip/$mask" dev "$interface"
ip route replace default via "$router"
echo "nameserver $dns" > {resolv}
env > {folder}/lease
"""


class GuestNetwork:
    """The whole of it. Leaving the `with` deletes every namespace."""

    def __init__(self, folder):
        self.folder, self.nodes = folder, []

    def __enter__(self):
        try:
            self.internet = self.node("internet")
            self.gateway = self.node("gateway")
            self.connect()
            self.serve_internet()
            self.serve_addresses()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in reversed(self.nodes):
            node.close()

    def node(self, name):
        self.nodes.append(Node(name, self.folder))
        return self.nodes[-1]

    def device(self, name, mac) -> GuestDevice:
        device = GuestDevice(name, mac, self)
        self.nodes.append(device)
        return device

    def connect(self):
        gateway, internet = self.gateway, self.internet
        self.wire(gateway, "wan0", internet, "eth0")
        for node, address, address6 in [(gateway, "198.51.100.2/24", "2001:db8:1::2/64"),
                                        (internet, "198.51.100.1/24", "2001:db8:1::1/64")]:
            interface = "wan0" if node is gateway else "eth0"
            node.run("ip", "addr", "add", address, "dev", interface)
            node.run("ip", "-6", "addr", "add", address6, "dev", interface, "nodad")
        for address in (f"{WEB}/32", f"{PARTNER}/32", f"{CLOUD}/32"):
            internet.run("ip", "addr", "add", address, "dev", "lo")
        internet.run("ip", "-6", "addr", "add", f"{WEB6}/128", "dev", "lo", "nodad")
        internet.run("ip", "-6", "route", "add", "fd99::/64", "via", "2001:db8:1::2")
        gateway.run("ip", "link", "add", "guests0", "type", "bridge")
        gateway.run("ip", "link", "set", "guests0", "up")
        gateway.run("ip", "addr", "add", f"{GATEWAY}/24", "dev", "guests0")
        gateway.run("ip", "-6", "addr", "add", f"{GATEWAY6}/64", "dev", "guests0", "nodad")
        # Where it is on, the kernel loses what it sends to end a redirected connection; docs/gateways.md has it off.
        if self.gateway.run("test", "-e", "/proc/sys/net/bridge/bridge-nf-call-iptables", check=False).returncode == 0:
            gateway.set("net/bridge/bridge-nf-call-iptables", 0)
        gateway.set("net/ipv4/ip_forward", 1)
        gateway.set("net/ipv6/conf/all/forwarding", 1)
        gateway.run("ip", "route", "add", "default", "via", "198.51.100.1")
        gateway.run("ip", "-6", "route", "add", "default", "via", "2001:db8:1::1")
        gateway.nft('table ip uplink { chain out { type nat hook postrouting priority srcnat; oifname "wan0" masquerade; }; }')

    def wire(self, one, one_end, two, two_end):
        one.run("ip", "link", "add", one_end, "type", "veth", "peer", "name", two_end, "netns", two.name)
        one.run("ip", "link", "set", one_end, "up")
        two.run("ip", "link", "set", two_end, "up")

    def plug(self, device, mac):
        """Into the guests' bridge."""
        port = f"port{len(self.nodes)}"
        self.wire(self.gateway, port, device, "eth0")
        device.run("ip", "link", "set", "eth0", "address", mac)
        self.gateway.run("ip", "link", "set", port, "master", "guests0")

    def serve_internet(self):
        here = pathlib.Path(__file__).parent
        self.internet.start("python3", here / "internet.py")

    def serve_addresses(self):
        """dnsmasq gives addresses (IPv4 by DHCP, IPv6 by router announcements), names, and where to ask whether one is
        captive (RFC 8910)."""
        leases, empty = self.gateway.folder / "leases", self.gateway.folder / "dnsmasq.conf"
        empty.touch()
        self.gateway.resolver().write_text(f"nameserver {GATEWAY}\n")
        self.dnsmasq = self.gateway.start(
            "dnsmasq", "--keep-in-foreground", f"--conf-file={empty}", "--no-resolv", "--no-hosts", "--user=root",
            f"--pid-file={self.gateway.folder}/dnsmasq.pid", "--interface=guests0", "--bind-interfaces",
            "--dhcp-authoritative", "--no-ping",
            f"--dhcp-leasefile={leases}", "--dhcp-range=10.99.0.50,10.99.0.150,1h", "--enable-ra",
            "--dhcp-range=fd99::,ra-stateless,64,1h", f"--dhcp-option-force=114,http://{PORTAL}:8080/captive-portal/api",
            f"--address=/{PORTAL}/{GATEWAY}", f"--host-record={SITE},{WEB},{WEB6}", f"--host-record={PARTNER_NAME},{PARTNER},5",
            f"--host-record={CLOUD_NAME},{CLOUD}")
        assert eventually(lambda: self.gateway.run("sh", "-c", "ss -lun | grep -q ':67 '", check=False).returncode == 0), \
            self.gateway.log()
