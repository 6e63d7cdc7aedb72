"""The documented requests, sent by curl as they are printed, at the addresses of both generations of the documentation.

Only the placeholders of a printed request are filled in: the server, the token, the ids, and `<string>` and `123`. Exact
responses, and the other calls, are tested in test_golden.py.
"""

import json
import shlex
import subprocess

import pytest
import requests

NOBODY = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
# `--url`, as printed in the newest and in the oldest documentation.
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


@pytest.fixture(params=GENERATIONS)
def curl(demo, request):
    """Sends a printed request to the demo: `curl(text, **ids)` returns the status and the response."""
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
    """Creates an integration; returns its id."""
    body = {"name": "Temporary", "type": "azure",
            "config": {"client_id": "app", "client_secret": "before", "tenant": "organizations"}}
    made = demo.api("POST", "/captive/auth-integrations", body)
    assert made.status_code == 201, made.text
    return made.json()["id"]


def test_an_instance_is_created_as_printed(curl, integration):
    status, instance = curl(CREATE_INSTANCE, **{NOBODY: integration})
    assert status == 201 and instance["auth_integration_id"] == integration
    assert (instance["name"], instance["strategy"], instance["session_ttl"]) == ("Main Office", "oauth2", 43_200)
    preview = requests.get(instance["preview_url"], timeout=10)
    assert preview.status_code == 200 and "disabled" in preview.text


def test_an_integration_is_updated_as_printed(curl, integration):
    status, answer = curl(UPDATE_INTEGRATION, **{"{authIntegrationId}": integration})
    assert status == 202 and (answer["id"], answer["name"]) == (integration, "Azure AD - Corporate")
    assert answer["config"] == {"client_id": "a1b2c3d4-e5f6-a7b8-c9d0-e1f2a3b4c5d6", "tenant": "organizations"}


def test_an_error_links_to_a_page_that_explains_it(curl):
    status, answer = curl(CREATE_INSTANCE)
    assert status == 400
    explained = requests.get(answer["doc_url"], timeout=10)
    assert explained.status_code == 200 and answer["code"] in explained.text
