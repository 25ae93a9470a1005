"""Forms: in the author's order and words, with the last values, and arrows that ask."""

from playwright.sync_api import expect

from tests.browser.console_page import ConsolePage
from tests.browser.fake_gateway import FakeGateway

MONTHS = {"values": {"query": "monthly_volume", "column": "pickup_month"}, "latest": True}


def months(gateway: FakeGateway) -> list[str]:
    """The months that were asked about."""
    return [message["params"]["month"] for message in gateway.asked() if "month" in message["params"]]


def test_an_arrow_asks_at_once(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open("#/daily_trips?month=2015-02")
    console.wait_complete(28)
    arrow = console.page.locator("#field-month-after")
    arrow.click()
    console.wait_complete(31)
    expect(console.page.locator("#values")).to_have_text("March 2015")
    expect(arrow).to_be_focused()
    assert months(gateway) == ["2015-02", "2015-03"]


def test_quick_clicks_ask_once(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open("#/daily_trips?month=2015-02")
    console.wait_complete(28)
    console.page.locator("#field-month-after").evaluate("it => { it.click(); it.click(); it.click() }")
    expect(console.page.locator("#values")).to_have_text("May 2015")
    console.wait_complete(31)
    assert months(gateway) == ["2015-02", "2015-05"]


def test_an_arrow_stays_within_the_limits(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open()
    console.choose("daily_trips")
    console.page.click("#field-month-before")
    expect(console.page.locator("#values")).to_have_text("December 2019")
    console.page.click("#field-month-after")
    console.page.wait_for_timeout(500)
    assert months(gateway) == ["2019-12"], "there is nothing after the limit"


def test_days_have_arrows_too(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open()
    console.choose("fares_by_payment")
    console.page.click("#field-since-before")
    console.wait_complete(4)
    assert gateway.asked()[-1]["params"]["since"] == "2014-12-31"


def test_the_last_value_is_remembered(console: ConsolePage) -> None:
    console.open("#/daily_trips?month=2015-06")
    console.wait_complete(30)
    console.choose("monthly_volume")
    console.wait_complete(60)
    console.page.goto("about:blank")
    console.open()
    console.choose("daily_trips")
    expect(console.page.locator("#field-month")).to_have_value("2015-06")


def test_values_come_from_another_query(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.options["daily_trips"] = {"parameters": {"month": MONTHS}}
    console.open()
    console.choose("daily_trips")
    field = console.page.locator("select#field-month")
    expect(field).to_have_value("2019-12")
    assert field.locator("option").all_inner_texts()[:2] == ["December 2019", "November 2019"]
    console.page.click("#field-month-before")
    expect(console.page.locator("#values")).to_have_text("November 2019")
    assert months(gateway) == ["2019-11"]


def test_a_query_that_lists_nothing_leaves_the_field(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.options["daily_trips"] = {"parameters": {"month": {"values": {"query": "gone", "column": "x"}}}}
    console.open()
    console.ask("daily_trips", month="2015-01")
    console.wait_complete(31)
    gateway.wrong.clear()


def test_the_default_question_opens_with_the_newest_value(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.options["daily_trips"] = {"default": True, "parameters": {"month": MONTHS}}
    console.open()
    console.wait_complete(31)
    assert months(gateway) == ["2019-12"]
    assert console.page.url.endswith("#/daily_trips?month=2019-12")
    expect(console.page.locator("#field-month")).to_have_value("2019-12")


def test_a_link_comes_before_the_default_question(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.options["monthly_volume"] = {"default": True}
    console.open("#/daily_trips?month=2015-01")
    console.wait_complete(31)
    assert [message["query"] for message in gateway.asked()] == ["daily_trips"]


def test_parameters_have_the_authors_order_and_labels(console: ConsolePage, gateway: FakeGateway) -> None:
    told = {"passengers": {"label": "People in the car"}, "zone": {"label": "Start"}}
    gateway.play.options["fares_by_payment"] = {"label": "Who paid how", "parameters": told}
    console.open()
    expect(console.page.locator("#query-fares_by_payment b")).to_have_text("Who paid how")
    console.choose("fares_by_payment")
    labels = console.page.locator("form :is(label:not(.choices label), legend) > span:first-child").all_inner_texts()
    assert labels == ["People in the car", "Start", "Since"]
    console.page.fill("#field-passengers", "2")
    console.submit()
    console.wait_complete(4)
    expect(console.page.locator("#values")).to_have_text("people in the car 2, start all, 1 January 2015")


def test_what_is_missing_is_told_as_what_to_do(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open()
    console.choose("daily_trips")
    console.page.click("button[type=submit]")
    expect(console.page.locator("#field-month-error")).to_have_text("Choose a month.")
    console.choose("longest_trips")
    console.page.click("button[type=submit]")
    expect(console.page.locator("#field-rows-error")).to_have_text("Enter a whole number.")
    assert gateway.asked() == []


def test_the_list_of_questions_is_one_stop(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.more_queries = 20
    console.open()
    console.page.wait_for_selector("#query-more_19")
    assert console.page.locator(".query[tabindex='0']").count() == 1
    console.page.locator("#query-daily_trips").focus()
    console.page.keyboard.press("End")
    expect(console.page.locator("#query-more_19")).to_be_focused()
    console.page.keyboard.press("ArrowUp")
    expect(console.page.locator("#query-more_18")).to_be_focused()
    console.page.fill("#search", "volume")
    assert console.page.locator(".query[tabindex='0']:visible").count() == 1
