"""How long a sign-in lasts: when its token is renewed, and when somebody has to sign in again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from console_page import ConsolePage
from fake_gateway import FakeGateway
from playwright.sync_api import expect

MONTH = "#/daily_trips?month=2015-01"
HOUR, DAY = 3_600, 86_400
NEW, RENEWED, TICKET = "authorization_code", "refresh_token", "ticket 200"


@pytest.fixture(autouse=True)
def jwt(gateway: FakeGateway) -> None:
    """Nobody gets in without a sign-in, which can be renewed."""
    gateway.play.authorization = "JWT"
    gateway.sign_in.provider.offline = True


def sign_in(console: ConsolePage) -> None:
    console.open(MONTH)
    console.notice("signed_out").locator("button").click()
    console.wait_complete(31)


def reconnect(console: ConsolePage, gateway: FakeGateway) -> list[str]:
    """Loses the connection, waits until it is back, and tells what the page asked the provider and the ticket API."""
    before = len(gateway.sign_in.seen)
    gateway.cut()
    for _ in range(200):
        console.page.wait_for_timeout(50)
        if TICKET in gateway.sign_in.seen[before:]:
            break
    expect(console.page.locator("#link")).to_have_text("Connected")
    return gateway.sign_in.seen[before:]


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
