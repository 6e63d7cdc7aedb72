"""A `portico serve` whose Google is somebody else's OpenID provider, with one site without a router."""

import base64
import os
import signal
import socket
import subprocess
import sys
import uuid

import requests

from portal import eventually, program

SITE = str(uuid.uuid4())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url) -> bool:
    try:
        return requests.get(url, timeout=2).status_code < 500
    except requests.ConnectionError:
        return False


class Served:
    """Leaving the `with` ends the program."""

    def __init__(self, folder, issuer):
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("PORTICO_")} | {
            "PORTICO_PUBLIC_URL": self.url, "PORTICO_HTTP_LISTEN": self.url.removeprefix("http://"),
            "PORTICO_ADMIN_LISTEN": f"127.0.0.1:{free_port()}", "PORTICO_DATABASE_URL": f"sqlite://{folder}/portico.db",
            "PORTICO_SECRET_KEYS": base64.b64encode(os.urandom(32)).decode(), "PORTICO_OAUTH_GOOGLE_ISSUER": issuer}
        self.log = folder / "log"

    def __enter__(self):
        self.token = self.run("token", "create").stdout.strip()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([program(), "serve"], env=self.environment, stdout=log, stderr=log)
        assert eventually(lambda: answers(self.url + "/captive/openapi.json")), self.log.read_text()
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=15)

    def run(self, *arguments):
        return subprocess.run([program(), *arguments], env=self.environment, capture_output=True, text=True, timeout=30)

    def api(self, method, path, body=None):
        answer = requests.request(method, self.url + path, json=body, timeout=10,
                                  headers={"Authorization": f"Bearer {self.token}"})
        assert answer.status_code < 300, answer.text
        return answer.json()

    def hotel(self, client_id, client_secret):
        """An instance whose guests sign in with that client; returns the integration."""
        integration = self.api("POST", "/captive/auth-integrations", {
            "name": "Peer", "type": "google", "config": {"client_id": client_id, "client_secret": client_secret}})
        self.api("POST", "/captive/instances", {
            "name": "Hotel", "strategy": "oauth2", "session_ttl": 3600, "auth_integration_id": integration["id"],
            "sites": [{"id": SITE, "subnets": ["10.9.0.0/16"]}]})
        self.api("PUT", f"/captive/sites/{SITE}", {"name": "Hotel", "router": {"driver": "none"}})
        return integration

    def guest_url(self, number):
        return f"{self.url}/hotspot/{SITE}?mac=02:00:00:00:09:{number:02X}&ip=10.9.0.{number}"

    def users(self):
        return self.api("GET", f"/captive/sites/{SITE}/users")


def module(name):
    """A program of this Python's own environment."""
    return os.path.join(os.path.dirname(sys.executable), name)
