"""A conference opens: 1,000 guests at once, and for every code somebody else who read it over the shoulder."""

import http.client
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

from portal import eventually

GUESTS = 1_000
AT_A_TIME = 100
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def ask(url, body=None):
    """Status and Location of one request on a connection of its own."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    try:
        target = f"{parts.path}?{parts.query}"
        connection.request("POST" if body else "GET", target, body, FORM if body else {})
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers["Location"]
    finally:
        connection.close()


def form_of(guest):
    """Router, hotspot, page: what a captured device asks for."""
    _, hotspot = ask(guest.url)
    _, page = ask(hotspot)
    assert ask(page)[0] == 200
    return page


def race(entry):
    """Owner and rival send the same code at the same moment; the devices that got in, and both statuses."""
    code, owner, rival = entry
    forms = [form_of(owner), form_of(rival)]
    start = threading.Barrier(2)
    body = urlencode({"code": code})

    def enter(form):
        start.wait(timeout=30)
        return ask(form, body)

    with ThreadPoolExecutor(2) as pair:
        answers = list(pair.map(enter, forms))
    inside = [guest for guest, (status, _) in zip((owner, rival), answers) if status == 303]
    return inside, sorted(status for status, _ in answers)


def test_each_code_lets_in_exactly_one_device_and_the_router_holds_exactly_those(fresh_demo):
    coupons = fresh_demo.new_coupons(GUESTS)
    entries = [(coupon["code"], fresh_demo.guest(), fresh_demo.guest()) for coupon in coupons]
    with ThreadPoolExecutor(AT_A_TIME) as crowd:
        results = list(crowd.map(race, entries))

    assert [statuses for _, statuses in results if statuses != [303, 422]] == []
    admitted = {guest.mac: guest.ip for [guest], _ in results}
    assert len(admitted) == GUESTS

    made = {coupon["id"] for coupon in coupons}
    valid = {coupon["id"] for coupon in fresh_demo.api("GET", fresh_demo.coupons_path()).json()}
    assert made.isdisjoint(valid)

    eventually(lambda: len(fresh_demo.router_active()) >= GUESTS, seconds=30)
    assert {mac: row["address"] for mac, row in fresh_demo.router_active().items()} == admitted
