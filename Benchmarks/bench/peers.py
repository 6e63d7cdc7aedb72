"""The peers written in Swift, in a separate package."""

import json
import re
import subprocess
import sys

from .machine import BENCHMARKS, ROOT, Failure, free_port

TEMPLATES = ROOT / "Templates"


def start(place, program, values):
    """Builds a peer if necessary and starts it; returns its process and port."""
    folder = build()
    port = free_port()
    process = place.run(folder / program, TEMPLATES, values, port)
    process.await_port(port)
    return process, port


def build():
    """Builds the peers and returns the folder of the release programs."""
    command = ["swift", "build", "-c", "release", "--package-path", str(BENCHMARKS)]
    print("bench: building the peers; the first time it takes some minutes", file=sys.stderr, flush=True)
    done = subprocess.run(["nice", "-n", "20", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failure("the peers do not build; `swift build -c release --package-path Benchmarks` shows the reason")
    shown = subprocess.run([*command, "--show-bin-path"], capture_output=True, text=True, check=True)
    return type(BENCHMARKS)(shown.stdout.strip())


def values(page):
    """Returns the values of the coupon template, parsed from Portico's English page, so that all peers show the same."""
    def one(pattern):
        if found := re.search(pattern, page, re.DOTALL):
            return found[1]
        raise Failure(f"Portico's page has nothing like {pattern}")

    name = one(r"<title>[^<]* – ([^<]*)</title>")
    return {
        "language": "en", "direction": "ltr", "scheme": one(r'content="only (\w+)"'),
        "background": one(r'name="theme-color" content="([^"]*)"'), "style": one(r"<style>(.*)</style>"),
        "favicon": one(r'<link rel="icon" href="([^"]*)">'), "brand": name, "venue": name,
        "title": one(r"<h1>([^<]*)</h1>"), "terms": one(r'<div class="terms" dir="auto">([^<]*)</div>'),
        "t": messages(),
    }


def messages():
    """The English messages as templates reach them: `t.coupon.label`."""
    tree = {}
    for key, text in json.loads((TEMPLATES / "locales/en.json").read_text()).items():
        branch, dot, leaf = key.partition(".")
        if dot:
            tree.setdefault(branch, {})[leaf] = text
        else:
            tree[key] = text
    return tree
