"""Row 10: from the start of the program to the first page, with 100,000 coupons in the database."""

import time
from statistics import median

from . import portal
from .http import ask

COUPONS = 100_000


def first_page(place):
    running = portal.serve(place)
    site, instance = running.instance("10.0.0.0/8")
    running.coupons(instance, COUPONS)
    path = running.page_path(site, "02:00:00:00:00:01", "10.5.0.11")
    running.process.stop()
    seen = [one_start(place, running, path) for _ in range(place.options.rounds)]
    yield {
        "row": 10, "name": "start to first page, 100,000 coupons", "peer_name": "", "unit": "ms",
        "ours": round(median(seen) * 1e3, 1), "peer": None, "ratio": None, "goal": "<= 150", "rounds": len(seen),
    }


def one_start(place, running, path):
    start = time.monotonic()
    process = portal.launch(place, running.environment, running.port)
    ask(running.port, path).expect(200, "Portico")
    elapsed = time.monotonic() - start
    process.stop()
    return elapsed
