"""A `portico serve` with an external identity provider or mail server; its site has no router unless a test sets one."""

import base64
import os
import signal
import subprocess
import sys
import uuid

import requests

from portal import eventually, program
from ports import free_port

SITE = str(uuid.uuid4())


def answers(url) -> bool:
    try:
        return requests.get(url, timeout=10, allow_redirects=False).status_code < 500
    except (requests.ConnectionError, requests.Timeout):
        return False


class Served:
    """A running `portico serve`; leaving the `with` stops it. `settings` are its settings, such as the providers' addresses."""

    def __init__(self, folder, **settings):
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("PORTICO_")} | {
            "PORTICO_PUBLIC_URL": self.url, "PORTICO_HTTP_LISTEN": self.url.removeprefix("http://"),
            "PORTICO_ADMIN_LISTEN": f"127.0.0.1:{free_port()}", "PORTICO_DATABASE_URL": f"sqlite://{folder}/portico.db",
            "PORTICO_SECRET_KEYS": base64.b64encode(os.urandom(32)).decode(),
            "PORTICO_ROUTERS_ALLOW_LOCAL": "true"} | settings
        self.log = folder / "log"

    def __enter__(self):
        assert self.run("database", "migrate").returncode == 0
        self.token = self.run("token", "create").stdout.strip()
        return self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([program(), "serve"], env=self.environment, stdout=log, stderr=log)
        assert eventually(lambda: answers(self.url + "/captive/openapi.json")), self.log.read_text()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=15)

    def kill(self):
        """Kills the process, as a power failure does."""
        self.process.kill()
        self.process.wait()

    def run(self, *arguments):
        return subprocess.run([program(), *arguments], env=self.environment, capture_output=True, text=True, timeout=30)

    def check(self):
        """Runs `portico check` on the existing database."""
        assert self.run("database", "migrate").returncode == 0
        return self.run("check")

    def ask(self, method, path, body=None, **headers):
        """The API's response, whatever its status."""
        return requests.request(method, self.url + path, json=body, timeout=10,
                                headers={"Authorization": f"Bearer {self.token}"} | headers)

    def api(self, method, path, body=None):
        answer = self.ask(method, path, body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def hotel(self, client_id, client_secret, provider="google", router={"driver": "none"}, **config):
        """Creates an instance whose guests sign in with that client; returns the integration."""
        integration = self.api("POST", "/captive/auth-integrations", {
            "name": "Peer", "type": provider,
            "config": {"client_id": client_id, "client_secret": client_secret} | config})
        self.api("POST", "/captive/instances", {
            "name": "Hotel", "strategy": "oauth2", "session_ttl": 3600, "auth_integration_id": integration["id"],
            "sites": [{"id": SITE, "subnets": ["10.9.0.0/16"]}]})
        self.api("PUT", f"/captive/sites/{SITE}", {"name": "Hotel", "router": router})
        return integration

    def guest_url(self, number):
        return f"{self.url}/hotspot/{SITE}?mac=02:00:00:00:09:{number:02X}&ip=10.9.0.{number}"

    def leave(self, number):
        """A guest who has tapped the button: returns its browser and the redirect target."""
        browser = requests.Session()
        page = browser.get(self.guest_url(number), timeout=10)
        sent = browser.post(page.url, allow_redirects=False, timeout=10)
        assert sent.status_code == 303, sent.text
        return browser, sent.headers["Location"]

    def users(self):
        return self.api("GET", f"/captive/sites/{SITE}/users")


def module(name):
    """The path of a program of this Python environment."""
    return os.path.join(os.path.dirname(sys.executable), name)
