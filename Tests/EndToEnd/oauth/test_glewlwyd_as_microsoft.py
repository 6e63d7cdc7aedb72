"""A guest signs in at glewlwyd, which replaces Microsoft: an authority with one path for each tenant,
issuers that name the person's directory, and `tid` in the ID token.

glewlwyd's responses are passed on; only addresses change.
"""

import http.server
import json
import re
import threading
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from glewlwyd import CLIENT, SECRET, Glewlwyd
from served import Served

DIRECTORY = "5d1c43f6-9a0e-4b57-8f0d-2f6a7be0c911"
ELSEWHERE = "0b7c2c55-61c4-4f0c-9d29-6d1d3f2a8e10"
ENDPOINTS = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "jwks"}


class Authority(http.server.BaseHTTPRequestHandler):
    """Serves `/{tenant}/v2.0/…` from the provider's OpenID plugin."""

    def do_GET(self):
        tenant, _, path = self.path[1:].partition("/v2.0/")
        if path == ".well-known/openid-configuration":
            return self.send(200, {"Content-Type": "application/json"}, json.dumps(self.document(tenant)).encode())
        self.forward("GET", path)

    def do_POST(self):
        path = self.path.partition("/v2.0/")[2]
        self.forward("POST", path, self.rfile.read(int(self.headers["Content-Length"])))

    def document(self, tenant):
        """glewlwyd's discovery document with this tenant's addresses; tenants of many directories have an issuer with a placeholder."""
        real = requests.get(f"{self.server.provider.issuer}/.well-known/openid-configuration", timeout=10).json()
        assert real["issuer"] == issuer(self.server.authority, DIRECTORY)
        here = f"{self.server.authority}/{tenant}/v2.0"
        directory = "{tenantid}" if tenant in ("common", "organizations", "consumers") else tenant
        return real | {"issuer": issuer(self.server.authority, directory)} | {
            name: f"{here}/{path}" for name, path in ENDPOINTS.items()}

    def forward(self, method, path, body=None):
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length")}
        answer = requests.request(method, f"{self.server.provider.issuer}/{path}", data=body, headers=kept,
                                  allow_redirects=False, timeout=10)
        told = {name: answer.headers[name] for name in ("Content-Type", "Location") if name in answer.headers}
        self.send(answer.status_code, told, answer.content)

    def send(self, status, fields, body):
        self.send_response(status)
        for name, value in (fields | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def issuer(authority, directory):
    return f"{authority}/{directory}/v2.0"


@pytest.fixture(scope="module")
def peers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("microsoft")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Authority)
    server.authority = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with Glewlwyd(folder) as server.provider, Served(
            folder, PORTICO_OAUTH_AZURE_AUTHORITY=server.authority) as served:
        server.provider.set_up(f"{served.url}/oauth/azure/callback", issuer=issuer(server.authority, DIRECTORY),
                               claims={"tid": DIRECTORY})
        served.integration = served.hotel(CLIENT, SECRET, "azure", tenant=DIRECTORY)
        yield server.provider, served
    server.shutdown()


def admit(served, tenant):
    served.api("PUT", "/captive/auth-integrations/" + served.integration["id"], {
        "name": "Peer", "type": "azure", "config": {"client_id": CLIENT, "client_secret": SECRET, "tenant": tenant}})


def come_back(peers, number):
    """Returns the portal's response to a guest who has signed in, and the parameters of the authorization request."""
    provider, served = peers
    browser, address = served.leave(number)
    back = provider.sign_in(address)
    assert back.startswith(f"{served.url}/oauth/azure/callback?"), back
    return browser.get(back, allow_redirects=False, timeout=20), parse_qs(urlsplit(address).query), parse_qs(
        urlsplit(back).query)


@pytest.mark.parametrize("number,tenant", [(11, DIRECTORY), (12, "common"), (13, "organizations")])
def test_a_person_of_an_allowed_directory_is_accepted(peers, number, tenant):
    _, served = peers
    admit(served, tenant)
    done, asked, told = come_back(peers, number)
    assert asked["code_challenge_method"] == ["S256"] and asked["nonce"]
    assert urlsplit(told["iss"][0]).path == f"/{DIRECTORY}/v2.0", "the response names its issuer (RFC 9207)"
    assert done.status_code == 303 and "/status?token=" in done.headers["Location"], served.log.read_text()
    user = next(user for user in served.users() if user["mac"].upper().endswith(f"{number:02X}"))
    assert user["identity"]["provider"] == "azure" and user["identity"]["subject"]
    assert user["identity"]["email"] == "admin@example.org"


def test_without_a_proof_key_the_provider_gives_no_code(peers):
    provider, served = peers
    _, address = served.leave(10)
    bare = re.sub(r"&code_challenge(_method)?=[^&]*", "", address)
    assert bare != address
    assert "error=invalid_request" in provider.sign_in(bare)


def test_a_person_of_another_directory_is_refused(peers):
    _, served = peers
    admit(served, "consumers")
    done, _, _ = come_back(peers, 14)
    assert done.status_code >= 400 and "/status" not in done.text, done.text
    assert not [user for user in served.users() if user["mac"].upper().endswith("0E")]
    assert "tenantRefused" in served.log.read_text()


def test_a_response_of_another_directorys_issuer_is_refused(peers):
    _, served = peers
    admit(served, ELSEWHERE)
    done, _, _ = come_back(peers, 15)
    assert done.status_code >= 400, done.text
    assert "answerIssuerMismatch" in served.log.read_text()


def test_check_accepts_a_valid_client(peers):
    _, served = peers
    admit(served, DIRECTORY)
    answer = served.run("check")
    assert "azure responds and accepts the client" in answer.stdout, answer
