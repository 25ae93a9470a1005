"""The browser of the page's tests. Nothing is installed here: scripts/test does that."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
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


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium. While Playwright runs, no other event loop of this thread can."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_find(playwright), args=ARGUMENTS)
        yield browser
        browser.close()


def _find(playwright: Playwright) -> str | None:
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
