"""What one sees first, on every size, and what one finds again when one comes back."""

import pytest
from playwright.sync_api import expect

from tests.browser.console_page import ConsolePage
from tests.browser.fake_gateway import FakeGateway

MONTH = "#/daily_trips?month=2015-01"
LAPTOP = {"viewport": {"width": 1366, "height": 768}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SMALL_PHONE = {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True}
SIZES = pytest.mark.parametrize(
    "console", [LAPTOP, PHONE, SMALL_PHONE], indirect=True, ids=["laptop", "phone", "small"]
)


@SIZES
@pytest.mark.parametrize("hash_", ["", MONTH], ids=["nothing asked", "a link"])
def test_the_sign_in_is_in_sight(console: ConsolePage, gateway: FakeGateway, hash_: str) -> None:
    gateway.play.authorization = "JWT"
    console.open(hash_)
    button = console.notice("signed_out").locator("button")
    expect(button).to_have_text("Sign in")
    box = button.bounding_box()
    assert box
    height = console.page.evaluate("innerHeight")
    assert box["y"] + box["height"] < 0.62 * height
    for hidden in ("#timeline", "#figures", "#panels", "#tools", "#rail"):
        expect(console.page.locator(hidden)).to_be_hidden()
    expect(console.notice("signed_out")).to_contain_text(
        f"You sign in at localhost:{gateway.port}, then come back here"
    )
    assert console.page.evaluate("document.documentElement.scrollHeight <= innerHeight")


@SIZES
def test_what_can_be_asked_is_in_sight(console: ConsolePage) -> None:
    console.open()
    first = console.page.locator("#query-daily_trips")
    expect(first).to_be_in_viewport(ratio=1)
    for hidden in ("#timeline", "#figures", "#panels", "#tools"):
        expect(console.page.locator(hidden)).to_be_hidden()


def test_choose_a_question_stands_at_a_third_of_the_window(console: ConsolePage) -> None:
    console.page.set_viewport_size({"width": 1366, "height": 768})
    console.open()
    box = console.notice("start").locator("h3").bounding_box()
    assert box
    assert 0.2 < (box["y"] + box["height"] / 2) / 768 < 0.36


@SIZES
def test_the_last_question_is_offered_again(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open(MONTH)
    console.wait_complete(31)
    console.page.goto("about:blank")
    console.open()
    button = console.notice("start").locator("button")
    expect(button).to_have_text("Show Daily trips, January 2015")
    expect(button).to_be_in_viewport(ratio=1)
    button.click()
    console.wait_complete(31)
    assert gateway.asked()[-1]["params"] == {"month": "2015-01"}


@pytest.mark.parametrize("console", [PHONE, SMALL_PHONE], indirect=True)
def test_a_phone_has_two_views(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.more_queries = 30
    console.open()
    console.ask("daily_trips", month="2015-01")
    console.wait_complete(31)
    expect(console.page.locator("#rail")).to_be_hidden()
    figures = console.page.locator("#figures").bounding_box()
    assert figures
    assert figures["y"] + figures["height"] < console.page.evaluate("innerHeight"), "the answer is in the first view"
    console.page.mouse.wheel(0, 400)
    line = console.page.locator(".asked")
    expect(line).to_be_in_viewport(ratio=1)
    expect(line).to_contain_text("Daily trips")
    expect(line).to_contain_text("January 2015")
    console.page.click("#change")
    expect(console.page.locator("#field-month")).to_be_focused()
    expect(console.page.locator("#field-month")).to_have_value("2015-01")
    expect(console.page.locator("#answer .asked")).to_be_hidden()
    console.page.fill("#field-month", "2015-02")
    console.submit()
    console.wait_complete(28)
    console.page.click("#back")
    expect(console.page.locator("#rail")).to_be_visible()
    console.page.go_back()
    console.wait_complete(28)
    expect(console.page.locator("#rail")).to_be_hidden()


def test_the_title_says_what_was_asked(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open(MONTH)
    console.wait_complete(31)
    expect(console.page).to_have_title("Daily trips, January 2015 \u2013 City Trips")
    console.open("#/longest_trips?rows=5")
    console.wait_complete(5)
    expect(console.page).to_have_title("Longest trips, rows 5 \u2013 City Trips")
    console.page.goto(gateway.url + "/")
    expect(console.page).to_have_title("City Trips")


def test_who_signs_out_leaves_nothing_behind(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.authorization = "JWT"
    console.open(MONTH)
    console.notice("signed_out").locator("button").click()
    console.wait_complete(31)
    assert "2015-01" in console.page.evaluate("JSON.stringify(localStorage)")
    console.page.click("text=Sign out")
    console.notice("signed_out")
    assert console.page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("console", [LAPTOP, PHONE], indirect=True, ids=["laptop", "phone"])
def test_a_new_visitor_succeeds_at_the_first_try(console: ConsolePage, gateway: FakeGateway) -> None:
    """How much was driven in January 2015, and tell me when it changes."""
    gateway.play.authorization = "JWT"
    console.open()
    console.page.get_by_role("button", name="Sign in").click()
    console.page.get_by_role("button", name="Daily trips").click()
    console.page.get_by_label("Month", exact=True).fill("2015-01")
    console.page.get_by_role("button", name="Show", exact=True).click()
    expect(console.page.get_by_role("button", name="Total distance 1,042,049 mi")).to_be_visible()
    console.page.get_by_role("switch", name="Tell me when it changes").click()
    expect(console.page.get_by_text("watching for changes")).to_be_visible()
    gateway.new_version()
    expect(console.page.get_by_text("New data: 2 rows changed, trips +274.")).to_be_visible()
