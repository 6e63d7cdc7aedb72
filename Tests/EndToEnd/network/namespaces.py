"""A guest network of Linux network namespaces, virtual wires between them and real services. It needs root, and does not
affect the machine's own network: every wire ends in a namespace that is deleted afterwards.

    guest ─┐
           ├─ guests0 (bridge, 10.99.0.1, fd99::1)  gateway  wan0 ─── internet (203.0.113.10, 2001:db8::10)
    other ─┘
"""

import os
import pathlib
import shutil
import subprocess

from nodes import GuestDevice, Node
from portal import eventually

GATEWAY, GATEWAY6 = "10.99.0.1", "fd99::1"
SUBNET = "10.99.0.0/24"
WEB, WEB6 = "203.0.113.10", "2001:db8::10"
PARTNER, CLOUD, PROVIDER = "203.0.113.20", "203.0.113.30", "203.0.113.40"
INTERNET = "198.51.100.1"
# Names under `.test` resolve only here (RFC 6761).
PORTAL, SITE, PARTNER_NAME = "portal.guest.test", "some-site.test", "partner.some-site.test"
CLOUD_NAME, PROVIDER_NAME = "portal.cloud.test", "sign-in.provider.test"
PROGRAMS = ["ip", "dnsmasq", "nft", "udhcpc", "ping", "curl"]


def obstacle() -> str | None:
    """Why this machine cannot create such a network; None if it can."""
    if os.geteuid() != 0:
        return "a guest network of namespaces needs root"
    name = f"portico-try-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    subprocess.run(["ip", "netns", "del", name], capture_output=True)
    return made.stderr.strip() and f"network namespaces cannot be made here: {made.stderr.strip()}" or None


def missing_programs() -> list[str]:
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    return [program for program in PROGRAMS if not shutil.which(program, path=path)]


class GuestNetwork:
    """The network; leaving the `with` deletes every namespace."""

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
                                        (internet, f"{INTERNET}/24", "2001:db8:1::1/64")]:
            interface = "wan0" if node is gateway else "eth0"
            node.run("ip", "addr", "add", address, "dev", interface)
            node.run("ip", "-6", "addr", "add", address6, "dev", interface, "nodad")
        for address in (WEB, PARTNER, CLOUD, PROVIDER):
            internet.run("ip", "addr", "add", f"{address}/32", "dev", "lo")
        internet.run("ip", "-6", "addr", "add", f"{WEB6}/128", "dev", "lo", "nodad")
        internet.run("ip", "-6", "route", "add", "fd99::/64", "via", "2001:db8:1::2")
        gateway.run("ip", "link", "add", "guests0", "type", "bridge")
        gateway.run("ip", "link", "set", "guests0", "up")
        gateway.run("ip", "addr", "add", f"{GATEWAY}/24", "dev", "guests0")
        gateway.run("ip", "-6", "addr", "add", f"{GATEWAY6}/64", "dev", "guests0", "nodad")
        # If it is on, the kernel loses the resets of redirected connections; docs/gateways.md turns it off.
        if self.gateway.run("test", "-e", "/proc/sys/net/bridge/bridge-nf-call-iptables", check=False).returncode == 0:
            gateway.set("net/bridge/bridge-nf-call-iptables", 0)
        gateway.set("net/ipv4/ip_forward", 1)
        gateway.set("net/ipv6/conf/all/forwarding", 1)
        gateway.run("ip", "route", "add", "default", "via", INTERNET)
        gateway.run("ip", "-6", "route", "add", "default", "via", "2001:db8:1::1")
        gateway.nft('table ip uplink { chain out { type nat hook postrouting priority srcnat; oifname "wan0" masquerade; }; }')

    def wire(self, one, one_end, two, two_end, mac=None):
        """`mac`: of the second end."""
        address = ["address", mac] if mac else []
        one.run("ip", "link", "add", one_end, "type", "veth", "peer", "name", two_end, *address, "netns", two.name)
        one.run("ip", "link", "set", one_end, "up")
        two.run("ip", "link", "set", two_end, "up")

    def plug(self, device, mac):
        """Connects a namespace to the guests' bridge."""
        port = f"port{len(self.nodes)}"
        self.wire(self.gateway, port, device, "eth0", mac)
        self.gateway.run("ip", "link", "set", port, "master", "guests0")

    def serve_internet(self):
        here = pathlib.Path(__file__).parent
        self.internet.start("python3", here / "internet.py")
        self.internet.resolver().write_text(f"nameserver {INTERNET}\n")
        self.dnsmasq(self.internet, f"--listen-address={INTERNET}", f"--host-record={SITE},{WEB},{WEB6}",
                     f"--host-record={PARTNER_NAME},{PARTNER},5", f"--host-record={CLOUD_NAME},{CLOUD}",
                     f"--host-record={PROVIDER_NAME},{PROVIDER}")

    def serve_addresses(self):
        """Starts dnsmasq: addresses (IPv4 by DHCP, IPv6 by router advertisements), the names of the internet and the portal,
        and the address of the Captive Portal API (RFC 8910)."""
        leases = self.gateway.folder / "leases"
        self.gateway.resolver().write_text(f"nameserver {GATEWAY}\n")
        self.dnsmasq(self.gateway, "--interface=guests0", f"--server={INTERNET}", f"--address=/{PORTAL}/{GATEWAY}",
                     "--dhcp-authoritative", "--no-ping", f"--dhcp-leasefile={leases}",
                     "--dhcp-range=10.99.0.50,10.99.0.150,1h", "--enable-ra", "--dhcp-range=fd99::,ra-stateless,64,1h",
                     f"--dhcp-option-force=114,http://{PORTAL}:8080/captive-portal/api")
        assert self.listens(self.gateway, 67), self.gateway.log()

    def dnsmasq(self, node, *options):
        """Starts dnsmasq again whenever it is ended by its `dnsmasq.pid`; then it reads its `dnsmasq.conf` again."""
        (node.folder / "dnsmasq.conf").touch()
        node.start("sh", "-c", STARTED_AGAIN, "-", "dnsmasq", "--keep-in-foreground", f"--conf-file={node.folder}/dnsmasq.conf",
                   f"--pid-file={node.folder}/dnsmasq.pid", "--no-resolv", "--no-hosts", "--user=root", "--bind-interfaces", *options)
        assert self.listens(node, 53), node.log()

    def listens(self, node, port):
        return eventually(lambda: node.run("sh", "-c", f"ss -lun | grep -q ':{port} '", check=False).returncode == 0)


STARTED_AGAIN = 'trap "kill \\$!; wait; exit" TERM; while :; do "$@" & wait $! || exit; done'
