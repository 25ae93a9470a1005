"""Numbers: what names something is no amount, no digit is lost, and what is no number is told."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.console_page import ConsolePage
from tests.browser.fake_gateway import FakeGateway
from tests.browser.shown import show
from websocket_gateway.protocol.rows import Cell


def tile(console: ConsolePage, label: str) -> tuple[str, str]:
    """Value and meaning of a figure."""
    found = console.page.locator("#figures .tile", has=console.page.get_by_text(label, exact=True))
    return found.locator("b").inner_text().replace("\u00a0", " "), found.locator(".meaning").inner_text()


def ticks(console: ConsolePage) -> list[str]:
    """What the axes say: the texts that are painted."""
    found: list[str] = console.page.evaluate("window.painted")
    return found


@pytest.fixture
def painted(console: ConsolePage) -> ConsolePage:
    """Remembers what is written on canvases."""
    console.page.add_init_script(
        """window.painted = [];
        const write = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
          window.painted.push(text); return write.call(this, text, ...rest);
        };"""
    )
    return console


def test_years_and_ids_are_neither_grouped_nor_shortened(painted: ConsolePage, gateway: FakeGateway) -> None:
    show(painted, gateway, {"year": "int4", "station_id": "int8", "trips": "int8"}, [[2019, 1001, 3], [2020, 1002, 4]])
    assert painted.cells() == [["2019", "1001", "3"], ["2020", "1002", "4"]]
    painted.page.wait_for_selector("#chart[data-points='2']")
    assert {"2019", "2020"} <= set(ticks(painted))
    assert not [tick for tick in ticks(painted) if "K" in tick]
    expect(painted.page.locator("#figures .tile")).to_have_count(1)


@pytest.mark.parametrize("name", ["id", "vendor_key", "code", "zip", "pickup_hour", "quarter"])
def test_what_names_something_has_no_sum(console: ConsolePage, gateway: FakeGateway, name: str) -> None:
    show(console, gateway, {name: "int4", "trips": "int8"}, [[1001, 1], [1002, 2]])
    assert console.page.locator("#figures .tile .label").all_inner_texts() == ["Trips"]
    assert console.cells()[0][0] == "1001"


def test_what_counts_such_things_is_an_amount(console: ConsolePage, gateway: FakeGateway) -> None:
    show(
        console,
        gateway,
        {"station": "varchar", "total_hours": "float8", "count_id": "int8"},
        [["a", 1.5, 2000], ["b", 2, 1]],
    )
    assert tile(console, "Count id") == ("2,001", "total")


def test_whole_numbers_have_whole_ticks(painted: ConsolePage, gateway: FakeGateway) -> None:
    show(painted, gateway, {"day": "date", "trips": "int8"}, [[f"2015-01-0{day}", day % 3] for day in range(1, 8)])
    painted.page.wait_for_selector("#chart[data-points='7']")
    assert {"0", "1", "2"} <= set(ticks(painted))
    assert not [tick for tick in ticks(painted) if "." in tick]


def test_a_column_of_nulls_is_a_dash(console: ConsolePage, gateway: FakeGateway) -> None:
    show(
        console,
        gateway,
        {"name": "varchar", "fare": "float8", "avg_fare": "float8"},
        [["a", None, None], ["b", None, None]],
    )
    assert tile(console, "Fare") == ("\u2013", "no values")
    assert tile(console, "Avg fare") == ("\u2013", "no values")


def test_what_is_no_number_leaves_the_sum_aloud(console: ConsolePage, gateway: FakeGateway) -> None:
    rows: list[list[Cell]] = [["a", 1.5], ["b", "NaN"], ["c", "Infinity"], ["d", 2.5], ["e", "-Infinity"]]
    show(console, gateway, {"name": "varchar", "fare": "float8"}, rows)
    assert tile(console, "Fare") == ("4.00", "total, 3 values that are no numbers left out")
    expect(console.page.locator("#left")).to_have_text("3 values cannot be drawn.")
    console.page.wait_for_selector("#chart[data-points='5']")
    assert console.bars() == 2, "the rest is drawn"


def test_sums_of_bigint_and_decimal_lose_no_digit(console: ConsolePage, gateway: FakeGateway) -> None:
    rows: list[list[Cell]] = [
        ["a", 9007199254740993, "0.10"],
        ["b", 9007199254740993, "0.20"],
        ["c", 1, "99999999999999999.05"],
    ]
    show(console, gateway, {"name": "varchar", "trips": "int8", "fare": "numeric"}, rows)
    full = console.page.locator("#figures .full")
    assert full.all_text_contents() == ["18,014,398,509,481,987", "99,999,999,999,999,999.35"]
    first = console.page.locator("#figures .tile").first
    expect(first.locator(".full")).to_be_hidden()
    first.focus()
    console.page.keyboard.press("Shift+Tab")
    console.page.keyboard.press("Tab")
    expect(first.locator(".full")).to_be_visible()


def test_a_huge_number_fits_its_tile(console: ConsolePage, gateway: FakeGateway) -> None:
    show(console, gateway, {"name": "varchar", "fare": "float8"}, [["a", 1e308], ["b", 5.0], ["c", 7.0]])
    value, _ = tile(console, "Fare")
    assert value == "1.000 \u00d7 10³⁰⁸"
    cells = [row[1].replace("\u00a0", " ") for row in console.cells()]
    assert cells == ["1.000 \u00d7 10³⁰⁸", "5.000 \u00d7 10⁰", "7.000 \u00d7 10⁰"], "one rule"
    expect(console.page.locator("#left")).to_have_text("1 value cannot be drawn.")
    assert console.bars() == 2


@pytest.mark.parametrize(
    ("kind", "values", "shown"),
    [
        ("float8", [1, 2.5, 1234.5678], ["1.00", "2.50", "1,234.57"]),
        ("numeric", ["1.50", "20.25", "-3.00"], ["1.50", "20.25", "\u22123.00"]),
        ("float8", [0.00012, 0.5e-4, 0], ["0.000120", "0.000050", "0.000000"]),
        ("int8", [0, -5, 18_014_399_999_999], ["0", "\u22125", "18,014,399,999,999"]),
    ],
)
def test_a_column_has_one_rule(
    console: ConsolePage, gateway: FakeGateway, kind: str, values: list[Any], shown: list[str]
) -> None:
    show(console, gateway, {"name": "varchar", "fare": kind}, [[str(at), value] for at, value in enumerate(values)])
    assert [row[1] for row in console.cells()] == shown
    titles = console.page.locator("#table td.number").evaluate_all("cells => cells.map(cell => cell.title)")
    assert titles == [str(value) for value in values] or kind == "float8", "the full value on hovering"


def test_what_an_author_says_about_columns(console: ConsolePage, gateway: FakeGateway) -> None:
    columns = {
        "share": {"format": "percent", "decimals": 0, "label": "Part"},
        "stop": {"role": "name"},
        "fare": {"unit": "€", "decimals": 1},
    }
    gateway.play.options["monthly_volume"] = {"label": "Volume", "columns": columns}
    show(
        console,
        gateway,
        {"stop": "int4", "share": "float8", "fare": "numeric"},
        [[2001, 0.25, "1.25"], [2002, 0.5, "3"]],
    )
    assert console.cells() == [["2001", "25%", "1.3"], ["2002", "50%", "3.0"]]
    expect(console.page.get_by_role("columnheader", name="Fare €", exact=True)).to_be_visible()
    expect(console.page.locator("#question")).to_have_text("Volume")
    assert tile(console, "Part") == ("25% \u2013 50%", "range")


def test_a_long_text_is_clipped_and_shown_on_demand(console: ConsolePage, gateway: FakeGateway) -> None:
    text = "word " * 2_000
    show(console, gateway, {"name": "varchar", "note": "varchar"}, [["a", text], ["b", "short"]])
    cell = console.page.locator("td.clipped")
    assert len(cell.inner_text()) < 200
    box = cell.bounding_box()
    assert box
    assert box["height"] < 40
    cell.click()
    expect(console.page.locator("dialog pre")).to_have_text(text.strip())
    console.page.keyboard.press("Escape")
    expect(console.page.locator("dialog")).to_have_count(0)
    console.page.locator(".scroller").focus()
    console.page.keyboard.press("ArrowDown")
    console.page.keyboard.press("ArrowRight")
    console.page.keyboard.press("Enter")
    expect(console.page.locator("dialog pre")).to_be_visible()


def test_one_row_is_a_list_of_figures_without_a_chart(console: ConsolePage) -> None:
    console.open("#/longest_trips?rows=1")
    console.wait_complete(1)
    names = console.page.locator("#record dt").all_inner_texts()
    assert names == ["Trip", "Pickup datetime", "Vendorid", "Trip distance", "Airport"]
    for place in ("#figure", "#table", "#figures"):
        expect(console.page.locator(place)).to_be_hidden()
