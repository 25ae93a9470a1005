"""`redshift-relay ask`: its arguments, its environment, and what it prints."""

from typing import Any

import pytest

from redshift_relay.command_line import main
from tests.scripts.redshift_relay.messages import Gateway, complete, rows

NOWHERE = "ws://127.0.0.1:1"
NO_TICKETS = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WEBSOCKET_URL", "TICKET_URL", "ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Set WEBSOCKET_URL"),
        (["--ticket-url", NO_TICKETS], "Set WEBSOCKET_URL"),
        (["--url", NOWHERE, "--ticket-url", NO_TICKETS], "ACCESS_TOKEN is not set"),
        (["--url", NOWHERE], f"the gateway at {NOWHERE} cannot be reached"),
        (["--url", "gateway.example.com"], "cannot be reached: gateway.example.com isn't a valid URI"),
    ],
)
def test_the_message_names_what_is_missing(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["ask", "daily_trips", *arguments]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ticket_url", "message"), [(NO_TICKETS, "no ticket: "), ("tickets", "no ticket: unknown url type")]
)
def test_a_ticket_url_that_issues_no_ticket_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ticket_url: str, message: str
) -> None:
    monkeypatch.setenv("ACCESS_TOKEN", "a token")
    assert main(["ask", "daily_trips", "--url", NOWHERE, "--ticket-url", ticket_url]) == 1
    assert capsys.readouterr().err.startswith(message)


def test_a_parameter_without_a_value_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["ask", "daily_trips", "--url", NOWHERE, "month"])
    assert "'month' has no value. Write month=VALUE." in capsys.readouterr().err


def test_options_may_stand_between_the_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "daily_trips", "month=2015-01", "--url", NOWHERE, "zone=3"]) == 1
    assert "cannot be reached" in capsys.readouterr().err


def test_the_environments_tickets_are_for_the_environments_gateway(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WEBSOCKET_URL", NOWHERE)
    monkeypatch.setenv("TICKET_URL", NO_TICKETS)
    assert main(["ask", "daily_trips"]) == 1
    assert "ACCESS_TOKEN is not set" in capsys.readouterr().err
    assert main(["ask", "daily_trips", "--url", NOWHERE]) == 1
    assert "ACCESS_TOKEN" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("end", "line"),
    [
        ({}, "2 rows; 0.25 s in the warehouse; data version 1"),
        ({"cached": True, "version": 7}, "2 rows; cached; data version 7"),
        ({"truncated": True}, "2 rows (truncated); 0.25 s in the warehouse; data version 1"),
    ],
)
def test_the_rows_are_printed(
    capsys: pytest.CaptureFixture[str], gateway: Gateway, end: dict[str, Any], line: str
) -> None:
    columns = [{"name": "day", "type": "date"}, {"name": "trips", "type": "int8"}]
    url = gateway([rows(0, ["2015-01-01", 12], ["2015-01-02", None], columns=columns), complete(2, **end)])
    assert main(["ask", "daily_trips", "month=2015-01", "--url", url]) == 0
    *table, last = capsys.readouterr().out.splitlines()
    assert last == line
    cells = [text.split() for text in table]
    assert ["│", "2015-01-01", "│", "12", "│"] in cells
    assert ["│", "2015-01-02", "│", "null", "│"] in cells


def test_the_gateways_error_is_printed(capsys: pytest.CaptureFixture[str], gateway: Gateway) -> None:
    url = gateway([{"type": "error", "code": "unknown_query", "message": "no_such is not in the catalog"}])
    assert main(["ask", "no_such", "--url", url]) == 1
    assert capsys.readouterr().err == "unknown_query: no_such is not in the catalog\n"
