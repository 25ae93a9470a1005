"""How long a sign-in lasts: when its token is renewed, and when somebody has to sign in again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.console_page import ConsolePage
from tests.browser.fake_gateway import FakeGateway

MONTH = "#/daily_trips?month=2015-01"
HOUR, DAY = 3_600, 86_400
NEW, RENEWED = "authorization_code", "refresh_token"
TICKET, REFUSED, NOT_ALLOWED = "ticket 200", "ticket 401", "ticket 403"


@pytest.fixture(autouse=True)
def jwt(gateway: FakeGateway) -> None:
    """Nobody gets in without a sign-in, which can be renewed."""
    gateway.play.authorization = "JWT"
    gateway.sign_in.provider.offline = True


def sign_in(console: ConsolePage) -> None:
    console.open(MONTH)
    console.notice("signed_out").locator("button").click()
    console.wait_complete(31)


def cut(console: ConsolePage, gateway: FakeGateway, *, until: str) -> list[str]:
    """Loses the connection, and tells what the page asked the provider and the ticket API until something was seen."""
    gateway.sign_in.seen.clear()
    gateway.cut()
    return wait(console, gateway, until)


def wait(console: ConsolePage, gateway: FakeGateway, until: str) -> list[str]:
    for _ in range(200):
        if until in gateway.sign_in.seen:
            break
        console.page.wait_for_timeout(50)
    return list(gateway.sign_in.seen)


def reconnect(console: ConsolePage, gateway: FakeGateway) -> list[str]:
    """Loses the connection, waits until it is back, and tells what was asked meanwhile."""
    seen = cut(console, gateway, until=TICKET)
    expect(console.page.locator("#link")).to_have_text("Connected")
    return seen


def kept(console: ConsolePage) -> int:
    """How much the tab keeps of a sign-in."""
    found: int = console.page.evaluate("sessionStorage.length")
    return found


SHORT_ID = {"answer": {"expires_in": DAY}, "id_claims": {"iat": 0, "exp": 10 * HOUR}}
LONG_ID = {"answer": {"expires_in": 300}, "id_claims": {"iat": 0, "exp": HOUR}}
OPAQUE = {"answer": {"expires_in": DAY}, "id_claims": {"iat": 0, "exp": HOUR}}
BARE = {"answer": {}, "access_claims": {"iat": 0, "exp": 2 * HOUR}}
DATED_BACK = {"answer": {"expires_in": 5_400}, "access_claims": {"iat": -300, "exp": 5_400}}


@pytest.mark.parametrize(
    ("taken", "provider", "life", "off"),
    [
        pytest.param("id_token", SHORT_ID, 10 * HOUR, 0, id="id token that ends first"),
        pytest.param("id_token", LONG_ID, HOUR, 3 * DAY, id="id token that ends last, clock fast"),
        pytest.param("id_token", SHORT_ID, 10 * HOUR, -3 * DAY, id="id token that ends first, clock slow"),
        pytest.param("access_token", OPAQUE, DAY, 0, id="opaque access token"),
        pytest.param("access_token", BARE, 2 * HOUR, 3 * DAY, id="access token alone, clock fast"),
        pytest.param("access_token", DATED_BACK, 5_400, 0, id="iat dated back"),
    ],
)
def test_a_token_is_renewed_shortly_before_it_ends(
    console: ConsolePage, gateway: FakeGateway, taken: str, provider: dict[str, Any], life: int, off: int
) -> None:
    """Whatever the browser's clock says: what counts is how much time goes by."""
    gateway.oidc = {"token": taken}
    for name, value in provider.items():
        setattr(gateway.sign_in.provider, name, value)
    console.page.clock.install(time=datetime.now(UTC) + timedelta(seconds=off))
    sign_in(console)
    assert gateway.sign_in.seen == [NEW, TICKET]
    console.page.clock.fast_forward((life - 90) * 1000)
    assert reconnect(console, gateway) == [TICKET], "the token is still good"
    console.page.clock.fast_forward(80 * 1000)
    assert reconnect(console, gateway) == [RENEWED, TICKET]
    assert reconnect(console, gateway) == [TICKET], "and the new one is kept"


def test_a_refused_token_is_renewed_before_anybody_is_signed_out(console: ConsolePage, gateway: FakeGateway) -> None:
    sign_in(console)
    gateway.sign_in.tokens.clear()
    assert reconnect(console, gateway) == [REFUSED, RENEWED, TICKET]


def test_a_fresh_token_that_is_refused_ends_the_sign_in(console: ConsolePage, gateway: FakeGateway) -> None:
    sign_in(console)
    gateway.sign_in.provider.scopes = False
    gateway.cut()
    console.notice("expired")
    assert gateway.sign_in.seen[2:] == [NOT_ALLOWED, RENEWED, NOT_ALLOWED]
    assert kept(console) == 0


