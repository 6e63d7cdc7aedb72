"""Plays schemathesis at a fresh portal: `unshare --net python keeping_to_description.py FOLDER`. Run it only in a network
namespace of its own: what it makes up has addresses in it, of routers and webhooks, and the portal may call there."""

import json
import os
import pathlib
import subprocess
import sys

from served import Served, module

PHASES = "examples,coverage,fuzzing,stateful"


def existing(portal) -> dict[str, str]:
    """The ids of what requests may name."""
    integration = portal.api("POST", "/captive/auth-integrations", {
        "name": "GitHub", "type": "github", "config": {"client_id": "a", "client_secret": "b"}})
    group = portal.api("POST", "/captive/notification-groups", {"name": "Nobody"})
    return {"auth_integration_id": integration["id"], "notification_group_id": group["id"]}


def play(folder) -> int:
    with Served(folder) as portal:
        environment = os.environ | {
            "SCHEMATHESIS_HOOKS": "described", "PYTHONPATH": str(pathlib.Path(__file__).parent),
            "PORTICO_TEST_IDS": json.dumps(existing(portal))}
        command = [
            module("schemathesis"), "run", f"{portal.url}/captive/openapi.json", "--checks", "all", "--phases", PHASES,
            "--seed", "1", "--max-examples", "10", "--workers", "2", "--no-color",
            "--header", f"Authorization: Bearer {portal.token}"]
        return subprocess.run(command + sys.argv[2:], env=environment, cwd=folder).returncode


if __name__ == "__main__":
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    sys.exit(play(pathlib.Path(sys.argv[1])))
