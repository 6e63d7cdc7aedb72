"""The documented requests, sent by curl as they are printed, at the addresses of both generations of the documentation.

Only what a printed request leaves open is filled in: the server, the token, the ids, and `<string>` and `123`.
"""

import json
import re
import shlex
import subprocess
import uuid

import pytest
import requests

NOBODY = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
COLOURS = ["accent_text", "accent_color", "text_color", "secondary_text_color", "background_color", "border_color", "box_color"]
INSTANCE = {"id", "auth_integration_id", "strategy", "name", "session_ttl", "auth_window_ttl", "theme", "terms_text",
            "sites", "created_at", "preview_url"}
# `--url`, printed by the newest and by the oldest documentation.
GENERATIONS = {"newest": "https://v1.api.altostrat.io/captive", "oldest": "https://api.altostrat.io"}

CREATE_INSTANCE = r"""
curl --request POST \
  --url {base}/instances \
  --header 'Authorization: Bearer <token>' \
  --header 'Content-Type: application/json' \
  --data '{{
  "name": "<string>",
  "strategy": "oauth2",
  "session_ttl": 123,
  "auth_integration_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a"
}}'
"""

UPDATE_INTEGRATION = r"""
curl --request PUT \
--url {base}/auth-integrations/{{authIntegrationId}} \
--header 'Authorization: Bearer <token>' \
--header 'Content-Type: application/json' \
--data '
{{
"name": "Azure AD - Corporate",
"type": "azure",
"config": {{
"client_id": "a1b2c3d4-e5f6-a7b8-c9d0-e1f2a3b4c5d6",
"client_secret": "YOUR_CLIENT_SECRET",
"tenant": "organizations"
}}
}}
'
"""

UPDATE_INSTANCE = {
    "name": "Main Office Guest WiFi", "strategy": "oauth2", "session_ttl": 43200, "auth_window_ttl": 300,
    "terms_text": "By connecting, you agree to our terms of service...",
}


@pytest.fixture(params=GENERATIONS)
def curl(demo, request):
    """Sends a printed request to the demo: `curl(text, **ids)` is the status and the answer."""
    base = GENERATIONS[request.param]

    def send(text, **filled):
        text = text.format(base=base).replace(base, demo.portal_url + ("/captive" if request.param == "newest" else ""))
        for name, value in {"<string>": "Main Office", "123": "43200", **filled, "<token>": demo.token}.items():
            text = text.replace(name, value)
        arguments = shlex.split(text.replace("\\\n", " "))
        arguments += ["--silent", "--max-time", "10", "--write-out", "\n%{http_code} %{content_type}"]
        printed = subprocess.run(arguments, capture_output=True, text=True, timeout=15, check=True).stdout
        body, _, last = printed.rpartition("\n")
        status, _, media_type = last.partition(" ")
        assert not body or media_type.startswith("application/json")
        return int(status), json.loads(body) if body else None

    return send


@pytest.fixture
def integration(demo):
    """An integration of its own; its id."""
    body = {"name": "Temporary", "type": "azure",
            "config": {"client_id": "app", "client_secret": "before", "tenant": "organizations"}}
    made = demo.api("POST", "/captive/auth-integrations", body)
    assert made.status_code == 201, made.text
    return made.json()["id"]


def is_time(text):
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text) is not None


def is_error(answer, kind, code):
    assert set(answer) == {"type", "code", "message", "doc_url"}
    assert (answer["type"], answer["code"]) == (kind, code)
    assert answer["doc_url"].endswith(f"/errors/{code}") and answer["message"]
    return requests.get(answer["doc_url"], timeout=10).status_code == 200


def test_an_instance_is_created_as_printed(curl, integration):
    status, instance = curl(CREATE_INSTANCE, **{NOBODY: integration})
    assert status == 201
    assert INSTANCE | {"locale", "coupon_ttl"} <= instance.keys()
    assert uuid.UUID(instance["id"]) and is_time(instance["created_at"])
    assert (instance["name"], instance["strategy"], instance["session_ttl"]) == ("Main Office", "oauth2", 43_200)
    assert instance["auth_integration_id"] == integration
    assert instance["auth_window_ttl"] == 300 and instance["locale"] == "en" and instance["sites"] == []
    assert all(re.fullmatch("#[0-9a-fA-F]{6}", instance["theme"][colour]) for colour in COLOURS)
    assert instance["theme"]["logo"] is None and instance["theme"]["icon"] is None
    preview = requests.get(instance["preview_url"], timeout=10)
    assert preview.status_code == 200 and "disabled" in preview.text


def test_the_same_with_an_id_that_nothing_has_is_refused(curl):
    status, answer = curl(CREATE_INSTANCE)
    assert status in (400, 404)
    assert is_error(answer, answer["type"], answer["code"])


