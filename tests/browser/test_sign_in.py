"""Sign-in with an OpenID Connect provider, and tickets."""

import pytest
from console_page import ConsolePage
from fake_gateway import FakeGateway
from playwright.sync_api import expect

MONTH = "#/daily_trips?month=2015-01"


@pytest.fixture
def signed_in(console: ConsolePage, gateway: FakeGateway) -> ConsolePage:
    """A tab that has come back from the provider."""
    gateway.play.authorization = "JWT"
    console.open(MONTH)
    expect(console.notice("signed_out")).to_contain_text("Sign in to ask")
    expect(console.step("connected")).to_have_class("todo")
    console.page.click("#notice button")
    console.wait_complete(31)
    return console


def test_the_question_survives_the_sign_in(signed_in: ConsolePage, gateway: FakeGateway) -> None:
    assert signed_in.page.url == f"{gateway.url}/{MONTH}", "the code is gone from the address"
    expect(signed_in.page.locator("#who")).to_contain_text("Ada Lovelace")
    assert gateway.protocols[0] == "relay.v1"
    assert gateway.protocols[1].startswith("relay.ticket.")


def test_tokens_are_in_this_tab_only(signed_in: ConsolePage, gateway: FakeGateway) -> None:
    assert signed_in.page.evaluate("localStorage.length") == 0
    assert signed_in.page.evaluate("document.cookie") == ""
    token = next(iter(gateway.sign_in.tokens))
    assert token not in str(signed_in.page.evaluate("performance.getEntriesByType('resource').map(e => e.name)"))


def test_a_reload_needs_no_new_sign_in(signed_in: ConsolePage) -> None:
    signed_in.page.reload()
    signed_in.wait_complete(31)


def test_an_expired_token_is_told(signed_in: ConsolePage, gateway: FakeGateway) -> None:
    gateway.sign_in.tokens.clear()
    gateway.cut()
    notice = signed_in.notice("expired")
    expect(notice).to_contain_text("Your sign-in has expired")
    expect(signed_in.page.locator("#size")).to_have_text("31 rows")
    notice.locator("button").click()
    signed_in.wait_complete(31)


def test_the_end_of_a_connections_token_takes_a_new_ticket(signed_in: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.sign_out = True
    signed_in.page.click("button[type=submit]")
    signed_in.wait_complete(31)
    assert len(gateway.asked()) == 3, "asked again on a new connection"


def test_signing_out_forgets_the_tokens(signed_in: ConsolePage) -> None:
    signed_in.page.click("text=Sign out")
    signed_in.notice("signed_out")
    assert signed_in.page.evaluate("sessionStorage.length") == 0


def test_a_foreign_state_is_refused(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.authorization = "JWT"
    console.open("?code=stolen&state=of-somebody-else")
    expect(console.notice("sign_in_failed")).to_contain_text("It was started somewhere else.")
    assert console.page.url == f"{gateway.url}/"


def test_a_page_without_a_way_to_sign_in_says_so(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.authorization = "JWT"
    gateway.config = {"authorization": {"mode": "JWT", "oidc": None}}
    console.open(MONTH)
    expect(console.notice("signed_out")).to_contain_text("this page was set up without one")
    expect(console.notice("signed_out").locator("button")).to_have_count(0)
