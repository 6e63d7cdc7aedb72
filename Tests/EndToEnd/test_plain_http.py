"""Plain http requests to a portal whose public URL is https: only requests of routers and phones are served."""

import pytest
import requests

from portal import eventually
from served import Served, free_port
from test_stop_and_signals import certificate

HOST = "portal.example.test"


@pytest.fixture(scope="module")
def portal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    certificate(folder, HOST)
    settings = {"PORTICO_PUBLIC_URL": f"https://{HOST}", "PORTICO_HTTPS_LISTEN": f"127.0.0.1:{free_port()}",
                "PORTICO_HTTPS_CERTIFICATE": str(folder / "chain.pem"), "PORTICO_HTTPS_KEY": str(folder / "key.pem"),
                "PORTICO_TRUSTED_PROXIES": "127.0.0.2/32"}
    with Served(folder, **settings) as portal:
        yield portal


def ask(portal, method, path, host=HOST, **options):
    headers = {"Host": host} | options.pop("headers", {})
    return requests.request(method, portal.url + path, headers=headers, allow_redirects=False, timeout=10, **options)


@pytest.mark.parametrize("path", ["/captive/instances", "/captive/sites", "/instances", "/auth-integrations",
                                  "/walled-garden/x", "/sites/x/walled-garden-entries", "/captive/nothing"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_the_control_api_refuses_plain_calls(portal, method, path):
    before = portal.log.read_text()
    refused = ask(portal, method, path, headers={"Authorization": f"Bearer {portal.token}"}, json={"name": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "tls_required")
    assert "revoke it" in refused.json()["message"] and portal.token not in refused.text
    assert "control API" not in portal.log.read_text()[len(before):], "nothing was executed"
    without = ask(portal, method, path)
    assert without.json()["code"] == "tls_required" and "revoke" not in without.json()["message"]


def test_the_port_does_not_matter(portal):
    refused = ask(portal, "GET", "/captive/instances", host=f"{HOST}:8080")
    assert refused.json()["code"] == "tls_required"


@pytest.mark.parametrize("method,path", [
    ("GET", "/"), ("GET", "/preauth?token=x%20y"), ("POST", "/preauth?token=x"), ("GET", "/status?token=x"),
    ("POST", "/logout?token=x"), ("GET", "/c/ABC234"), ("GET", "/go/abc"), ("GET", "/oauth/google/callback?code=1&state=2"),
    ("GET", "/auth-test/x?expires=1&signature=2"), ("GET", "/errors/conflict"),
])
def test_a_page_is_at_the_same_address_over_https(portal, method, path):
    moved = ask(portal, method, path)
    assert (moved.status_code, moved.headers["Location"]) == (308, f"https://{HOST}{path}")
    assert moved.headers["Cache-Control"] == "no-store"


def test_requests_of_routers_and_phones_are_served_over_plain_http(portal):
    site = "a1b2c3d4-e5f6-47b8-89d0-e1f2a3b4c5d6"
    assert ask(portal, "GET", f"/hotspot/{site}?mac=02:00:00:00:00:01&ip=10.0.0.1").status_code == 404
    api = ask(portal, "GET", "/captive-portal/api")
    assert (api.status_code, api.json()["captive"]) == (200, True)
    assert api.json()["user-portal-url"].startswith(f"https://{HOST}/")
    probe = ask(portal, "GET", "/generate_204", host="connectivitycheck.gstatic.com")
    assert (probe.status_code, probe.headers["Location"]) == (302, f"https://{HOST}/")


def test_requests_that_a_trusted_proxy_marks_as_https_are_https(tmp_path):
    settings = {"PORTICO_PUBLIC_URL": f"https://{HOST}", "PORTICO_TRUSTED_PROXIES": "127.0.0.1/32"}
    with Served(tmp_path, **settings) as portal:
        token = {"Authorization": f"Bearer {portal.token}"}
        secure = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        assert ask(portal, "GET", "/captive/instances", headers=token | secure).json() == []
        assert ask(portal, "GET", "/status?token=x", headers=secure).status_code == 400
        assert ask(portal, "GET", "/captive/instances", headers=token).json()["code"] == "tls_required"
        plain = ask(portal, "GET", "/captive/instances", headers=token | {"X-Forwarded-Proto": "http"})
        assert plain.json()["code"] == "tls_required"


def test_without_tls_pages_do_not_redirect_in_a_loop_and_check_warns(tmp_path):
    with Served(tmp_path, PORTICO_PUBLIC_URL=f"https://{HOST}") as portal:
        assert ask(portal, "GET", "/status?token=x").status_code == 400
        assert ask(portal, "GET", "/captive/instances").json()["code"] == "tls_required"
        assert "trusted_proxies" in portal.run("check").stdout
