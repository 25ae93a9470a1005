"""Which chart an answer gets, and what is said about the rest of it."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.console_page import ConsolePage
from tests.browser.fake_gateway import FakeGateway
from tests.browser.sample_answers import daily_trips
from tests.browser.shown import show
from websocket_gateway.protocol.rows import Cell


def kind(console: ConsolePage, points: int) -> str | None:
    """How so many points are drawn."""
    chart = console.page.locator(f"#chart[data-points='{points}']")
    expect(chart).to_be_visible()
    return chart.get_attribute("data-kind")


DAYS: list[list[Cell]] = [[f"2015-01-{day:02}", day] for day in range(1, 11)]


def test_a_row_without_a_day_is_left_out_and_said(console: ConsolePage, gateway: FakeGateway) -> None:
    show(console, gateway, {"day": "date", "trips": "int8"}, [*DAYS, [None, 5]])
    assert kind(console, 10) == "bars"
    expect(console.page.locator("#left")).to_have_text("1 row without day left out.")


def test_the_first_forty_categories_are_drawn(console: ConsolePage, gateway: FakeGateway) -> None:
    show(console, gateway, {"zone": "varchar", "trips": "int8"}, [[f"zone {at}", at] for at in range(1_234)])
    assert kind(console, 40) == "bars"
    expect(console.page.locator("#left")).to_have_text("The first 40 of 1,234.")


def test_a_category_without_a_name_is_left_out_and_said(console: ConsolePage, gateway: FakeGateway) -> None:
    show(console, gateway, {"zone": "varchar", "trips": "int8"}, [["a", 1], ["b", 2], [None, 3]])
    assert kind(console, 2) == "bars"
    expect(console.page.locator("#left")).to_have_text("1 row without zone left out.")


def test_rows_that_nothing_tells_apart_have_no_chart(console: ConsolePage, gateway: FakeGateway) -> None:
    show(console, gateway, {"trips": "int8", "fare": "float8"}, [[1, 1.5], [1, 2.5], [1, 3.5]])
    expect(console.page.locator("#left")).to_contain_text("No column tells the rows apart")
    expect(console.page.locator("#chart")).to_be_hidden()


@pytest.mark.parametrize("kind_of_time", ["timestamp", "date"])
def test_moments_minutes_and_months_apart_are_no_hairs(
    console: ConsolePage, gateway: FakeGateway, kind_of_time: str
) -> None:
    start = datetime(2015, 1, 1, tzinfo=UTC)
    near = [start + timedelta(**{"days" if kind_of_time == "date" else "minutes": at}) for at in range(6)]
    moments = [*near, datetime(2015, 4, 1, tzinfo=UTC), datetime(2019, 9, 1, tzinfo=UTC)]
    rows: list[list[Cell]] = [
        [str(at.date() if kind_of_time == "date" else at.replace(tzinfo=None)), 5] for at in moments
    ]
    show(console, gateway, {"at": kind_of_time, "trips": "int8"}, rows)
    assert kind(console, 8) == "dots"


def test_moments_are_a_line_and_days_are_bars(console: ConsolePage, gateway: FakeGateway) -> None:
    show(
        console,
        gateway,
        {"at": "timestamp", "trips": "int8"},
        [[f"2015-01-01 {hour:02}:00:00", hour] for hour in range(24)],
    )
    assert kind(console, 24) == "line"
    console.page.goto("about:blank")
    show(console, gateway, {"day": "date", "trips": "int8"}, DAYS)
    assert kind(console, 10) == "bars"


@pytest.mark.parametrize(("chart", "drawn"), [("line", "line"), ("bars", "bars"), ("table", None), ("figure", None)])
def test_an_author_prefers_a_chart(console: ConsolePage, gateway: FakeGateway, chart: str, drawn: str | None) -> None:
    gateway.play.options["monthly_volume"] = {"chart": chart}
    show(console, gateway, {"day": "date", "trips": "int8"}, DAYS)
    if drawn:
        assert kind(console, 10) == drawn
    else:
        expect(console.page.locator("#figure")).to_be_hidden()
        assert console.page.locator("#table").is_visible() == (chart == "table")


def test_a_second_column_makes_several_lines(console: ConsolePage, gateway: FakeGateway) -> None:
    rows = [[f"2015-01-{day:02}", vendor, day] for day in range(1, 6) for vendor in ("CMT", "VTS")]
    show(console, gateway, {"day": "date", "vendor": "varchar", "trips": "int8"}, rows)
    assert kind(console, 5) == "line"
    assert console.page.locator("#legend > span").all_inner_texts() == ["CMT", "VTS"]
    console.page.locator("#chart").press("ArrowRight")
    expect(console.page.locator("#chart .unseen")).to_have_text("Thursday, 1 January 2015: 1 CMT, 1 VTS")


def test_the_month_before_is_laid_beside(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open("#/daily_trips?month=2015-01")
    console.wait_complete(31)
    expect(console.page.locator("#compare")).to_be_hidden()
    console.open("#/daily_trips?month=2015-02")
    console.wait_complete(28)
    console.page.click("#compare")
    expect(console.page.locator("#legend")).to_have_text("February 2015January 2015")
    assert gateway.asked()[-1]["params"] == {"month": "2015-01"}
    console.page.locator("#chart").press("ArrowRight")
    heard = console.page.locator("#chart .unseen")
    now, before = (daily_trips(month, 7).rows[0][1] for month in ("2015-02", "2015-01"))
    expect(heard).to_have_text(f"Sunday, 1 February 2015: {now:,} trips, {before:,} January 2015")
    console.page.click("#field-month-after")
    console.wait_complete(31)
    expect(console.page.locator("#legend")).to_have_text("March 2015February 2015")


def test_all_measures_at_once(console: ConsolePage) -> None:
    console.open("#/daily_trips?month=2015-01")
    console.wait_complete(31)
    console.page.click("#all")
    expect(console.page.locator("#small figure")).to_have_count(4)
    names = console.page.locator("#small .chart").evaluate_all("charts => charts.map(it => it.ariaLabel)")
    assert [name.split(":")[1].split(" by ")[0].strip() for name in names] == [
        "Trips",
        "Total hours",
        "Total distance",
        "Total fare",
    ]
    console.page.click("#all")
    expect(console.page.locator("#small")).to_be_hidden()
    assert console.bars() == 31


def test_no_name_of_a_chart_outlives_it(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open("#/daily_trips?month=2015-01")
    console.wait_complete(31)
    chart = console.page.locator("#chart[data-points='31']")
    chart.press("ArrowRight")
    heard = console.page.locator("#chart .unseen")
    expect(heard).to_contain_text("trips")
    console.page.click("[data-measure=total_fare]")
    expect(heard).to_have_text("")
    expect(chart).to_have_attribute(
        "aria-label",
        "Chart: Total fare by Trip date, 31 values from Thursday, 1 January 2015 to "
        "Saturday, 31 January 2015. The arrow keys read them.",
    )
    show(console, gateway, {"name": "varchar", "note": "varchar"}, [["a", "b"], ["c", "d"]])
    bare = console.page.locator("#chart")
    for attribute in ("aria-label", "role", "tabindex", "data-points"):
        assert bare.get_attribute(attribute) is None
