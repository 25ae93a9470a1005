"""What one sees of an answer: rows, chart, figures, download, link, live."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.console_page import ConsolePage
from tests.browser.fake_gateway import FakeGateway
from tests.browser.sample_answers import Result, daily_trips
from websocket_gateway.protocol.rows import Column


def test_a_month_is_31_bars_and_31_rows(console: ConsolePage) -> None:
    console.open()
    console.ask("daily_trips", month="2015-01")
    console.wait_complete(31)
    assert console.bars() == 31
    shown = [[row[0], *(float(cell.replace(",", "")) for cell in row[1:])] for row in console.all_rows()]
    expected = [[row[0], *(round(float(str(cell)), 2) for cell in row[1:])] for row in daily_trips("2015-01", 7).rows]
    assert shown == expected
    expect(console.origin).to_contain_text("New answer after 1.3 s · data of ")
    for step in ("asked", "running", "receiving", "done"):
        expect(console.step(step)).to_have_class("done")
    expect(console.page.locator("#timeline")).to_be_hidden()


def test_the_timeline_follows_the_request(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.run_seconds = 4
    gateway.play.chunk_rows, gateway.play.chunk_pause = 5, 1.5
    console.open()
    console.ask("daily_trips", month="2015-01")
    expect(console.step("running")).to_have_text("Running for 2 s")
    expect(console.step("receiving")).to_have_class("now")
    expect(console.step("receiving")).to_have_text("Receiving, 10 rows")
    console.wait_complete(31)


def test_a_saved_answer_says_how_old_it_is(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.cached = gateway.play.truncated = True
    gateway.play.finished_at = (datetime.now(UTC) - timedelta(minutes=4, seconds=20)).isoformat()
    console.open("#/daily_trips?month=2015-01")
    console.wait_complete(31)
    expect(console.origin).to_contain_text("Saved answer, 4 min old · data of ")
    expect(console.page.locator("#size")).to_have_text("The first 31 rows; the answer has more")


def test_a_saved_answer_can_be_run_again(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.cached = True
    console.open("#/daily_trips?month=2015-01")
    console.wait_complete(31)
    assert "fresh" not in gateway.asked()[0]
    gateway.play.cached = False
    console.page.click("text=Run again")
    expect(console.origin).to_contain_text("New answer")
    assert gateway.asked()[1]["fresh"] is True


def test_another_figure_is_drawn(console: ConsolePage) -> None:
    console.open("#/daily_trips?month=2015-01")
    console.wait_complete(31)
    console.page.click("[data-measure=total_fare]")
    expect(console.page.locator("#caption")).to_have_text("Total fare by trip date, $")
    expect(console.page.locator("[data-measure=total_fare]")).to_have_attribute("aria-pressed", "true")
    assert console.bars() == 31


def test_the_tooltip_tells_values_and_units(console: ConsolePage) -> None:
    console.open("#/daily_trips?month=2015-01")
    console.wait_complete(31)
    console.page.wait_for_selector("#chart[data-points='31']")
    console.page.locator("#chart").hover(position={"x": 200, "y": 150})
    tip = console.page.locator(".tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("January 2015")
    expect(tip).to_contain_text("$")
    expect(tip).to_contain_text("h total hours")


def test_null_and_large_numbers_are_shown_as_they_are(console: ConsolePage) -> None:
    console.open("#/fares_by_payment")
    console.wait_complete(4)
    rows = console.cells()
    assert rows[0][:3] == ["Credit card", "184,203,311.90", "9,007,199,254,740,993"]
    assert rows[3][1] == "null"
    assert rows[3][3] == ""
    null = console.page.locator("td.null").first
    expect(null).to_have_attribute("title", "no value")
    assert console.page.locator("td.number").first.evaluate("it => getComputedStyle(it).textAlign") == "right"


def test_columns_sort_with_null_last(console: ConsolePage) -> None:
    console.open("#/fares_by_payment")
    console.wait_complete(4)
    head = console.page.locator("th[data-name=total_fare]")
    head.locator("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert [row[0] for row in console.cells()] == ["Credit card", "Cash", "No charge", "Dispute"]
    head.locator("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert [row[0] for row in console.cells()] == ["No charge", "Cash", "Credit card", "Dispute"]
    head.locator("button").click()
    expect(head).to_have_attribute("aria-sort", "none")


def test_csv_has_the_values_as_they_came(console: ConsolePage, tmp_path: Path) -> None:
    console.open("#/fares_by_payment?since=2015-01-01")
    console.wait_complete(4)
    with console.page.expect_download() as download:
        console.page.click("text=CSV")
    assert download.value.suggested_filename == "fares_by_payment-2015-01-01.csv"
    download.value.save_as(tmp_path / "file.csv")
    text = (tmp_path / "file.csv").read_bytes().decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["payment", "total_fare", "trips", "note"]
    assert rows[1] == ["Credit card", "184203311.90", "9007199254740993", "'=1+1"]
    assert rows[2][3] == 'said "exact change"'
    assert text.splitlines()[3].endswith(",48120,"), "NULL is nothing"
    assert text.splitlines()[4].endswith(',12044,""'), "and an empty text is not NULL"


GUARDED = ["-2+3+cmd|' /C calc'!A0", "+1+HYPERLINK(1)", "=1+1", "@SUM(A1)", "\t=1", "-", "+", "1-1=2", "-1e", "--1"]
NUMBERS = ["-2", "+3.5", "-.5", "-1.5e-7", "-12345678901234567890.12"]


def test_only_what_is_a_number_as_a_whole_is_let_through(
    console: ConsolePage, gateway: FakeGateway, tmp_path: Path
) -> None:
    """A spreadsheet may run anything else that begins as a formula does."""
    values = [*GUARDED, *NUMBERS]
    result = Result([Column("n", "int8"), Column("note", "varchar")], [[at, value] for at, value in enumerate(values)])
    gateway.play.results["monthly_volume"] = result
    console.open("#/monthly_volume")
    console.wait_complete(len(values))
    with console.page.expect_download() as download:
        console.page.click("text=CSV")
    download.value.save_as(tmp_path / "file.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "file.csv").read_bytes().decode())))
    safe = [value if value == "1-1=2" else f"'{value}" for value in GUARDED]
    assert [row[1] for row in rows[1:]] == [*safe, *NUMBERS]


def test_the_link_asks_the_same_again(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open()
    console.ask("daily_trips", month="2015-03")
    console.wait_complete(31)
    address = console.page.url
    assert address.endswith("#/daily_trips?month=2015-03")
    console.page.goto("about:blank")
    console.page.goto(address)
    console.wait_complete(31)
    expect(console.page.locator("#field-month")).to_have_value("2015-03")
    assert [message["params"] for message in gateway.asked()] == [{"month": "2015-03"}] * 2


def test_back_returns_to_the_question_before(console: ConsolePage) -> None:
    console.open("#/daily_trips?month=2015-02")
    console.wait_complete(28)
    console.page.fill("#field-month", "2015-03")
    console.submit()
    console.wait_complete(31)
    console.page.go_back()
    console.wait_complete(28)
    expect(console.page.locator("#field-month")).to_have_value("2015-02")


def test_a_long_range_is_not_cut_off(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.options["monthly_volume"] = {"columns": {"total_trips": {"sum": False, "unit": "trips"}}}
    console.open("#/monthly_volume")
    console.wait_complete(60)
    values = console.page.locator("#figures .tile b")
    expect(values.last).to_have_text(re.compile(r"^[\d.]+K \u2013 [\d.]+K\strips$"))
    expect(values.first).to_have_text(re.compile(r"^[\d.]+ \u2013 [\d.]+$"))


def test_the_origin_is_about_what_one_sees(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.cached = True
    console.open("#/daily_trips/live?month=2015-01")
    console.wait_complete(31)
    expect(console.origin).to_contain_text("Saved answer")
    gateway.play.cached = False
    gateway.new_version()
    expect(console.origin).to_contain_text("New answer")


def test_a_new_version_slides_in(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open("#/daily_trips?month=2015-01")
    console.wait_complete(31)
    console.page.click("[role=switch]")
    expect(console.origin).to_contain_text("watching for changes")
    assert gateway.asked()[-1]["resume"] == {"run": "0a1b2c3d4e5f.7.1", "row": 31}
    before = console.all_rows()
    console.watch_layout()
    gateway.new_version()
    expect(console.news).to_contain_text("New data: 2 rows changed, trips +274.")
    expect(console.origin).to_contain_text("data of 22 Nov")
    after = console.all_rows()
    assert len(after) == 31
    assert [row for row in after if row not in before] == after[-2:]
    expect(console.page.locator("td.new").first).to_be_visible()
    assert console.shifts() == []
    console.page.click("[role=switch]")
    expect(console.page.locator("[role=switch]")).to_have_attribute("aria-checked", "false")
    gateway.new_version()
    console.page.wait_for_timeout(300)
    assert console.all_rows() == after, "who no longer watches sees what was there"


def test_nothing_jumps_when_rows_arrive(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.chunk_rows, gateway.play.chunk_pause = 4, 0.05
    console.open()
    console.choose("daily_trips")
    console.page.fill("#field-month", "2015-01")
    console.watch_layout()
    console.submit()
    console.wait_complete(31)
    console.page.wait_for_selector("#chart[data-points='31']")
    assert sum(value for value, _ in console.shifts()) < 0.001, console.shifts()


def test_fifty_thousand_rows_scroll(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open("#/longest_trips?rows=50000")
    console.wait_complete(50_000)
    scroller = console.page.locator(".scroller")
    most = scroller.evaluate(
        """async it => {
          let most = 0;
          for (let step = 0; step <= 60; step++) {
            it.scrollTop = it.scrollHeight * step / 60;
            await new Promise(requestAnimationFrame);
            most = Math.max(most, it.querySelectorAll("tr").length);
          }
          return most;
        }"""
    )
    assert most < 80, "only rows in sight are in the document"
    assert console.cells()[-1][0] == "50,000"
    console.page.click("th[data-name=trip_distance] button")
    expect(console.page.locator("#table tbody tr:not(.spacer)").first).to_contain_text("60.0")
    assert console.page.locator("#table table").get_attribute("aria-rowcount") == "50001"
