"""Shared fixtures of the sign-in tests: the demo's providers, and guests."""

import itertools
import re
import uuid

import pytest
import requests
from urllib.parse import urljoin

NUMBERS = itertools.count(2)
NETWORKS = {"azure": "10.6", "google": "10.7", "github": "10.8"}


class Way:
    """One provider's instance of the demo."""

    def __init__(self, demo, facts):
        self.demo = demo
        self.__dict__.update(facts)

    def intercepted(self):
        """A new device, intercepted by the router."""
        number = next(NUMBERS)
        self.ip = f"{NETWORKS[self.provider]}.{number >> 8}.{number & 255}"
        self.mac = "02:00:00:%02X:%02X:%02X" % tuple(uuid.uuid4().bytes[:3])
        return f"{self.demo.guest_url.split('?')[0]}?mac={self.mac}&ip={self.ip}"

    def page_url(self):
        url = self.intercepted()
        for _ in range(2):
            url = urljoin(url, requests.get(url, allow_redirects=False, timeout=10).headers["Location"])
        return url

    def session(self):
        """The last guest's newest session in the control API, or None."""
        users = self.demo.api("GET", f"/captive/sites/{self.demo.site_id}/users?mac={self.mac}")
        return users.json()[0] if users.status_code == 200 and users.json() else None

    def is_online(self):
        return self.mac in self.demo.router_active()

    def windows(self):
        """The addresses with an open sign-in window on the router."""
        return [row["address"] for row in self.demo.router("ip/firewall/address-list") if row["address"] == self.ip]


@pytest.fixture(params=["azure", "google", "github"])
def way(request, demo):
    return Way(demo, next(facts for facts in demo.sign_ins if facts["provider"] == request.param))


@pytest.fixture
def google(demo):
    return Way(demo, next(facts for facts in demo.sign_ins if facts["provider"] == "google"))


@pytest.fixture
def azure(demo):
    return Way(demo, next(facts for facts in demo.sign_ins if facts["provider"] == "azure"))


@pytest.fixture
def watched(browser):
    """A page that must not report anything on its console; it records its addresses."""

    def open_page(**options):
        page = browser(**options)
        page.been = []
        page.trouble = []
        page.on("response", lambda answer: page.been.append((answer.status, re.sub(r"\?.*", "", answer.url))))
        page.on("console", lambda message: page.trouble.append(message.text) if message.type == "error" else None)
        return page

    return open_page
