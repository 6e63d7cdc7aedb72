"""A `portico serve` in a guest network: on its gateway, or on the internet."""

import base64
import json
import os
import signal
import sqlite3
import urllib.parse
import uuid

from namespaces import CLOUD, CLOUD_NAME, GATEWAY, PORTAL, SUBNET
from portal import eventually, program


class ServedPortal:
    """A running portal; leaving the `with` stops it. `router` is the site's; guests enter a code, or sign in at `provider`."""

    def __init__(self, router, node, address, url, provider=None):
        self.router, self.node, self.address, self.url, self.provider = router, node, address, url, provider
        self.site = str(uuid.uuid4())
        self.folder = node.folder / f"portal-{self.site}"
        self.folder.mkdir()
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("PORTICO_")} | {
            "PORTICO_PUBLIC_URL": self.url, "PORTICO_HTTP_LISTEN": "0.0.0.0:8080",
            "PORTICO_ADMIN_LISTEN": "127.0.0.1:9090", "PORTICO_DATABASE_URL": f"sqlite://{self.folder}/portico.db",
            "PORTICO_SECRET_KEYS": base64.b64encode(os.urandom(32)).decode()}
        if provider:
            self.environment |= provider.settings

    def __enter__(self):
        self.command("database", "migrate")
        self.token = self.command("token", "create").stdout.strip()
        self.start()
        self.open_hotel()
        return self

    def __exit__(self, *_):
        self.stop()

    def command(self, *arguments, check=True):
        return self.node.run(program(), *arguments, env=self.environment, check=check)

    def start(self):
        self.process = self.node.start(program(), "serve", env=self.environment)
        assert eventually(self.answers, seconds=30), self.node.log()

    def answers(self):
        assert self.process.poll() is None, self.node.log()
        return self.node.run("curl", "-s", "-f", "http://127.0.0.1:9090/readyz", check=False).returncode == 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=30) == 0, self.node.log()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def api(self, method, path, body=None):
        status, answer = self.call(method, path, body)
        assert status < 300, answer
        return answer

    def call(self, method, path, body=None):
        """Returns status and response."""
        url = urllib.parse.urlsplit(self.url)
        done = self.node.run("curl", "-s", "-S", "-k", "-X", method, f"{self.url}{path}", "-w", "\n%{http_code}",
                             "--resolve", f"{url.hostname}:{url.port}:{self.address}",
                             "-H", f"Authorization: Bearer {self.token}",
                             *(["-H", "Content-Type: application/json", "-d", json.dumps(body)] if body else []))
        answer, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(answer) if answer else None

    def open_hotel(self):
        self.api("PUT", f"/captive/sites/{self.site}", {"name": "Hotel", "router": self.router})
        self.instance = self.api("POST", "/captive/instances", {
            "name": "Hotel", "session_ttl": 1200, "sites": [{"id": self.site, "subnets": [SUBNET]}]} | self.strategy())["id"]

    def strategy(self):
        if not self.provider:
            return {"strategy": "coupon"}
        integration = self.api("POST", "/captive/auth-integrations", self.provider.integration)
        return {"strategy": "oauth2", "auth_integration_id": integration["id"]}

    def code(self):
        return self.api("POST", f"/captive/instances/{self.instance}/coupons", {"count": 1, "minutes_valid": 60})[0]["code"]

    def health(self):
        return self.api("GET", f"/captive/sites/{self.site}/health")

    def walled_garden(self):
        """The site's walled garden: the desired state, and what its gateway holds."""
        return self.api("GET", f"/captive/sites/{self.site}/walled-garden")

    def users(self):
        return self.api("GET", f"/captive/sites/{self.site}/users")

    def disconnect(self, device):
        user = next(user for user in self.users() if user["mac"].lower() == device.mac and user["status"] == "active")
        self.api("DELETE", f"/captive/sites/{self.site}/users/{user['id']}")

    def has_running_session(self, device):
        """Whether the database has a session of the device that is not ended. The API returns `expired` up to two seconds
        earlier, when the time of a session is over."""
        with sqlite3.connect(self.folder / "portico.db", timeout=10) as database:
            mac = int(device.mac.replace(":", ""), 16)
            rows = database.execute("SELECT COUNT(*) FROM sessions WHERE mac = ? AND ended_at IS NULL", [mac])
            return rows.fetchone()[0] > 0

    def shorten(self, device, seconds):
        """Changes the session's end to the given number of seconds from now."""
        with sqlite3.connect(self.folder / "portico.db", timeout=10) as database:
            mac = int(device.mac.replace(":", ""), 16)
            changed = database.execute(
                "UPDATE sessions SET expires_at = CAST(strftime('%s') AS INTEGER) * 1000000 + ? * 1000000 "
                "WHERE status = 'active' AND mac = ?", [seconds, mac])
            assert changed.rowcount == 1


class PortalOnGateway(ServedPortal):
    URL = f"http://{PORTAL}:8080"

    def __init__(self, network, router, provider=None):
        super().__init__(router, network.gateway, GATEWAY, self.URL, provider)


class PortalInCloud(ServedPortal):
    """With `certificate` and `key`, guests reach it over TLS."""

    URL = f"http://{CLOUD_NAME}:8080"

    def __init__(self, network, router, certificate=None, key=None, provider=None):
        secure = certificate is not None
        super().__init__(router, network.internet, CLOUD, f"https://{CLOUD_NAME}:8443" if secure else self.URL, provider)
        if secure:
            self.environment |= {"PORTICO_HTTPS_LISTEN": "0.0.0.0:8443", "PORTICO_HTTPS_CERTIFICATE": str(certificate),
                                 "PORTICO_HTTPS_KEY": str(key)}