def test_a_session_of_123_seconds_is_too_short(curl, integration):
    status, answer = curl(CREATE_INSTANCE, **{"123": "123", NOBODY: integration})
    assert status == 400
    assert is_error(answer, "invalid_request_error", "parameter_invalid") and "session_ttl" in answer["message"]


def test_an_integration_is_updated_as_printed(curl, integration):
    status, answer = curl(UPDATE_INTEGRATION, **{"{authIntegrationId}": integration})
    assert status == 202
    assert answer["id"] == integration and answer["name"] == "Azure AD - Corporate" and answer["type"] == "azure"
    assert answer["config"] == {"client_id": "a1b2c3d4-e5f6-a7b8-c9d0-e1f2a3b4c5d6", "tenant": "organizations"}
    assert is_time(answer["created_at"]) and "/auth-test/" in answer["test_url"] and "signature=" in answer["test_url"]
    assert "YOUR_CLIENT_SECRET" not in json.dumps(answer)


def test_an_integration_that_is_not_there_is_404(curl):
    status, answer = curl(UPDATE_INTEGRATION, **{"{authIntegrationId}": NOBODY})
    assert status == 404
    assert is_error(answer, "not_found_error", "resource_not_found")


def test_without_a_token_nothing_is_done(curl, integration):
    for text in (CREATE_INSTANCE, UPDATE_INTEGRATION):
        status, answer = curl(text.replace("<token>", "e30.e30.e30"), **{"{authIntegrationId}": integration})
        assert status == 401
        assert is_error(answer, "authentication_error", "token_invalid")
        status, answer = curl(text.replace("--header 'Authorization: Bearer <token>' ", ""), **{"{authIntegrationId}": integration})
        assert status == 401
        assert is_error(answer, "authentication_error", "token_missing")


def test_a_missing_parameter_is_named_as_in_the_documentation(curl):
    status, answer = curl(CREATE_INSTANCE.replace('  "name": "<string>",\n', ""))
    assert status == 400
    assert is_error(answer, "invalid_request_error", "parameter_missing") and "name" in answer["message"]


@pytest.mark.parametrize("base", ["/captive", ""])
def test_an_instance_is_updated_with_all_that_is_documented(demo, integration, base):
    made = demo.api("POST", f"{base}/instances", {"name": "Café", "strategy": "coupon", "session_ttl": 1200}).json()
    site = str(uuid.uuid4())
    body = UPDATE_INSTANCE | {
        "auth_integration_id": integration, "theme": {"accent_color": "#0396d5", "text_color": "#333"}, "locale": "de",
        "sites": [{"id": site, "subnets": ["192.168.88.0/24"]}],
    }
    answer = demo.api("PUT", f"{base}/instances/{made['id']}", body)
    assert answer.status_code == 202, answer.text
    instance = demo.api("GET", f"{base}/instances/{made['id']}").json()
    assert {name: instance[name] for name in UPDATE_INSTANCE} == UPDATE_INSTANCE
    assert instance["sites"] == [{"id": site, "subnets": ["192.168.88.0/24"]}]
    assert instance["theme"]["accent_color"].lower() == "#0396d5" and instance["theme"]["border_color"].lower() == "#e0e0e0"
    # What a GET returned may be sent back whole.
    assert demo.api("PUT", f"{base}/instances/{made['id']}", instance).status_code == 202
    assert made["id"] in {one["id"] for one in demo.api("GET", f"{base}/instances").json()}
    assert demo.api("DELETE", f"{base}/instances/{made['id']}").status_code == 204
    assert demo.api("GET", f"{base}/instances/{made['id']}").status_code == 404


@pytest.mark.parametrize("base", ["/captive", ""])
def test_coupons_are_made_and_listed_as_documented(demo, base):
    path = f"{base}/instances/{demo.coupon_instance_id}/coupons"
    made = demo.api("POST", path, {"minutes_valid": 1440, "count": 50})
    assert made.status_code == 201 and len(made.json()) == 50
    for coupon in made.json():
        assert re.fullmatch("[23456789ABCDEFGHJKMNPQRSTVWXYZ]{6}", coupon["code"])
        assert coupon["redeemed_at"] is None and is_time(coupon["created_at"]) and is_time(coupon["expires_at"])
    listed = demo.api("GET", path, params={"limit": 500}).json()
    assert {coupon["id"] for coupon in made.json()} <= {coupon["id"] for coupon in listed}
    for wrong in ({"count": 0, "minutes_valid": 5}, {"count": 201, "minutes_valid": 5}, {"count": 1, "minutes_valid": 0}):
        refused = demo.api("POST", path, wrong)
        assert refused.status_code == 400 and is_error(refused.json(), "invalid_request_error", "parameter_invalid")
