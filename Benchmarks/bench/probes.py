"""Row 6: the probe of a phone that joins, intercepted by the router: a redirect over a new connection."""

from . import portal
from .http import ask
from .load import Target
from .machine import Failure
from .nginx import Nginx
from .pairs import compare

PROBE = "/hotspot-detect.html"
FIELDS = {"Host": "captive.apple.com", "Connection": "close", "User-Agent": "CaptiveNetworkSupport-443.120.2 wispr"}


def redirects(place):
    running = portal.serve(place)
    # The load comes from 127.0.0.1, which must belong to a site, or the redirect would be another one.
    site, _ = running.instance("127.0.0.0/8")
    wanted = f"http://127.0.0.1:{running.port}/hotspot/{site}?ip=127.0.0.1"
    ours = probed("Portico", running.process, running.port, wanted)
    server = Nginx(place, f"return 302 {wanted};")
    peer = probed("nginx", server.process, server.port, wanted)
    ask(running.port, PROBE, FIELDS)
    yield {"row": 6, "peer_name": "nginx, return 302"} | compare(place, "probe, new connection", ours, peer, ">= 1.0")


def probed(name, process, port, wanted):
    def expect(answer):
        if answer.expect(302, name)["Location"] != wanted:
            raise Failure(f"{name} redirects to {answer['Location']}")

    return Target(name, process, port, [PROBE], FIELDS, expect)
