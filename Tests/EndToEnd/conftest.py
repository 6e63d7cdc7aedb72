"""Shared fixtures: a running `portico demo`, API calls, new guests, coupons and a browser.

The program is the one named by PORTICO_BINARY, or the newest build in this checkout. Nothing here leaves loopback.
"""

import os
import pathlib
import shutil
import subprocess

import pytest
from playwright.sync_api import expect, sync_playwright

from portal import BROWSERS, PHONE, Demo, program


# Longest time for a page, on a busy machine.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The portal that tests share; each test uses its own guests and coupons."""
    with Demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo
    assert demo.exit_code == 0, f"SIGTERM must end the program with exit code 0: {demo.log()}"


@pytest.fixture
def fresh_demo(tmp_path):
    """A separate portal, which a test may reconfigure or kill."""
    with Demo(tmp_path / "data") as demo:
        yield demo
    assert demo.exit_code == 0, f"SIGTERM must end the program with exit code 0: {demo.log()}"


@pytest.fixture(scope="session")
def chromium():
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    assert path, "install a browser: apt-get install chromium-headless-shell"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def browser(chromium):
    """Opens pages: `browser(javascript=False, viewport=DESKTOP, locale="ar")`; closes them after the test."""
    contexts = []

    def page(javascript=True, viewport=PHONE, locale="en", **options):
        context = chromium.new_context(java_script_enabled=javascript, viewport=viewport, locale=locale, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield page
    for context in contexts:
        context.close()


@pytest.fixture
def portico(tmp_path):
    """Runs the program to its end, in an empty folder and only with the given PORTICO_ settings."""

    def run(*arguments, **settings):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PORTICO_")}
        return subprocess.run([program(), *arguments], env=environment | settings, cwd=tmp_path,
                              capture_output=True, text=True, timeout=20)

    return run


@pytest.fixture
def shots():
    """The folder for screenshots, or None."""
    folder = os.environ.get("PORTICO_SHOTS")
    if folder:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    return folder and pathlib.Path(folder)
