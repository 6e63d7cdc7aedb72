"""Debian's openNDS on the gateway of a guest network."""

import os
import pathlib
import tempfile

from namespaces import GATEWAY, PORTAL
from portal import eventually

KEY = "0123456789abcdef"
# openNDS uses fixed paths below /run, /etc and /var/lib/misc, and requires legacy iptables. They are provided in a separate
# mount namespace, which the gateway's later programs share.
PLACES = """set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/tmpfiles.d /run/changes /run/work /run/bin
cat /etc/resolv.conf > /run/resolv
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/changes,workdir=/run/work /etc
cat /run/resolv > /etc/resolv.conf
: > /etc/dnsmasq.conf
# openNDS does not know that option; its authmon reads it there, comment or not.
echo '# nat_traversal_poll_interval 1' >> /etc/opennds/opennds.conf
mount -t tmpfs tmpfs /var/lib/misc
ln -s {leases} /var/lib/misc/dnsmasq.leases
mount --bind /usr/sbin/xtables-legacy-multi /usr/sbin/xtables-nft-multi
touch {folder}/places
exec sleep infinity
"""
SETTINGS = """GatewayInterface guests0
fasport {port}
fasremoteip {address}
fasremotefqdn {portal}
faspath /hotspot/{site}
fas_secure_enabled {level}
faskey {key}
allow_preemptive_authentication {unseen}
checkinterval 5
sessiontimeout 20
{garden}
FirewallRuleSet authenticated-users {{
  FirewallRule allow all
}}
FirewallRuleSet preauthenticated-users {{
}}
FirewallRuleSet users-to-router {{
  FirewallRule allow udp port 53
  FirewallRule allow tcp port 53
  FirewallRule allow udp port 67
  FirewallRule allow icmp
  FirewallRule allow tcp port 8080
}}
"""
GARDEN = "walledgarden_fqdn_list {names}\nwalledgarden_port_list {port}"
# Its scripts write settings for the machine's dnsmasq into its configuration, and restart it.
SYSTEMCTL = """#!/bin/sh
[ "$*" = "restart dnsmasq" ] || exit 0
cat /etc/dnsmasq.conf > {folder}/dnsmasq.conf
kill "$(cat {folder}/dnsmasq.pid)"
"""
RUNNING = "openNDS is now running."
PATH = "/run/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class OpenNDS:
    """A running openNDS; leaving the `with` stops it."""

    def __init__(self, gateway):
        self.node, self.folder = gateway, pathlib.Path(tempfile.mkdtemp(dir=gateway.folder, prefix="opennds-"))
        self.program = None
        # It controls IPv4 only.
        gateway.nft("table ip6 unguarded { chain through { type filter hook forward priority 0; reject; }; }")

    def __enter__(self):
        leases = self.node.folder / "leases"
        places = self.node.start("sh", "-c", PLACES.format(folder=self.folder, leases=leases))
        assert eventually(lambda: (self.folder / "places").exists()), self.node.log()
        self.node.inside = lambda *command: ["nsenter", "-t", str(places.pid), "-m", "-n", *map(str, command)]
        systemctl = SYSTEMCTL.format(folder=self.node.folder)
        self.node.run("sh", "-c", "cat > /run/bin/systemctl && chmod +x /run/bin/systemctl", input=systemctl)
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, site, level=1, unseen=1, portal=PORTAL, address=GATEWAY, port=8080, garden=(), garden_port=443):
        """`garden`: the names that it opens without a session, on `garden_port`."""
        settings = self.folder / "opennds.conf"
        settings.write_text(SETTINGS.format(
            portal=portal, address=address, port=port, site=site, key=KEY, level=level, unseen=unseen,
            garden=GARDEN.format(names=" ".join(garden), port=garden_port) if garden else ""))
        # It fails if files of its last run exist.
        for table in ("mangle", "nat", "filter"):
            self.node.run("sh", "-c", f"iptables -t {table} -F && iptables -t {table} -X")
        starts = self.node.log().count(RUNNING)
        self.program = self.node.start("env", f"PATH={PATH}", "opennds", "-f", "-d", "1", "-c", settings)
        # It responds to ndsctl before its firewall exists, and until then forwards all traffic.
        assert eventually(lambda: self.node.log().count(RUNNING) > starts, seconds=60), self.node.log()
        assert eventually(lambda: self.tell("status").returncode == 0), self.node.log()

    def stop(self):
        if self.program and self.program.poll() is None:
            # Refused while another ndsctl runs.
            assert eventually(lambda: self.tell("stop").returncode == 0), self.node.log()
            self.program.wait(timeout=20)

    def trust(self, authority):
        """Its programs trust that certificate, too."""
        self.node.run("sh", "-c", f"cat {authority} >> /etc/ssl/certs/ca-certificates.crt")

    def signal_authmon(self, number):
        """Sends a signal to its daemon and all its child processes."""
        found = self.node.run("pgrep", "-f", "usr/lib/opennds/authmon.sh", check=False).stdout.split()
        here = os.readlink(f"/proc/{self.program.pid}/ns/net")
        found = [int(pid) for pid in found if namespace(pid) == here]
        assert found, self.node.log()
        for pid in found:
            os.kill(pid, number)

    def tell(self, *command):
        return self.node.run("ndsctl", *command, check=False)


def namespace(pid):
    """The network namespace of a process; None if it has ended."""
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except FileNotFoundError:
        return None
