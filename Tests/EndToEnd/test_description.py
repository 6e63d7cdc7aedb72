"""The API's description: valid OpenAPI, a page without external resources, and consistent with the running program."""

import os
import pathlib
import re
import subprocess
import sys

import pytest
import requests
from openapi_spec_validator import validate

from portal import DESKTOP, PHONE


def test_the_description_is_valid_openapi(demo):
    answer = requests.get(f"{demo.portal_url}/captive/openapi.json", timeout=10)
    assert answer.status_code == 200 and answer.json()["openapi"].startswith("3.1.")
    validate(answer.json())
    again = requests.get(answer.url, headers={"If-None-Match": answer.headers["ETag"]}, timeout=10)
    assert again.status_code == 304 and not again.content


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_reference_page_shows_every_call(demo, browser, viewport):
    page = browser(javascript=False, viewport=viewport)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{demo.portal_url}/captive/docs")
    assert all(url.startswith(demo.portal_url) for url in asked)
    described = requests.get(f"{demo.portal_url}/captive/openapi.json", timeout=10).json()
    names = {operation["operationId"] for path in described["paths"].values() for operation in path.values()}
    html = requests.get(f"{demo.portal_url}/captive/docs", timeout=10).text
    ids = set(re.findall(r'id="([^"]+)"', html))
    assert names <= ids and {f"shape-{name}" for name in ("Instance", "Coupon", "Error")} <= ids
    assert "<script" not in html
    for target in set(re.findall(r'href="#([^"]+)"', html)):
        assert target in ids, f"a link to #{target}, which does not exist"
    for target in set(re.findall(r'href="(/errors/[^"]+)"', html)):
        assert requests.get(demo.portal_url + target, timeout=10).status_code == 200


@pytest.mark.timeout(400)
@pytest.mark.skipif(os.geteuid() != 0, reason="a separate network namespace, which generated addresses need, requires root")
def test_the_program_conforms_to_its_description(tmp_path):
    script = pathlib.Path(__file__).with_name("keeping_to_description.py")
    ended = subprocess.run(["unshare", "--net", sys.executable, script, tmp_path],
                           capture_output=True, text=True, timeout=390)
    assert ended.returncode == 0, ended.stdout + ended.stderr
