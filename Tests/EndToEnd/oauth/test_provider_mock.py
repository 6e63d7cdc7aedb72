"""oidc-provider-mock from PyPI replaces Google. It violates requirements for providers, which Portico checks."""

import json
import shutil
import subprocess

import pytest
from playwright.sync_api import expect

from portal import eventually
from ports import free_port
from served import Served, answers, module

CLAIMS = {"sub": "alice", "email": "alice@example.org", "email_verified": True}


@pytest.fixture(scope="module")
def mock():
    program = shutil.which(module("oidc-provider-mock"))
    assert program, "install it: pip install oidc-provider-mock"
    port = free_port()
    process = subprocess.Popen([program, "-p", str(port), "-n", "true", "--user-claims", json.dumps(CLAIMS)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://localhost:{port}"
    try:
        assert eventually(lambda: answers(url + "/.well-known/openid-configuration"), seconds=20)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="module")
def served(mock, tmp_path_factory):
    with Served(tmp_path_factory.mktemp("served"), PORTICO_OAUTH_GOOGLE_ISSUER=mock) as served:
        served.integration = served.hotel("client", "secret")
        yield served


def test_a_token_without_a_key_id_is_refused(served, watched):
    page = watched()
    page.goto(served.guest_url(1))
    page.get_by_role("button", name="Continue with Google").click()
    page.locator("input[name=sub]").fill("alice")
    page.locator("button, input[type=submit]").first.click()
    expect(page.get_by_role("heading", name="Sign-in isn’t available")).to_be_visible()
    assert page.been[-1] == (502, f"{served.url}/oauth/google/callback"), "the provider's fault, not the portal's"
    assert served.users() == []
    assert "keyIDMissing" in served.log.read_text()


def test_the_admin_sees_which_check_failed(served, watched):
    page = watched()
    page.goto(served.integration["test_url"])
    page.get_by_role("button", name="Sign in and test").click()
    page.locator("input[name=sub]").fill("alice")
    page.locator("button, input[type=submit]").first.click()
    expect(page.get_by_role("heading", name="Guests cannot sign in")).to_be_visible()
    expect(page.locator(".checks .failed b")).to_have_text("kid")


def test_a_denial_without_state_gets_a_page(served, watched):
    page = watched()
    page.goto(served.guest_url(2))
    page.get_by_role("button", name="Continue with Google").click()
    page.locator("button[value=deny]").click()
    expect(page.get_by_role("heading", name="Sign-in interrupted")).to_be_visible()
    assert served.users() == []


def test_check_reaches_the_provider(served):
    answer = served.run("check")
    assert "google responds and accepts the client" in answer.stdout + answer.stderr, answer
