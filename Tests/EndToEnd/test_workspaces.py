"""Tenants of one portal cannot reach its machine, its network, or the guests of other tenants."""

import http.server
import json
import subprocess
import threading
import uuid

import pytest
import requests

from portal import eventually, program
from served import Served, answers


class Tenants(Served):
    """A portal behind a proxy, so that a test may use any source address, with a second workspace besides the operator's."""

    def __init__(self, folder, **settings):
        super().__init__(folder, PORTICO_TRUSTED_PROXIES="127.0.0.1/32", **settings)

    def __enter__(self):
        super().__enter__()
        self.tenant = self.run("token", "create", "--workspace", "tenant").stdout.strip()
        return self

    def as_tenant(self, method, path, body=None):
        return self.ask(method, path, body, Authorization=f"Bearer {self.tenant}")

    def from_address(self, address, path):
        return requests.get(self.url + path, headers={"X-Forwarded-For": address}, allow_redirects=False, timeout=10)


def instance(subnets, site):
    return {"name": "Hotel", "strategy": "coupon", "session_ttl": 3600, "sites": [{"id": site, "subnets": subnets}]}


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    with Tenants(tmp_path_factory.mktemp("tenants"), PORTICO_ROUTERS_ALLOW_LOCAL="false") as portal:
        yield portal


def test_a_tenant_captures_no_guests_at_addresses_without_a_site(portal):
    own, foreign = str(uuid.uuid4()), str(uuid.uuid4())
    portal.api("POST", "/captive/instances", instance(["10.9.0.0/16"], own))
    for wide in ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/7"]:
        refused = portal.as_tenant("POST", "/captive/instances", instance([wide], foreign))
        assert refused.status_code == 400 and refused.json()["code"] == "parameter_invalid", refused.text
    claims = ["10.0.0.0/9", "10.128.0.0/9", "192.168.0.0/16"]
    assert portal.as_tenant("POST", "/captive/instances", instance(claims, foreign)).status_code == 201
    for path in ["/", "/c/ABCDEF"]:
        assert foreign not in portal.from_address("10.77.0.1", path).headers.get("Location", "")
        assert foreign not in portal.from_address("192.168.1.1", path).headers.get("Location", "")
    assert portal.from_address("10.77.0.1", "/").status_code == 404
    assert portal.from_address("10.9.0.7", "/").headers["Location"].endswith(f"/hotspot/{own}")
    told = portal.from_address("10.9.0.7", "/captive-portal/api").json()
    assert told["user-portal-url"].endswith(f"/hotspot/{own}")
    probe = requests.get(portal.url + "/generate_204", allow_redirects=False, timeout=10, headers={
        "X-Forwarded-For": "10.9.0.7", "Host": "connectivitycheck.gstatic.com"})
    assert f"/hotspot/{own}?" in probe.headers["Location"]
    entry = portal.from_address("10.77.0.1", f"/hotspot/{foreign}?mac=02:00:00:00:00:01&ip=10.77.0.1")
    assert "/preauth?token=" in entry.headers["Location"], "its guests reach it by its site"


def test_the_operator_may_allow_a_workspace_guests_at_addresses_without_a_site(tmp_path):
    with Tenants(tmp_path, PORTICO_DRIVERS_LOCAL="default,tenant") as portal:
        site = str(uuid.uuid4())
        assert portal.as_tenant("POST", "/captive/instances", instance(["10.9.0.0/16"], site)).status_code == 201
        assert portal.from_address("10.9.0.7", "/").headers["Location"].endswith(f"/hotspot/{site}")


def test_a_tenant_cannot_use_the_drivers_of_the_portals_machine(portal):
    refused = portal.as_tenant("PUT", f"/captive/sites/{uuid.uuid4()}", {"router": {"driver": "nftables"}})
    assert refused.status_code == 403 and refused.json()["code"] == "driver_not_allowed", refused.text
    assert "drivers.local" in refused.json()["message"]


