"""API tokens of an external issuer: verified with its published keys, and accepted only for this portal."""

import base64
import json
import os
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from portal import eventually, program
from ports import free_port


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """An issuer that publishes its key set on loopback and signs tokens."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = self.key.public_key().public_numbers()
        published = {"kty": "RSA", "kid": "one", "alg": "RS256", "use": "sig", "e": encoded(numbers.e.to_bytes(3, "big")),
                     "n": encoded(numbers.n.to_bytes(256, "big"))}
        body = json.dumps({"keys": [published]}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/keys"

    def token(self, key=None, **changes):
        claims = {"iss": "https://id.example.org", "aud": "portico", "sub": "a-user", "workspace": "default",
                  "scope": "captive:read", "exp": int(time.time()) + 300} | changes
        text = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "one", "typ": "JWT"}, claims))
        signature = (key or self.key).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{encoded(signature)}"


@pytest.fixture(scope="module")
def issuer():
    issuer = Issuer()
    yield issuer
    issuer.server.shutdown()


@pytest.fixture(scope="module")
def instances(issuer, tmp_path_factory):
    """Returns the response of a portal that trusts the issuer to `GET /captive/instances` with a token."""
    port = free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PORTICO_")} | {
        "PORTICO_PUBLIC_URL": f"http://127.0.0.1:{port}", "PORTICO_HTTP_LISTEN": f"127.0.0.1:{port}",
        "PORTICO_ADMIN_LISTEN": "off", "PORTICO_SECRET_KEYS": base64.b64encode(bytes(32)).decode(),
        "PORTICO_DATABASE_URL": f"sqlite://{tmp_path_factory.mktemp('database')}/portico.db",
        "PORTICO_API_JWKS_URL": issuer.url, "PORTICO_API_ISSUER": "https://id.example.org",
        "PORTICO_API_AUDIENCE": "portico",
    }
    url = f"http://127.0.0.1:{port}/captive/instances"

    def ask(token):
        return requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10)

    def is_up():
        try:
            return ask("x").status_code == 401
        except requests.ConnectionError:
            return False

    process = subprocess.Popen([program(), "serve"], env=environment, stderr=subprocess.DEVNULL)
    try:
        assert eventually(is_up, seconds=20)
        yield ask
    finally:
        process.terminate()
        assert process.wait(20) == 0


def test_a_token_of_the_issuer_is_accepted(issuer, instances):
    answer = instances(issuer.token())
    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize("changes, code", [
    ({"aud": "another"}, "token_invalid"), ({"iss": "https://evil.example"}, "token_invalid"),
    ({"exp": 1}, "token_expired"), ({"scope": "captive:write"}, "scope_missing"),
])
def test_a_token_that_does_not_fit_the_call_is_rejected(issuer, instances, changes, code):
    assert instances(issuer.token(**changes)).json()["code"] == code


def test_a_token_signed_with_another_key_is_rejected(issuer, instances):
    forged = issuer.token(key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
    assert instances(forged).json()["code"] == "token_invalid"


def test_the_settings_are_required_together(portico):
    result = portico("serve", PORTICO_API_ISSUER="https://id.example.org", PORTICO_PUBLIC_URL="http://127.0.0.1:1",
                     PORTICO_SECRET_KEYS=base64.b64encode(bytes(32)).decode())
    assert result.returncode == 78
    assert "set api.jwks_url, api.issuer and api.audience, or none of them" in result.stderr
