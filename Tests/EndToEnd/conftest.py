"""What every test here starts from: a running `portico demo`, an API caller, fresh guests, coupons and a browser.

The program is the one named by PORTICO_BINARY, or the newest build in this checkout. Nothing here leaves loopback.
"""

import os
import pathlib
import shutil
import subprocess

import pytest
from playwright.sync_api import expect, sync_playwright

from portal import BROWSERS, PHONE, Demo, program


# How long a page may take on a busy machine; a quick one does not use it.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The portal that tests share, each with guests and coupons of its own."""
    with Demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo
    assert demo.exit_code == 0, f"SIGTERM must end the program well: {demo.log()}"


@pytest.fixture
def fresh_demo(tmp_path):
    """A portal that a test may reconfigure or kill."""
    with Demo(tmp_path / "data") as demo:
        yield demo
    assert demo.exit_code == 0, f"SIGTERM must end the program well: {demo.log()}"


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
    """Runs the program to its end, in an empty folder and with no PORTICO_ setting but those given."""

    def run(*arguments, **settings):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PORTICO_")}
        return subprocess.run([program(), *arguments], env=environment | settings, cwd=tmp_path,
                              capture_output=True, text=True, timeout=20)

    return run


@pytest.fixture
def shots():
    """Where screenshots go, or None."""
    folder = os.environ.get("PORTICO_SHOTS")
    if folder:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    return folder and pathlib.Path(folder)