class Listener:
    """A service on the portal's machine. It counts connections, and responds to everything with a secret."""

    def __init__(self, status=400):
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps({"message": "the secret word", "detail": "the secret word"}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        class Counting(http.server.ThreadingHTTPServer):
            def verify_request(self, *_):
                listener.connections += 1
                return True

        self.connections = 0
        self.server = Counting(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def router(url):
    driver = "routeros-api" if url.startswith("api") else "routeros-rest"
    return {"router": {"driver": driver, "url": url, "username": "u", "password": "p"}}


@pytest.mark.parametrize("scheme", ["http", "api"])
def test_a_router_is_never_the_portals_own_machine(portal, scheme):
    with Listener() as listener:
        site = f"/captive/sites/{uuid.uuid4()}"
        for host in ["127.0.0.1", "[::1]", "169.254.169.254", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "0.0.0.0"]:
            refused = portal.as_tenant("PUT", site, router(f"{scheme}://{host}:{listener.port}"))
            assert refused.status_code == 400 and "routers.allow_local" in refused.json()["message"], refused.text
        for name in ["localhost", "127.1", "2130706433", "0x7f000001"]:
            assert portal.as_tenant("PUT", site, router(f"{scheme}://{name}:{listener.port}")).status_code == 202
            health = portal.as_tenant("GET", site + "/health").json()
            assert health["reason"] == "router_unreachable", health
            assert "routers.allow_local" in health["explanation"], health
        assert listener.connections == 0


@pytest.mark.parametrize("status", [200, 400, 404, 500, 503])
def test_responses_of_other_services_are_not_repeated(tmp_path, status):
    with Listener(status) as listener, Tenants(tmp_path) as portal:
        site = f"/captive/sites/{uuid.uuid4()}"
        assert portal.as_tenant("PUT", site, router(f"http://127.0.0.1:{listener.port}")).status_code == 202
        for path in ["/health", "/doctor"]:
            answer = portal.as_tenant("GET", site + path)
            assert answer.status_code == 200 and "secret" not in answer.text
        assert listener.connections > 0


class WithNdsctl(Tenants):
    """A portal on a machine with openNDS: a program that only the portal sees and that records its runs."""

    def __init__(self, folder, **settings):
        super().__init__(folder, **settings)
        self.programs, self.ran = folder / "bin", folder / "ran"
        self.programs.mkdir()
        ndsctl = self.programs / "ndsctl"
        ndsctl.write_text(f'#!/bin/sh\necho "$@" >> {self.ran}\nexit 1\n')
        ndsctl.chmod(0o755)

    def start(self):
        ndsctl = self.programs / "ndsctl"
        place = (f"for there in /usr/bin/ndsctl /usr/sbin/ndsctl; do [ ! -e $there ] || mount --bind {ndsctl} $there; done; "
                 f"mount --bind {self.programs} /usr/local/bin && exec {program()} serve")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(["unshare", "--mount", "sh", "-c", place], env=self.environment,
                                            stdout=log, stderr=log)
        assert eventually(lambda: answers(self.url + "/captive/openapi.json")), self.log.read_text()
        return self


def test_ndsctl_is_run_for_the_named_workspaces_only(tmp_path):
    opennds = {"router": {"driver": "opennds", "faskey": "a-shared-key"}}
    with WithNdsctl(tmp_path) as portal:
        site = f"/captive/sites/{uuid.uuid4()}"
        assert portal.as_tenant("PUT", site, opennds).status_code == 202
        portal.as_tenant("GET", site + "/health")
        portal.as_tenant("GET", site + "/doctor")
        assert not portal.ran.exists(), portal.ran.read_text()
        own = f"/captive/sites/{uuid.uuid4()}"
        portal.api("PUT", own, opennds)
        portal.api("GET", own + "/health")
        assert portal.ran.exists(), "the operator's site looks for openNDS here"
