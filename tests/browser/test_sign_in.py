"""Sign-in with an OpenID Connect provider, and tickets."""

import pytest
from playwright.sync_api import expect

from tests.browser.console_page import ConsolePage
from tests.browser.fake_gateway import FakeGateway

MONTH = "#/daily_trips?month=2015-01"


@pytest.fixture
def signed_in(console: ConsolePage, gateway: FakeGateway) -> ConsolePage:
    """A tab that has come back from the provider."""
    gateway.play.authorization = "JWT"
    sign_in(console)
    return console


def sign_in(console: ConsolePage) -> None:
    """Goes to the provider and comes back."""
    console.open(MONTH)
    expect(console.notice("signed_out")).to_contain_text("Daily trips, January 2015")
    console.page.click("#notice button")
    console.wait_complete(31)


def test_the_question_survives_the_sign_in(signed_in: ConsolePage, gateway: FakeGateway) -> None:
    assert signed_in.page.url == f"{gateway.url}/{MONTH}", "the code is gone from the address"
    expect(signed_in.page.locator("#who")).to_contain_text("Ada Lovelace")
    assert gateway.protocols[0] == "relay.v1"
    assert gateway.protocols[1].startswith("relay.ticket.")


def test_tokens_are_in_this_tab_only(signed_in: ConsolePage, gateway: FakeGateway) -> None:
    token = next(iter(gateway.sign_in.tokens))
    assert token not in signed_in.page.evaluate("JSON.stringify(localStorage)")
    assert signed_in.page.evaluate("document.cookie") == ""
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
    assert len(gateway.wait_asked("query", 2)) == 2
    signed_in.wait_complete(31)


