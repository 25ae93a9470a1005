"""The page as CloudFront serves it, for a gateway that Terraform applied with it, and a person who may sign in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from local_cloud.process import LocalCloud
from tests.browser.chromium import chromium
from tests.browser.console_page import ConsolePage
from tests.console.deployed_console import DeployedConsole


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployedConsole]:
    """One local cloud for everything."""
    cloud = LocalCloud.start("--retry-seconds", "0.2")
    try:
        yield DeployedConsole.make(cloud, tmp_path_factory.mktemp("console"))
    finally:
        cloud.stop()


@pytest.fixture
def deployed(made: DeployedConsole) -> DeployedConsole:
    """The local cloud with everything in it, again if the test before has destroyed it."""
    if not made.applied:
        made.apply()
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the file: while Playwright runs, no other test's event loop can."""
    with chromium() as running:
        yield running


@pytest.fixture
def console(browser: Browser, deployed: DeployedConsole) -> Iterator[ConsolePage]:
    """A fresh tab of somebody who is not signed in."""
    context = browser.new_context(accept_downloads=True, viewport={"width": 1440, "height": 900})
    page = ConsolePage(context.new_page(), deployed)
    page.page.set_default_timeout(60_000)
    yield page
    context.close()
    assert page.violations == [], "the content security policy was broken"
    assert page.errors == [], "the page threw"


@pytest.fixture
def signed_in(console: ConsolePage, deployed: DeployedConsole) -> ConsolePage:
    """The same, signed in."""
    console.open()
    console.sign_in(deployed.sign_in.user, deployed.sign_in.password)
    return console
