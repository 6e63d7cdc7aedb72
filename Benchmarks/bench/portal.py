"""Portico under test: the release program, as `demo` (with its simulated router) or as `serve`."""

import base64
import json
import os
import secrets
import subprocess
import urllib.parse
import uuid

from .http import ask
from .machine import Failure, free_port

QUIET = {"PORTICO_LOG_LEVEL": "warning"}


def location(answer, port):
    """Returns path and query of a redirect to the portal itself."""
    target = urllib.parse.urlsplit(answer["Location"] or "")
    if target.port != port:
        raise Failure(f"the portal redirects to {answer['Location']}")
    return target.path + ("?" + target.query if target.query else "")


class Portal:
    """A running portal; `port` is its plain listener."""

    def __init__(self, process, port, token):
        self.process, self.port, self.token = process, port, token

    def api(self, method, path, value, status):
        fields = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        answer = ask(self.port, "/captive" + path, fields, method, json.dumps(value).encode())
        return json.loads(answer.expect(status, f"{method} {path}").body)

    def instance(self, subnet):
        """Creates a coupon instance with one site that owns the subnet; returns the site's and the instance's id."""
        made = self.api("POST", "/instances", {"name": "Harbour", "strategy": "coupon", "session_ttl": 43200}, 201)
        site = str(uuid.uuid4())
        changes = {
            "sites": [{"id": site, "subnets": [subnet]}],
            "theme": {"accent_color": "#1F6F5C", "background_color": "#F3F1EA", "text_color": "#222B28"},
            "terms_text": "Please use the network considerately. Records are kept as the law asks.",
        }
        self.api("PUT", f"/instances/{made['id']}", changes, 202)
        return site, made["id"]

    def coupons(self, instance, count):
        """Creates coupons, 200 with each call, and returns their codes."""
        codes = []
        while len(codes) < count:
            batch = {"count": min(200, count - len(codes)), "minutes_valid": 1440}
            codes += [coupon["code"] for coupon in self.api("POST", f"/instances/{instance}/coupons", batch, 201)]
        return codes

    def page_path(self, site, mac, address):
        """Returns the path that the router's redirect leads to: the page with a valid token."""
        entry = f"/hotspot/{site}?mac={mac}&ip={address}&link-orig=http%3A%2F%2Fneverssl.example%2F"
        return location(ask(self.port, entry).expect(302, "the hotspot entry"), self.port)


def demo(place):
    """Starts `portico demo`; the content of its demo.json is `demo`."""
    folder, port = place.folder / f"demo-{free_port()}", free_port()
    command = [place.options.portico, "demo", "--listen", f"127.0.0.1:{port}", "--data", folder]
    process = place.run(*command, env=os.environ | QUIET | {"PORTICO_WORKERS": str(place.options.workers)})
    description = folder / "demo.json"
    process.await_that(description.exists, 20, "does not write demo.json")
    portal = Portal(process, port, None)
    portal.demo = json.loads(description.read_text())
    portal.token = portal.demo["token"]
    return portal


def serve(place, certificate=None):
    """Starts `portico serve` with a new database; with a certificate also on a TLS port, `tls_port`."""
    port, tls_port = free_port(), free_port()
    environment = settings(place, port, place.folder / f"{port}.db")
    if certificate:
        environment |= {
            "PORTICO_HTTPS_LISTEN": f"127.0.0.1:{tls_port}", "PORTICO_HTTPS_CERTIFICATE": str(certificate.chain),
            "PORTICO_HTTPS_KEY": str(certificate.key),
        }
    subprocess.run([place.options.portico, "database", "migrate"], env=environment, capture_output=True, check=True)
    token = subprocess.run([place.options.portico, "token", "create"], env=environment, capture_output=True, text=True)
    if token.returncode != 0:
        raise Failure(f"no token: {token.stderr.strip()}")
    portal = Portal(launch(place, environment, port), port, token.stdout.strip())
    portal.tls_port, portal.environment = tls_port, environment
    return portal


def launch(place, environment, port):
    process = place.run(place.options.portico, "serve", env=environment)
    process.await_port(port)
    return process


def settings(place, port, database):
    return os.environ | QUIET | {
        "PORTICO_PUBLIC_URL": f"http://127.0.0.1:{port}", "PORTICO_HTTP_LISTEN": f"127.0.0.1:{port}",
        "PORTICO_ADMIN_LISTEN": "off", "PORTICO_DATABASE_URL": f"sqlite://{database}",
        "PORTICO_SECRET_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
        "PORTICO_WORKERS": str(place.options.workers), "PORTICO_ROUTERS_ALLOW_LOCAL": "true",
        "PORTICO_LIMITS_CONNECTIONS_PER_CLIENT": "0", "PORTICO_LIMITS_IDLE_SECONDS": "600",
    }
