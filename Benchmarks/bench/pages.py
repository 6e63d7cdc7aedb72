"""Rows 1 to 3: the themed page of a coupon instance, for guests with valid tokens, over keep-alive connections."""

import html
import json

from . import nginx, peers, portal
from .load import Target, accept_gzip
from .machine import Failure
from .pairs import compare


# Each has its own token.
GUESTS = 100


def coupon_page(place):
    """Starts Portico with an instance; returns the target and the expected page."""
    running = portal.serve(place)
    site, _ = running.instance("10.0.0.0/8")
    numbers = range(100, 100 + GUESTS)
    paths = [running.page_path(site, f"02:00:00:00:01:{number:02x}", f"10.5.0.{number}") for number in numbers]
    target = Target("Portico", running.process, running.port, paths, accept_gzip(), None)
    target.expect = lambda answer: answer.expect(200, "Portico")
    page = target.check()
    if 'name="code"' not in page.text():
        raise Failure("Portico's page has no field for a code")
    target.expect = lambda answer: same(answer.expect(200, "Portico").body, page.body, "Portico")
    return target, page


def same(got, wanted, who):
    if got != wanted:
        raise Failure(f"{who} sends another page")


def beside_nginx(place):
    ours, page = coupon_page(place)
    server = nginx.static_page(place, page)
    peer = Target("nginx", server.process, server.port, ["/preauth"], accept_gzip(), None)
    peer.expect = lambda answer: same(answer.expect(200, "nginx").body, page.body, "nginx")
    nginx.same_number_of_fields(page, peer.check())
    yield {"row": 1, "peer_name": "nginx, static file"} | compare(place, "themed page", ours, peer, ">= 1.2")


def beside_hummingbird(place):
    yield rendered(place, 2, "HummingbirdPeer", "Hummingbird + swift-mustache", ">= 6")


def beside_flyingfox(place):
    yield rendered(place, 3, "FlyingFoxPeer", "FlyingFox + swift-mustache", ">= 60")


def rendered(place, number, program, name, goal):
    """A peer that renders the same templates with the same values for each request."""
    ours, page = coupon_page(place)
    values = place.folder / "values.json"
    values.write_text(json.dumps(peers.values(page.text())))
    process, port = peers.start(place, program, values)
    peer = Target(name, process, port, ours.paths, accept_gzip(), None)
    wanted = html.unescape(page.text())
    peer.expect = lambda answer: same(html.unescape(answer.expect(200, name).text()), wanted, name)
    return {"row": number, "peer_name": name} | compare(place, "themed page", ours, peer, goal)
