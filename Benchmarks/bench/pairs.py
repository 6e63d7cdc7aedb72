"""Two servers in turn, several rounds; the first of a pair alternates, so that a drift of the machine hits both."""

from statistics import median

from .load import measure


def compare(place, name, ours, peer, goal, unit="requests/s"):
    """A row: medians of both, and the median of the ratios of the pairs."""
    ours_seen, peer_seen = [], []
    for target in (ours, peer):
        measure(target, 1)
    for number in range(place.options.rounds):
        turns = [(ours, ours_seen), (peer, peer_seen)]
        for target, seen in turns if number % 2 == 0 else reversed(turns):
            seen.append(measure(target, place.options.seconds))
    return {
        "name": name, "unit": unit,
        "ours": round(median(one.rate for one in ours_seen), 1),
        "peer": round(median(one.rate for one in peer_seen), 1),
        "ratio": round(median(a.rate / b.rate for a, b in zip(ours_seen, peer_seen)), 3),
        "goal": goal, "rounds": len(ours_seen),
        "cpu_us": {"ours": middle(ours_seen, "cpu_microseconds"), "peer": middle(peer_seen, "cpu_microseconds")},
        "p99_ms": {"ours": middle(ours_seen, "p99_milliseconds"), "peer": middle(peer_seen, "p99_milliseconds")},
        "pairs": [[round(a.rate, 1), round(b.rate, 1)] for a, b in zip(ours_seen, peer_seen)],
    }


def middle(seen, what):
    return round(median(getattr(one, what) for one in seen), 2)
