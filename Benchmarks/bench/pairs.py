"""Measures two servers in turn for several rounds; the first of a pair alternates, so that drift affects both."""

from statistics import median

from .load import measure


def compare(place, name, ours, peer, goal):
    """Runs `pair_up` for two targets with wrk, after a warm-up of each."""
    for target in (ours, peer):
        measure(target, 1)
    seconds = place.options.seconds
    return pair_up(place, name, lambda: measure(ours, seconds), lambda: measure(peer, seconds), goal, "requests/s")


def pair_up(place, name, measure_ours, measure_peer, goal, unit):
    """Returns a row: medians of both, and the median of the pairs' ratios."""
    ours, peer = [], []
    for number in range(place.options.rounds):
        turns = [(measure_ours, ours), (measure_peer, peer)]
        for measure_one, seen in turns if number % 2 == 0 else reversed(turns):
            seen.append(measure_one())
    pairs = list(zip(ours, peer))
    return {
        "name": name, "unit": unit, "ours": round(median(one.rate for one in ours), 1),
        "peer": round(median(one.rate for one in peer), 1),
        "ratio": round(median(a.rate / b.rate for a, b in pairs), 3), "goal": goal, "rounds": len(pairs),
        "cpu_ratio": round(median(b.cpu_microseconds / a.cpu_microseconds for a, b in pairs), 3),
        "cpu_us": {"ours": middle(ours, "cpu_microseconds"), "peer": middle(peer, "cpu_microseconds")},
        "p99_ms": {"ours": middle(ours, "p99_milliseconds"), "peer": middle(peer, "p99_milliseconds")},
        "pairs": [[round(a.rate, 1), round(b.rate, 1)] for a, b in pairs],
    }


def middle(seen, what):
    values = [getattr(one, what) for one in seen]
    return None if None in values else round(median(values), 2)
