"""A browser and a gateway for the page."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import chromium
from tests.browser.console_page import ConsolePage
from tests.browser.fake_gateway import ROOT, FakeGateway, content_security_policy


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file's tests: while Playwright runs, no other test's event loop can."""
    with chromium() as browser:
        yield browser


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
