"""For everybody: the keyboard alone, screen readers, contrast, small screens; and what it costs to open the page."""

import gzip
import itertools
import re
from typing import Any
from urllib.parse import urlsplit

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
    console.page.locator(".scroller").press("ArrowDown")
    console.page.locator(".scroller").press("Enter")
    assert serious(console) == []
    console.page.keyboard.press("Escape")
    gateway.play.fail = ("query_failed", "The query failed in the warehouse.")
    console.page.click("text=Run again")
    console.notice("error")
    assert serious(console) == []
    gateway.play.fail = None
    gateway.play.run_seconds = 20
    console.page.click("#notice button")
    expect(console.step("running")).to_have_class("now")
    assert serious(console) == []


@pytest.mark.parametrize(
    "console",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, PHONE],
    indirect=True,
    ids=["light", "dark", "phone"],
)
def test_axe_finds_nothing_serious_elsewhere(console: ConsolePage, gateway: FakeGateway) -> None:
    """The sign-in, one row, several charts with the month before, and a board."""
    gateway.play.authorization = "JWT"
    console.open()
    console.notice("signed_out")
    assert serious(console) == []
    console.page.click("#notice button")
    console.page.wait_for_selector("[data-query]")
    console.open("#/longest_trips?rows=1")
    console.wait_complete(1)
    assert serious(console) == []
    console.open("#/daily_trips/live?month=2015-02")
    console.wait_complete(28)
    console.page.click("#compare")
    console.page.click("#all")
    gateway.new_version()
    expect(console.news).to_contain_text("New data")
    console.page.wait_for_selector("#small .chart[data-points]")
    console.page.wait_for_timeout(700)  # until what slides in has arrived
    assert serious(console) == []
    console.open("?board=daily_trips%3Fmonth%3D2015-01&board=monthly_volume&board=longest_trips%3Frows%3D1")
    expect(console.page.locator(".tile-panel[data-state=done]")).to_have_count(3)
    assert serious(console) == []


def test_the_keyboard_alone_is_enough(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open()
    console.page.wait_for_selector("[data-query]")
    press = console.page.keyboard.press

    def tab_to(selector: str, most: int = 6) -> None:
        for _ in range(most):
            press("Tab")
            if console.page.evaluate("s => document.activeElement?.matches(s)", selector):
                outline = console.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", f"one does not see that {selector} has the focus"
                return
        pytest.fail(f"{most} times the Tab key do not reach {selector}")

    tab_to("#query-daily_trips", 1)
    press("ArrowDown")
    expect(console.page.locator("#query-monthly_volume")).to_be_focused()
    press("Home")
    press("Enter")
    tab_to("#field-month", 2)
    console.page.keyboard.type("January")
    press("ArrowRight")
    console.page.keyboard.type("2015")
    press("Enter")
    console.wait_complete(31)
    expect(console.page.locator("#question")).to_be_focused()
    tab_to("[role=switch]", 1)
    press("Space")
    expect(console.origin).to_contain_text("watching")
    tab_to("[data-measure=total_hours]", 8)
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
    expect(console.page.locator("#table .foot")).to_have_text("Row 31, Trip date: 2015-01-31")
    press("ArrowRight")
    press("ArrowRight")
    expect(console.page.locator("#table .foot")).to_have_text(re.compile(r"^Row 31, Total hours: \d+\.\d{3,}$"))
    console.page.locator("th[data-name=trips] button").focus()
    press("Enter")
    expect(console.page.locator("th[data-name=trips]")).to_have_attribute("aria-sort", "descending")
    expect(console.page.locator("th[data-name=trips] button")).to_be_focused()


NARROW = [
    pytest.param({"viewport": {"width": width, "height": height}}, id=f"{width}x{height}")
    for width, height in ((360, 640), (390, 844), (683, 384), (899, 700), (900, 700), (1366, 768))
]


@pytest.mark.parametrize("console", NARROW, indirect=True)
def test_nothing_collides_or_scrolls_sideways(console: ConsolePage, gateway: FakeGateway) -> None:
    """683x384 is a laptop at 200%."""
    gateway.play.run_seconds = 3
    console.open(MONTH)
    expect(console.step("running")).to_have_class("now")
    boxes = [console.step(name).bounding_box() for name in ("asked", "running", "receiving", "done")]
    for first, second in itertools.pairwise(box for box in boxes if box):
        assert first["x"] + first["width"] <= second["x"] or first["y"] + first["height"] <= second["y"]
    console.wait_complete(31)
    assert console.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("console", [PHONE], indirect=True)
def test_what_a_finger_touches_is_large_enough(console: ConsolePage) -> None:
    find = """() => [...document.querySelectorAll("button, select, input, a[href]")]
      .filter(it => it.checkVisibility({ visibilityProperty: true }) && it.type !== "radio")
      .map(it => [it.textContent.trim() || it.ariaLabel || it.id, it])
      .filter(([, it]) => {
        const { width, height } = it.getBoundingClientRect();
        const more = getComputedStyle(it, "::after");
        const room = it.matches(".toggle") && more.position === "absolute" ? -2 * parseFloat(more.top) : 0;
        return height + room < 43.5 || width < 40;
      }).map(([name]) => name)"""
    console.open()
    console.choose("fares_by_payment")
    assert console.page.evaluate(find) == []
    console.page.click("#query-daily_trips")
    console.page.fill("#field-month", "2015-02")
    assert console.page.evaluate(find) == []
    console.submit()
    console.wait_complete(28)
    console.page.wait_for_selector("#chart[data-points='28']")
    assert console.page.evaluate(find) == []


@pytest.mark.parametrize("console", [{"reduced_motion": "reduce"}], indirect=True)
def test_who_wants_no_motion_gets_none(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open("#/daily_trips/live?month=2015-01")
    console.wait_complete(31)
    gateway.new_version()
    expect(console.news).to_contain_text("New data")
    running = "document.getAnimations().filter(it => it.playState === 'running').length"
    assert console.page.evaluate(running) == 0


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


def test_the_page_is_small(console: ConsolePage, gateway: FakeGateway) -> None:
    """What is fetched before the first paint, and what comes afterwards by itself."""
    sizes = {f"/{file.name}": file.read_bytes() for file in (ROOT / "web" / "dist").iterdir()}
    fetched: list[str] = []
    console.page.on("request", lambda request: fetched.append(urlsplit(request.url).path))
    console.page.add_init_script(
        "const later = setTimeout; window.setTimeout = (f, ms) => ms === 300 ? 0 : later(f, ms)"
    )
    console.open()
    console.page.wait_for_selector("[data-query]")
    first = [sizes[path] for path in fetched if path in sizes] + [sizes["/index.html"]]
    assert not [path for path in fetched if path.startswith(("/chart", "/board"))]
    assert sum(len(content) for content in first) < 100_000, "before the chart library, not even compressed"
    assert sum(len(gzip.compress(content)) for content in first) < 36_000
    assert sum(len(gzip.compress(content)) for content in sizes.values()) < 70_000, "everything"


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
