"""Measures Portico and its peers, all on loopback, and writes the ratios to results.json.

    python3 Benchmarks/run.py [--rows 1,6] [--seconds 4] [--rounds 5] [--workers 2] [--portico PROGRAM]

Reading order: bench/machine.py (processes and their cost), bench/portal.py, bench/nginx.py and bench/peers.py (the servers
under test), bench/load.py and bench/pairs.py (the measurement), then the rows: pages, tls, probes, journey, memory, start, routers;
at the end bench/report.py.
"""

import argparse
import pathlib
import signal
import sys

from bench import journey, memory, pages, probes, report, routers, start, tls
from bench.machine import ROOT, Failure, Workplace

ROWS = {
    1: pages.beside_nginx,
    2: pages.beside_hummingbird,
    3: pages.beside_flyingfox,
    5: tls.new_connections,
    6: probes.redirects,
    7: journey.whole,
    8: memory.idle,
    10: start.first_page,
    11: routers.restored,
}


def options():
    parser = argparse.ArgumentParser(description="Measures Portico and its peers side by side on this machine.")
    parser.add_argument("--rows", default=",".join(map(str, ROWS)), help="row numbers, such as 1,6")
    parser.add_argument("--seconds", type=int, default=4, help="length of one measurement")
    parser.add_argument("--rounds", type=int, default=5, help="pairs for each row")
    parser.add_argument("--workers", type=int, default=2, help="event loops of Portico, worker processes of nginx")
    parser.add_argument("--portico", type=pathlib.Path, default=ROOT / ".build/release/portico")
    chosen = parser.parse_args()
    try:
        chosen.rows = [int(number) for number in chosen.rows.split(",")]
    except ValueError:
        parser.error("--rows takes numbers separated by commas")
    if unknown := set(chosen.rows) - set(ROWS):
        parser.error(f"there is no row {min(unknown)}; there are {', '.join(map(str, ROWS))}")
    return chosen


def main():
    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results = []
    for number in chosen.rows:
        with Workplace(chosen) as place:
            for result in ROWS[number](place):
                results.append(result)
                report.line(result)
    report.write(results, chosen)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failure, FileNotFoundError) as failure:
        sys.exit(f"bench: {failure}")
