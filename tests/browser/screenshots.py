"""Makes the pictures of README.md: `python tests/browser/screenshots.py [folder]`, by default in web/screenshots."""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "functions"), str(ROOT / "tests" / "browser")]

from chromium import chromium  # noqa: E402
from fake_gateway import FakeGateway, content_security_policy  # noqa: E402
from playwright.sync_api import Browser, Page, expect  # noqa: E402

MONTH = "daily_trips?month=2015-01"


def opened(browser: Browser, gateway: FakeGateway, question: str, **options: Any) -> Page:
    """The page with a complete answer."""
    page = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options}).new_page()
    page.goto(f"{gateway.url}/#/{question}")
    expect(page.locator("[data-step=complete]")).to_have_class("done", timeout=20_000)
    page.wait_for_selector("#chart[data-points]")
    page.wait_for_timeout(400)
    return page


def main(folder: Path) -> None:
    """Light with a tooltip, dark with a new version that has just come, and a phone."""
    folder.mkdir(parents=True, exist_ok=True)
    with FakeGateway(ROOT / "web" / "dist", content_security_policy()) as gateway, chromium() as browser:
        page = opened(browser, gateway, MONTH, color_scheme="light")
        page.locator("#chart").hover(position={"x": 345, "y": 260})
        page.screenshot(path=folder / "light.png")
        page = opened(browser, gateway, MONTH.replace("?", "/live?"), color_scheme="dark")
        gateway.new_version()
        page.wait_for_selector("#news b")
        page.locator(".scroller").evaluate("it => { it.scrollTop = it.scrollHeight }")
        page.wait_for_timeout(900)
        page.screenshot(path=folder / "dark.png")
        phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "device_scale_factor": 2}
        page = opened(browser, gateway, MONTH, color_scheme="light", **phone)
        page.locator("#answer").evaluate("it => it.scrollIntoView({ block: 'start' })")
        page.evaluate("scrollBy(0, -16)")
        page.wait_for_timeout(200)
        page.screenshot(path=folder / "phone.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "web" / "screenshots")
