"""Runs schemathesis against a new portal: `unshare --net python keeping_to_description.py FOLDER`. Run it only in a separate network
namespace: generated requests contain addresses of routers and webhooks, which the portal may call."""

import os
import pathlib
import subprocess
import sys

from served import Served, module

PHASES = "examples,coverage,fuzzing,stateful"


def play(folder) -> int:
    with Served(folder) as portal:
        environment = os.environ | {
            "SCHEMATHESIS_HOOKS": "described", "PYTHONPATH": str(pathlib.Path(__file__).parent),
            "PORTICO_TEST_URL": portal.url, "PORTICO_TEST_TOKEN": portal.token}
        command = [
            module("schemathesis"), "run", f"{portal.url}/captive/openapi.json", "--checks", "all", "--phases", PHASES,
            "--seed", "1", "--max-examples", "10", "--no-color",
            "--header", f"Authorization: Bearer {portal.token}"]
        return subprocess.run(command + sys.argv[2:], env=environment, cwd=folder).returncode


if __name__ == "__main__":
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    sys.exit(play(pathlib.Path(sys.argv[1])))
