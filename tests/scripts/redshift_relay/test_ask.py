"""scripts/ask, as far as it goes without a gateway; with one it is run end to end."""

import pytest

from redshift_relay import ask


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WEBSOCKET_URL", "TICKET_URL", "ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "WEBSOCKET_URL is not set"),
        (["--url", "ws://127.0.0.1:1", "--ticket-url", "http://127.0.0.1:1"], "ACCESS_TOKEN is not set"),
        (["--ticket-url", "http://127.0.0.1:1"], "WEBSOCKET_URL is not set"),
        (["--url", "ws://127.0.0.1:1", "month"], "'month' is not name=value"),
    ],
)
def test_what_is_missing_is_named(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert ask.main(["daily_trips", *arguments]) == 1
    assert said in capsys.readouterr().err


def test_the_environments_tickets_are_for_the_environments_gateway(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WEBSOCKET_URL", "ws://127.0.0.1:1")
    monkeypatch.setenv("TICKET_URL", "http://127.0.0.1:1")
    assert ask.main(["daily_trips"]) == 1
    assert "ACCESS_TOKEN is not set" in capsys.readouterr().err
    assert ask.main(["daily_trips", "--url", "ws://127.0.0.1:1"]) == 1
    assert "ACCESS_TOKEN" not in capsys.readouterr().err