def test_the_end_of_a_connections_token_takes_a_new_ticket(signed_in: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.sign_out = True
    signed_in.submit()
    signed_in.wait_complete(31)
    assert len(gateway.asked()) == 3, "asked again on a new connection"


def test_signing_out_forgets_the_tokens(signed_in: ConsolePage, gateway: FakeGateway) -> None:
    signed_in.page.click("text=Sign out")
    signed_in.notice("signed_out")
    assert signed_in.page.evaluate("sessionStorage.length + localStorage.length") == 0
    assert signed_in.page.url == f"{gateway.url}/{MONTH}", "there is nowhere to go"
    assert gateway.sign_in.ended == []


def test_who_has_signed_out_stays_so(signed_in: ConsolePage, gateway: FakeGateway) -> None:
    signed_in.page.click("text=Sign out")
    signed_in.notice("signed_out")
    signed_in.page.evaluate(
        "() => { dispatchEvent(new Event('online')); document.dispatchEvent(new Event('visibilitychange')) }"
    )
    signed_in.page.wait_for_timeout(300)
    expect(signed_in.notice("signed_out")).to_contain_text("Sign in to")


def end_of_session(gateway: FakeGateway) -> dict[str, str]:
    """What the provider is told: the page's address by both of the names that it has for that."""
    home = f"{gateway.url}/"
    return {"client_id": "page", "post_logout_redirect_uri": home, "logout_uri": home}


@pytest.mark.parametrize("discovery", [False, True], ids=["written", "discovered"])
def test_signing_out_ends_the_providers_session(console: ConsolePage, gateway: FakeGateway, discovery: bool) -> None:
    gateway.play.authorization, gateway.play.discovery = "JWT", discovery
    gateway.oidc = {} if discovery else {"end_session_endpoint": f"{gateway.url}/logout"}
    sign_in(console)
    console.page.reload()
    console.wait_complete(31)
    console.page.click("text=Sign out")
    console.page.wait_for_url(f"{gateway.url}/")
    expect(console.notice("signed_out")).to_contain_text("Sign in to")
    assert gateway.sign_in.ended == [end_of_session(gateway)]
    assert console.page.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize(
    ("taken", "audience", "hinted"),
    [
        pytest.param("access_token", {"aud": ["api://trips"]}, True, id="for an API"),
        pytest.param("access_token", {"aud": ["api://trips", "page"]}, False, id="for the page too"),
        pytest.param("access_token", {"client_id": "page"}, False, id="for the page, as Cognito says it"),
        pytest.param("access_token", {}, False, id="for nobody knows whom"),
        pytest.param("id_token", {"aud": "api://trips"}, False, id="not asked for"),
    ],
)
def test_no_id_token_that_may_open_the_gateway_goes_into_an_address(
    console: ConsolePage, gateway: FakeGateway, taken: str, audience: dict[str, object], hinted: bool
) -> None:
    gateway.play.authorization = "JWT"
    gateway.oidc = {"end_session_endpoint": f"{gateway.url}/logout", "token": taken}
    gateway.sign_in.provider.access_claims, gateway.sign_in.provider.audience = {"iat": 0, "exp": 3600}, audience
    sign_in(console)
    console.page.click("text=Sign out")
    console.page.wait_for_url(f"{gateway.url}/")
    hint = {"id_token_hint": gateway.sign_in.id_token} if hinted else {}
    assert gateway.sign_in.ended == [end_of_session(gateway) | hint]


def test_the_written_address_comes_before_the_discovered_one(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.authorization, gateway.play.discovery = "JWT", True
    gateway.oidc = {"end_session_endpoint": f"{gateway.url}/logout?of=ours"}
    sign_in(console)
    console.page.click("text=Sign out")
    console.page.wait_for_url(f"{gateway.url}/")
    assert gateway.sign_in.ended == [{"of": "ours", **end_of_session(gateway)}]


def test_a_renewal_without_an_id_token_keeps_the_one_that_says_whose_session_ends(
    console: ConsolePage, gateway: FakeGateway
) -> None:
    gateway.play.authorization, gateway.sign_in.provider.offline = "JWT", True
    gateway.oidc = {"end_session_endpoint": f"{gateway.url}/logout"}
    gateway.sign_in.provider.access_claims = {"iat": 0, "exp": 3600}
    gateway.sign_in.provider.audience = {"aud": "api://trips"}
    sign_in(console)
    first = end_of_session(gateway) | {"id_token_hint": gateway.sign_in.id_token}
    gateway.sign_in.provider.answer = {"id_token": None}
    gateway.sign_in.tokens.clear()
    console.page.reload()
    console.wait_complete(31)
    console.page.click("text=Sign out")
    console.page.wait_for_url(f"{gateway.url}/")
    assert gateway.sign_in.ended == [first]


def test_an_expired_sign_in_leaves_the_providers_session_alone(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.authorization = "JWT"
    gateway.oidc = {"end_session_endpoint": f"{gateway.url}/logout"}
    sign_in(console)
    gateway.sign_in.tokens.clear()
    gateway.cut()
    console.notice("expired").locator("button").click()
    console.wait_complete(31)
    assert gateway.sign_in.ended == []


def test_a_provider_that_cannot_be_reached_is_told_when_somebody_signs_out(
    console: ConsolePage, gateway: FakeGateway
) -> None:
    gateway.play.authorization, gateway.play.discovery = "JWT", True
    sign_in(console)
    console.page.reload()
    console.wait_complete(31)
    gateway.sign_in.provider.away = True
    console.page.click("text=Sign out")
    expect(console.notice("session_left")).to_contain_text("The sign-in provider cannot be reached")
    assert console.page.evaluate("sessionStorage.length") == 0
    expect(console.page.locator("#link")).to_have_text("Signed out")


def test_a_foreign_state_is_refused(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.authorization = "JWT"
    console.open("?code=stolen&state=of-somebody-else")
    expect(console.notice("sign_in_failed")).to_contain_text("It was started in another tab or long ago.")
    assert console.page.url == f"{gateway.url}/"


FOREIGN = "?error=x&state=y&error_description=Call+0800+for+help"


def test_a_link_puts_no_words_into_the_pages_mouth(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.authorization = "JWT"
    console.open(FOREIGN)
    notice = console.notice("sign_in_failed")
    expect(notice).not_to_contain_text("0800")
    expect(notice).to_contain_text("It was started in another tab or long ago.")


def test_a_link_signs_nobody_out(signed_in: ConsolePage, gateway: FakeGateway) -> None:
    signed_in.open(f"{FOREIGN}{MONTH}")
    expect(signed_in.page.locator("#link")).to_have_text("Connected")
    expect(signed_in.page.locator("#notice[data-state=sign_in_failed]")).to_have_count(0)
    assert "error" not in signed_in.page.url


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("access_denied", "you have no access"),
        ("temporarily_unavailable", "Try again in a few minutes"),
        ("made_up", "without a reason that this page knows"),
        ("constructor", "without a reason that this page knows"),
    ],
)
def test_a_refusal_of_the_provider_is_told_in_the_pages_words(
    console: ConsolePage, gateway: FakeGateway, error: str, told: str
) -> None:
    gateway.play.authorization, gateway.sign_in.provider.refusal = "JWT", error
    console.open(MONTH)
    console.notice("signed_out").locator("button").click()
    notice = console.notice("sign_in_failed")
    expect(notice).to_contain_text(told)
    expect(notice).not_to_contain_text("Call 0800")
    gateway.sign_in.provider.refusal = ""
    notice.locator("button").click()
    console.wait_complete(31)


def test_a_page_without_a_way_to_sign_in_says_so(console: ConsolePage, gateway: FakeGateway) -> None:
    gateway.play.authorization = "JWT"
    gateway.config = {"authorization": {"mode": "JWT", "oidc": None}}
    console.open(MONTH)
    expect(console.notice("signed_out")).to_contain_text("this page is set up without one")
    expect(console.notice("signed_out").locator("button")).to_have_count(0)
