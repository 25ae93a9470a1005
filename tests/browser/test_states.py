"""What happens when things go wrong: each has its own clear state, and none is for ever."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.console_page import ConsolePage
from tests.browser.fake_gateway import FakeGateway
from tests.browser.sample_answers import daily_trips

MONTH = "#/daily_trips?month=2015-01"


def test_a_cut_in_the_middle_resumes_without_a_row_twice(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.chunk_rows, gateway.play.chunk_pause = 10, 0.05
    gateway.play.cut_after = [2, 1]
    gateway.play.repeat = True
    console.open(MONTH)
    console.wait_complete(31)
    rows = console.all_rows()
    assert [row[0] for row in rows] == [f"2015-01-{day:02}" for day in range(1, 32)]
    resumed = [message.get("resume") for message in gateway.asked()]
    assert resumed == [None, {"run": "0a1b2c3d4e5f.7.1", "row": 20}, {"run": "0a1b2c3d4e5f.7.1", "row": 30}]


def test_a_new_run_after_a_cut_starts_over(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.chunk_rows, gateway.play.cut_after = 10, [2]
    gateway.play.chunk_pause = 0.3
    console.open(MONTH)
    expect(console.step("receiving")).to_contain_text("20 rows")
    gateway.play.version = 8
    console.wait_complete(31)
    assert console.all_rows()[-1][1] == f"{daily_trips('2015-01', 8).rows[-1][1]:,}"


def test_a_lost_connection_is_told_and_comes_back(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open(MONTH)
    console.wait_complete(31)
    gateway.play.refuse = True
    gateway.cut()
    notice = console.notice("lost")
    expect(notice).to_contain_text("Trying again in")
    expect(console.page.locator("#size")).to_have_text("31 rows")
    gateway.play.refuse = False
    expect(console.page.locator("#link")).to_have_text("Connected", timeout=15_000)
    expect(notice).to_be_hidden()
    assert len(gateway.asked()) == 1, "an answer that is complete is not asked again"


def test_watching_goes_on_after_a_lost_connection(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open("#/daily_trips/live?month=2015-01")
    console.wait_complete(31)
    gateway.cut()
    expect(console.page.locator("#link")).not_to_have_text("Connected")
    expect(console.page.locator("#link")).to_have_text("Connected")
    gateway.new_version()
    expect(console.news).to_contain_text("New data: 2 rows changed")
    assert gateway.asked()[1]["resume"] == {"run": "0a1b2c3d4e5f.7.1", "row": 31}


def test_an_unreachable_gateway_is_told(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.refuse = True
    console.open(MONTH)
    notice = console.notice("unreachable")
    expect(notice).to_contain_text("The gateway cannot be reached")
    gateway.play.refuse = False
    console.wait_complete(31)


@pytest.fixture
def given_up(console: ConsolePage, gateway: FakeGateway) -> ConsolePage:
    """A page that has tried for some minutes in vain."""
    gateway.play.refuse = True
    console.page.clock.install()
    console.open(MONTH)
    console.notice("unreachable")
    for _ in range(120):
        console.pass_time(5)
        if console.page.locator("#notice[data-state=given_up]").count():
            break
    console.notice("given_up")
    return console


def test_it_gives_up_after_a_while(given_up: ConsolePage, gateway: FakeGateway) -> None:
    notice = given_up.notice("given_up")
    expect(notice).to_contain_text("The page tries again about once a minute.")
    gateway.play.refuse = False
    given_up.page.clock.resume()
    notice.locator("button").click()
    given_up.wait_complete(31)


def test_what_was_given_up_is_tried_about_once_a_minute(given_up: ConsolePage, gateway: FakeGateway) -> None:
    given_up.page.evaluate(
        """() => {
          window.changes = 0;
          new MutationObserver(list => { window.changes += list.length })
            .observe(document.querySelector("#notice"), { childList: true, attributeFilter: ["data-state"] });
        }"""
    )
    before = gateway.knocks
    given_up.pass_time(300)
    assert 3 <= gateway.knocks - before <= 7
    assert given_up.page.evaluate("window.changes") == 0, "it is said once, not every minute"
    gateway.play.refuse = False
    given_up.pass_time(90)
    given_up.wait_complete(31)


@pytest.mark.parametrize(
    "event",
    ["document.dispatchEvent(new Event('visibilitychange'))", "dispatchEvent(new Event('online'))"],
    ids=["visible", "online"],
)
def test_it_is_tried_at_once_when_there_is_new_hope(given_up: ConsolePage, gateway: FakeGateway, event: str) -> None:
    gateway.play.refuse = False
    given_up.page.evaluate(event)
    given_up.wait_complete(31, seconds=5)


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("query_failed", "The warehouse reported an error"),
        ("timeout", "It took too long"),
        ("row_too_wide", "A row is too large to send"),
        ("too_many_requests", "Too many questions at once"),
        ("forbidden", "You may not ask this"),
        ("something_new", "Something went wrong"),
    ],
)
def test_an_error_is_told_with_its_code(console: ConsolePage, gateway: FakeGateway, code: str, title: str) -> None:
    gateway.play.fail = (code, "A sentence of the gateway's.")
    console.open(MONTH)
    notice = console.notice("error")
    expect(notice.locator("h3")).to_have_text(title)
    expect(notice).to_contain_text("A sentence of the gateway's.")
    expect(notice.locator("code")).to_contain_text(code)
    expect(console.step("running")).to_have_class("bad")
    if notice.locator("button").count():
        gateway.play.fail = None
        notice.locator("button").click()
        console.wait_complete(31)


def test_rows_stay_in_sight_when_it_fails_on_the_way(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.chunk_rows, gateway.play.fail_after = 10, 2
    gateway.play.fail = ("row_too_wide", "row 20 does not fit into a message")
    console.open(MONTH)
    expect(console.notice("error")).to_contain_text("row 20 does not fit")
    expect(console.page.locator("#size")).to_have_text("20 rows")
    expect(console.step("done")).to_have_class("bad")


def test_a_failed_update_keeps_the_answer(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open("#/daily_trips/live?month=2015-01")
    console.wait_complete(31)
    gateway.play.fail = ("query_failed", "The query failed in the warehouse.")
    gateway.new_version()
    console.notice("error")
    expect(console.page.locator("#size")).to_have_text("31 rows")
    gateway.play.fail = None
    gateway.new_version()
    expect(console.news).to_contain_text("New data")
    expect(console.page.locator("#notice")).to_be_hidden()


@pytest.mark.parametrize("words", ["Internal server error", "Endpoint request timed out", "Limit Exceeded"])
def test_what_api_gateway_could_not_take_is_asked_again_by_itself(
    console: ConsolePage, gateway: FakeGateway, words: str
) -> None:
    gateway.play.raw = json.dumps({"message": words, "connectionId": "a=", "requestId": "b="})
    gateway.play.raw_times = 2
    console.open(MONTH)
    expect(console.step("asked")).to_contain_text("Asking again in")
    console.wait_complete(31)
    assert len(gateway.asked()) == 3


def test_asking_again_comes_to_an_end(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.raw = json.dumps({"message": "Internal server error", "connectionId": "a=", "requestId": "b="})
    console.page.clock.install()
    console.open(MONTH)
    for _ in range(60):
        console.page.clock.run_for(1_000)
        console.page.wait_for_timeout(30)
        if console.page.locator("#notice[data-state=error]").count():
            break
    expect(console.notice("error")).to_contain_text("Internal server error")
    assert len(gateway.asked()) == 6, "five times more, with longer and longer pauses"


def test_api_gateways_own_refusal_is_told_at_once(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.raw = json.dumps({"message": "Forbidden", "connectionId": "a=", "requestId": "b="})
    console.open(MONTH)
    expect(console.notice("error")).to_contain_text("Forbidden")
    assert len(gateway.asked()) == 1


def test_a_catalog_that_did_not_come_is_asked_for_again(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.no_catalog = 1
    console.page.clock.install()
    console.open()
    gateway.wait_asked("catalog", 1)
    console.pass_time(15)
    console.page.wait_for_selector("[data-query]")


def test_a_page_that_was_updated_meanwhile_says_so(console: ConsolePage) -> None:
    """The file of the chart is of an older build, and is gone."""
    console.page.route("**/chart-*.js", lambda route: route.fulfill(status=403, body=""))
    console.open(MONTH)
    console.wait_complete(31)
    expect(console.page.locator("#outdated")).to_contain_text("This page has been updated.")
    expect(console.page.locator("#left")).to_have_text("The chart cannot be loaded.")
    assert len(console.all_rows()) == 31, "what is here stays"
    console.page.unroute("**/chart-*.js")
    console.page.click("#reload")
    console.page.wait_for_selector("#chart[data-points='31']")
    expect(console.page.locator("#outdated")).to_be_hidden()


def test_silence_is_not_for_ever(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.silent = True
    console.page.clock.install()
    console.open(MONTH)
    expect(console.step("asked")).to_have_class("now")
    for _ in range(12):
        console.page.clock.run_for(5_000)
        console.page.wait_for_timeout(20)
    expect(console.notice("error")).to_contain_text("The gateway does not answer")


def test_an_empty_answer_is_told(console: ConsolePage) -> None:
    console.open("#/daily_trips?month=2016-02")
    notice = console.notice("empty")
    expect(notice.locator("h3")).to_have_text("No rows")
    expect(notice).to_contain_text("nothing for February 2016")
    expect(console.step("done")).to_have_class("done")


def test_cancel_stops_the_question(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.run_seconds = 30
    console.open(MONTH)
    expect(console.step("running")).to_have_class("now")
    console.page.click("#stop")
    notice = console.notice("cancelled")
    assert [message["id"] for message in gateway.wait_asked("cancel", 1)] == [gateway.asked()[0]["id"]]
    gateway.play.run_seconds = 0.1
    notice.locator("button").click()
    console.wait_complete(31)


def test_another_question_cancels_the_one_before(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.run_seconds = 2
    console.open(MONTH)
    expect(console.step("running")).to_have_class("now")
    console.choose("monthly_volume")
    console.wait_complete(60)
    assert len(gateway.asked("cancel")) == 1


def test_wrong_values_are_told_at_their_field(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open()
    console.ask("longest_trips", rows="1000000")
    expect(console.page.locator("#field-rows-error")).to_have_text("Enter a whole number from 0 to 100000.")
    expect(console.page.locator("#field-rows")).to_be_focused()
    assert gateway.asked() == []
    console.open("#/longest_trips?rows=1000000")
    expect(console.notice("error")).to_contain_text("A value was not accepted")
    expect(console.page.locator("#field-rows-error")).to_contain_text("Must be a whole number from 0")
    gateway.wrong.clear()


def test_a_link_to_nowhere_is_told(console: ConsolePage, gateway: FakeGateway) -> None:
    console.open("#/no_such_thing")
    expect(console.notice("error")).to_contain_text("There is no such question")
    gateway.wrong.clear()
