"""For everybody: the keyboard alone, screen readers, contrast, small screens; and what it costs to open the page."""

import gzip
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.console_page import ConsolePage
from tests.browser.fake_gateway import ROOT, FakeGateway

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
MONTH = "#/daily_trips?month=2015-01"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


def serious(console: ConsolePage) -> list[str]:
    """What axe-core finds that is serious or critical, contrast of WCAG AA included."""
    assert AXE.exists(), "run `npm ci` in web/ first (scripts/test does)"
    console.page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = console.page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{item['id']}: {node['target']} {node['failureSummary']}"
        for item in found
        if item["impact"] in ("serious", "critical")
        for node in item["nodes"]
    ]


@pytest.mark.parametrize(
    "console",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, PHONE],
    indirect=True,
    ids=["light", "dark", "phone"],
)
def test_axe_finds_nothing_serious(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open()
    console.page.wait_for_selector("[data-query]")
    assert serious(console) == []
    console.choose("fares_by_payment")
    assert serious(console) == []
    console.ask("daily_trips", month="2015-01")
    console.wait_complete(31)
    console.page.wait_for_selector("#chart[data-points='31']")
    console.page.locator("#chart").press("ArrowRight")
    assert serious(console) == []
    gateway.play.fail = ("query_failed", "The query failed in the warehouse.")
    console.submit()
    console.notice("error")
    assert serious(console) == []
    gateway.play.fail = None
    gateway.play.run_seconds = 20
    console.submit()
    expect(console.step("running")).to_have_class("now")
    assert serious(console) == []


def test_the_keyboard_alone_is_enough(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open()
    console.page.wait_for_selector("[data-query]")
    press = console.page.keyboard.press

    def tab_to(selector: str) -> None:
        for _ in range(40):
            press("Tab")
            if console.page.evaluate("s => document.activeElement?.matches(s)", selector):
                outline = console.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", f"one does not see that {selector} has the focus"
                return
        pytest.fail(f"the Tab key does not reach {selector}")

    tab_to("#query-daily_trips")
    press("Enter")
    tab_to("#field-month")
    console.page.keyboard.type("January")
    press("ArrowRight")
    console.page.keyboard.type("2015")
    press("Enter")
    console.wait_complete(31)
    tab_to("[role=switch]")
    press("Space")
    expect(console.news).to_contain_text("watching")
    tab_to("[data-measure=total_hours]")
    press("Space")
    expect(console.page.locator("#caption")).to_contain_text("Total hours")
    expect(console.page.locator("[data-measure=total_hours]")).to_be_focused()
    tab_to("#chart")
    press("ArrowRight")
    press("ArrowRight")
    expect(console.page.locator("#chart .unseen")).to_contain_text("Friday, 2 January 2015: 3,331.67")
    press("Escape")
    tab_to(".scroller")
    press("End")
    expect(console.page.locator("#table tbody")).to_contain_text("2015-01-31")
    console.page.locator("th[data-name=trips] button").focus()
    press("Enter")
    expect(console.page.locator("th[data-name=trips]")).to_have_attribute("aria-sort", "descending")
    expect(console.page.locator("th[data-name=trips] button")).to_be_focused()


@pytest.mark.parametrize("console", [PHONE], indirect=True)
def test_one_column_on_a_phone(console: ConsolePage) -> None:
    console.open(MONTH)
    console.wait_complete(31)
    assert console.page.evaluate("document.documentElement.scrollWidth") == 390
    rail = console.page.locator(".rail").bounding_box()
    answer = console.page.locator("#answer").bounding_box()
    assert rail
    assert answer
    assert rail["y"] + rail["height"] <= answer["y"]


def test_two_columns_on_a_desk(console: ConsolePage) -> None:
    console.open(MONTH)
    console.wait_complete(31)
    rail = console.page.locator(".rail").bounding_box()
    answer = console.page.locator("#answer").bounding_box()
    assert rail
    assert answer
    assert rail["x"] + rail["width"] <= answer["x"]
    figure = console.page.locator(".figure").bounding_box()
    rows = console.page.locator(".rows").bounding_box()
    assert figure
    assert rows
    assert figure["x"] + figure["width"] <= rows["x"], "the chart stands beside the table"


def test_the_page_is_small(console: ConsolePage) -> None:
    files = [file for file in (ROOT / "web" / "dist").iterdir() if file.name != "third-party.txt"]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < 60_000, "chart library included"
    before = [file for file in files if not file.name.startswith("chart-")]
    assert sum(file.stat().st_size for file in before) < 100_000, "before the chart library, not even compressed"


def test_nothing_comes_from_elsewhere(console: ConsolePage, gateway: FakeGateway) -> None:
    requests: list[str] = []
    console.page.on("request", lambda request: requests.append(request.url))
    console.open(MONTH)
    console.wait_complete(31)
    console.page.wait_for_selector("#chart[data-points]")
    assert [url for url in requests if not url.startswith(gateway.url) and not url.startswith("data:")] == []


def test_without_config_it_says_so(console: ConsolePage) -> None:
    console.page.route("**/config.json", lambda route: route.fulfill(status=404, body=""))
    console.open()
    expect(console.page.locator("#notice")).to_have_text("This page could not read its config.json.")