def test_a_token_that_was_renewed_in_time_is_not_renewed_again(console: ConsolePage, gateway: FakeGateway) -> None:
    console.page.clock.install()
    sign_in(console)
    gateway.sign_in.provider.scopes = False
    console.page.clock.fast_forward(HOUR * 1000)
    gateway.cut()
    console.notice("expired")
    assert gateway.sign_in.seen[2:] == [RENEWED, NOT_ALLOWED]


def test_a_sign_in_that_cannot_be_renewed_ends(console: ConsolePage, gateway: FakeGateway) -> None:
    sign_in(console)
    gateway.sign_in.tokens.clear()
    gateway.sign_in.refresh_tokens.clear()
    gateway.cut()
    console.notice("expired")
    assert gateway.sign_in.seen[2:] == [REFUSED, RENEWED]
    assert kept(console) == 0


def test_a_provider_that_is_away_ends_no_sign_in(console: ConsolePage, gateway: FakeGateway) -> None:
    sign_in(console)
    gateway.sign_in.tokens.clear()
    gateway.sign_in.provider.away = True
    assert cut(console, gateway, until=RENEWED) == [REFUSED, RENEWED]
    console.notice("lost")
    gateway.sign_in.provider.away = False
    assert wait(console, gateway, TICKET)[-2:] == [RENEWED, TICKET]


@pytest.mark.parametrize("status", [429, 403])
def test_a_provider_that_is_busy_ends_no_sign_in(console: ConsolePage, gateway: FakeGateway, status: int) -> None:
    sign_in(console)
    gateway.sign_in.tokens.clear()
    gateway.sign_in.provider.busy = status
    assert cut(console, gateway, until=RENEWED) == [REFUSED, RENEWED]
    console.notice("lost")
    gateway.sign_in.provider.busy = 0
    assert wait(console, gateway, TICKET)[-2:] == [RENEWED, TICKET]


@pytest.mark.parametrize("why", ["busy", "the refresh token has ended"])
def test_a_good_token_is_shown_again_although_it_cannot_be_renewed(
    console: ConsolePage, gateway: FakeGateway, why: str
) -> None:
    """The network was away for a moment: nothing is wrong with the token."""
    sign_in(console)
    if why == "busy":
        gateway.sign_in.provider.busy = 429
    else:
        gateway.sign_in.refresh_tokens.clear()
    console.page.route("**/ticket", lambda route: route.abort(), times=1)
    assert reconnect(console, gateway) == [RENEWED, TICKET]


def test_a_refusal_that_the_page_cannot_read_renews_the_token(console: ConsolePage, gateway: FakeGateway) -> None:
    """An answer without CORS headers looks like no answer at all."""
    gateway.sign_in.provider.refusals_are_read = False
    sign_in(console)
    gateway.sign_in.tokens.clear()
    assert reconnect(console, gateway) == [REFUSED, RENEWED, TICKET]


def test_without_an_answer_or_a_refresh_token_nobody_is_signed_out(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.sign_in.provider.offline = gateway.sign_in.provider.refusals_are_read = False
    sign_in(console)
    tokens = dict(gateway.sign_in.tokens)
    gateway.sign_in.tokens.clear()
    assert cut(console, gateway, until=REFUSED) == [REFUSED]
    console.notice("lost")
    gateway.sign_in.tokens.update(tokens)
    assert set(wait(console, gateway, TICKET)) == {REFUSED, TICKET}


def test_a_ticket_api_that_is_away_has_no_token_renewed_again_and_again(
    console: ConsolePage, gateway: FakeGateway
) -> None:
    console.page.clock.install()
    sign_in(console)
    console.page.route("**/ticket", lambda route: route.abort())
    cut(console, gateway, until=RENEWED)
    console.pass_time(100)
    assert gateway.sign_in.seen == [RENEWED]
    console.page.clock.fast_forward(600_000)
    console.pass_time(120)
    assert gateway.sign_in.seen == [RENEWED, RENEWED], "it may have been taken back meanwhile"


def test_signing_out_while_a_token_is_renewed_is_final(console: ConsolePage, gateway: FakeGateway) -> None:
    sign_in(console)
    gateway.sign_in.tokens.clear()
    gateway.sign_in.provider.token_seconds = 0.5
    cut(console, gateway, until=RENEWED)
    with console.page.expect_response("**/token"):
        console.page.click("text=Sign out")
    console.page.wait_for_timeout(200)
    console.notice("signed_out")
    assert kept(console) == 0
    expect(console.page.locator("#who")).to_be_empty()
