"""Makes the pictures of README.md from a running demo: `. .demo/env; python tests/browser/screenshots.py [folder]`.

The folder is web/screenshots by default.
"""

import gzip
import json
import os
import sys
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "browser")]

from playwright.sync_api import Browser  # noqa: E402

from tests.browser.chromium import chromium  # noqa: E402
from tests.browser.console_page import ConsolePage  # noqa: E402

MONTH = "#/daily_trips?month=2015-01"
MORE = "2015-01-{day}|2015-01-{day} 10:00:00|2015-01-{day} 10:30:00|1|2|3.5|12.5|15.3|1|2\n"
BUCKET, MORE_FILE = "relay-demo-data", "trips/of_the_last_days.psv.gz"


class Demo:
    """The demo whose exports are in the environment."""

    url = os.environ.get("CONSOLE_URL", "")

    def opened(self, browser: Browser, hash_: str, **options: Any) -> ConsolePage:
        """The page with a complete answer, after a sign-in."""
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        console = ConsolePage(context.new_page(), self)
        console.open(hash_)
        console.sign_in(os.environ["CONSOLE_USER"], os.environ["CONSOLE_PASSWORD"])
        console.wait_complete(31)
        console.page.wait_for_selector("#chart[data-points]")
        console.page.wait_for_timeout(400)
        return console

    def more_trips(self) -> None:
        """A file about the last two days of the month, and a load."""
        rows = "".join(MORE.format(day=day) for day in (30, 31) for _ in range(17))
        boto3.client("s3").put_object(Bucket=BUCKET, Key=MORE_FILE, Body=gzip.compress(rows.encode()))
        boto3.client("lambda").invoke(
            FunctionName=json.loads(os.environ["FUNCTION_NAMES"])["scheduler"],
            Payload=json.dumps({"action": "run", "load": "trips"}).encode(),
        )

    def as_before(self) -> None:
        """Takes the file away again; the next load forgets its trips."""
        boto3.client("s3").delete_object(Bucket=BUCKET, Key=MORE_FILE)


def main(folder: Path) -> int:
    """Light with a tooltip, dark with a new version that has just come, and a phone."""
    demo = Demo()
    if not demo.url:
        print("CONSOLE_URL is not set: start scripts/demo, and run `. .demo/env` here", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        page = demo.opened(browser, MONTH, color_scheme="light").page
        page.locator("#chart").hover(position={"x": 345, "y": 260})
        page.screenshot(path=folder / "light.png")

        page = demo.opened(browser, MONTH.replace("?", "/live?"), color_scheme="dark").page
        demo.more_trips()
        page.wait_for_selector("#news:not([hidden])", timeout=60_000)
        page.locator(".scroller").evaluate("it => { it.scrollTop = it.scrollHeight }")
        page.wait_for_timeout(900)
        page.screenshot(path=folder / "dark.png")
        demo.as_before()

        phone = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "device_scale_factor": 2}
        page = demo.opened(browser, MONTH, color_scheme="light", **phone).page
        page.screenshot(path=folder / "phone.png")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "web" / "screenshots"))
