"""The board: several questions on one page, live, in a link, without controls while nobody is at it."""

import pytest
from playwright.sync_api import expect

from tests.browser.console_page import ConsolePage
from tests.browser.fake_gateway import FakeGateway

BOARD = "?board=daily_trips%3Fmonth%3D2015-01&board=monthly_volume&board=longest_trips%3Frows%3D1"


def test_a_link_holds_a_board(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open(BOARD)
    panels = console.page.locator(".tile-panel")
    expect(panels).to_have_count(3)
    expect(console.page.locator(".tile-panel[data-state=done]")).to_have_count(3)
    expect(panels.nth(0)).to_contain_text("Daily tripsJanuary 2015")
    expect(panels.nth(0).locator(".chart[data-points='31']")).to_be_visible()
    expect(panels.nth(2).locator("dl")).to_contain_text("Vendorid")
    assert all(message["live"] for message in gateway.asked())
    expect(console.page.locator("#rail")).to_be_hidden()


def test_a_board_is_live(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open(BOARD)
    expect(console.page.locator(".tile-panel[data-state=done]")).to_have_count(3)
    figures = console.page.locator(".tile-panel").nth(0).locator(".figures")
    expect(figures).to_contain_text("370,836")
    gateway.new_version()
    expect(figures).to_contain_text("371,110")
    gateway.cut()
    expect(console.page.locator("#link")).not_to_have_text("Connected")
    gateway.new_version()
    expect(figures).to_contain_text("371,384", timeout=15_000)


def test_the_controls_go_while_nobody_is_there(console: ConsolePage) -> None:
    console.page.clock.install()
    console.open(BOARD)
    remove = console.page.locator(".remove").first
    expect(remove).to_be_visible()
    console.page.clock.run_for(6_000)
    for control in (remove, console.page.locator(".controls"), console.page.locator(".bar")):
        expect(control).to_be_hidden()
    console.page.mouse.move(50, 50)
    expect(remove).to_be_visible()


def test_a_board_is_put_together_by_clicks(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open("#/daily_trips?month=2015-01")
    console.wait_complete(31)
    console.page.click("text=Add to board")
    console.choose("monthly_volume")
    console.wait_complete(60)
    console.page.click("text=Add to board")
    link = console.page.get_by_role("link", name="Board (2)")
    link.click()
    expect(console.page.locator(".tile-panel")).to_have_count(2)
    console.page.locator(".remove").first.click()
    expect(console.page.locator(".tile-panel")).to_have_count(1)
    assert console.page.url.endswith("?board=monthly_volume")
    console.page.locator(".tile-panel h2 a").click()
    console.wait_complete(60)


def test_a_board_survives_the_sign_in(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.authorization = "JWT"
    console.open(BOARD)
    console.notice("signed_out").locator("button").click()
    expect(console.page.locator(".tile-panel[data-state=done]")).to_have_count(3)
    assert console.page.url.endswith(BOARD)


def test_a_panel_that_fails_says_so_beside_the_others(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open("?board=no_such_query&board=monthly_volume")
    expect(console.page.locator(".tile-panel[data-state=bad]")).to_contain_text("no_such_query")
    expect(console.page.locator(".tile-panel[data-state=done]")).to_contain_text("Monthly volume")
    gateway.wrong.clear()


@pytest.mark.parametrize("console", [{"viewport": {"width": 360, "height": 640}}], indirect=True)
def test_a_board_fits_a_phone(console: ConsolePage) -> None:
    console.open(BOARD)
    expect(console.page.locator(".tile-panel[data-state=done]")).to_have_count(3)
    assert console.page.evaluate("document.documentElement.scrollWidth") == 360
