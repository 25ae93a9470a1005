"""A browser and a gateway for the page. Nothing is installed here: scripts/test does that."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from console_page import ConsolePage
from fake_gateway import ROOT, FakeGateway, content_security_policy
from playwright.sync_api import Browser, Error, Playwright, sync_playwright

# A closed network, no sandbox inside a container, no first-run questions.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find_browser(playwright: Playwright) -> str | None:
    """Chromium of $CHROMIUM, Playwright's own (None), or one that is installed; fails the tests if there is none."""
    if given := os.environ.get("CHROMIUM"):
        return given
    try:
        if Path(playwright.chromium.executable_path).exists():
            return None
    except Error:
        pass
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    pytest.fail("the page's tests need Chromium: apt-get install chromium, playwright install chromium, or $CHROMIUM")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file's tests: while Playwright runs, no other test's event loop can."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(playwright), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served() -> Iterator[FakeGateway]:
    """The built page and a gateway for it."""
    with FakeGateway(ROOT / "web" / "dist", content_security_policy()) as gateway:
        yield gateway


@pytest.fixture
def gateway(served: FakeGateway) -> Iterator[FakeGateway]:
    """The gateway as it is at the start; what the page sent must have followed the protocol."""
    served.reset()
    yield served
    assert served.wrong == [], "the page broke the protocol"


@pytest.fixture
def console(browser: Browser, gateway: FakeGateway, request: pytest.FixtureRequest) -> Iterator[ConsolePage]:
    """A fresh tab; `@pytest.mark.parametrize("console", [{...}], indirect=True)` sets the context."""
    options: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, **getattr(request, "param", {})}
    context = browser.new_context(accept_downloads=True, **options)
    page = ConsolePage(context.new_page(), gateway)
    yield page
    context.close()
    assert page.violations == [], "the content security policy was broken"
    assert page.errors == [], "the page threw"
