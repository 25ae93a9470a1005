"""The client puts an answer together from messages that may come twice, and reports what is wrong with them."""

import pytest

from redshift_relay.gateway_client import GatewayClient, GatewayError
from tests.scripts.redshift_relay.messages import Gateway, Messages, complete, rows

COLUMNS = [{"name": "day", "type": "date"}, {"name": "trips", "type": "int8"}]


def test_rows_that_come_twice_are_taken_once(gateway: Gateway) -> None:
    first, second, third = ["2015-01-01", 1], ["2015-01-02", 2], ["2015-01-03", None]
    url = gateway(
        [
            {"type": "accepted", "run": "r1"},
            rows(0, first, second, columns=COLUMNS),
            rows(0, first, second, columns=COLUMNS),
            rows(1, second, third),
            complete(3),
        ]
    )
    with GatewayClient.connect(url) as client:
        (answer,) = client.ask("daily_trips")
    assert answer.rows == [first, second, third]
    assert answer.as_dicts()[2] == {"day": "2015-01-03", "trips": None}
    assert answer.complete["rows"] == 3


def test_a_refused_ping_ends_no_question_that_waits(gateway: Gateway) -> None:
    refused = {"message": "Too Many Requests", "connectionId": "c", "requestId": "r"}
    url = gateway(
        [{"type": "accepted", "id": "ask-1", "run": "r1"}, refused, rows(0, [1], columns=COLUMNS[:1]), complete(1)]
    )
    with GatewayClient.connect(url) as client:
        assert next(client.ask("daily_trips")).rows == [[1]]


def test_a_throttled_question_is_asked_again(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = {"message": "Too Many Requests", "connectionId": "c", "requestId": "r"}
    monkeypatch.setattr("redshift_relay.gateway_client.time.sleep", lambda _: None)
    answer = [rows(0, [1], columns=COLUMNS[:1]), complete(1, stay=True)]
    for refusals in (4, 5):
        with GatewayClient.connect(gateway([refused] * refusals + answer)) as client:
            if refusals > 4:
                with pytest.raises(GatewayError, match="Too Many Requests"):
                    next(client.ask("daily_trips"))
            else:
                assert next(client.ask("daily_trips")).rows == [[1]]


def test_a_live_query_yields_an_answer_for_each_version(gateway: Gateway) -> None:
    url = gateway(
        [
            rows(0, [1], columns=COLUMNS[:1]),
            complete(1),
            rows(0, [2], run="r2", columns=COLUMNS[:1]),
            complete(1, run="r2", version=2),
        ]
    )
    with GatewayClient.connect(url) as client:
        answers = client.ask("daily_trips", live=True, stay=True)
        assert [(answer.run, answer.rows) for answer in (next(answers), next(answers))] == [
            ("r1", [[1]]),
            ("r2", [[2]]),
        ]
        with pytest.raises(GatewayError, match="the connection ended"):
            next(answers)


@pytest.mark.parametrize(
    ("messages", "error"),
    [
        ([rows(0, [1], columns=COLUMNS[:1]), rows(2, [3])], "rows 1 to 2 are missing"),
        ([{"type": "error", "code": "unknown_query", "message": "no such query"}], "unknown_query: no such query"),
        ([{"message": "Forbidden", "connectionId": "c", "requestId": "r"}], "Forbidden"),
        ([], "the connection ended"),
    ],
)
def test_what_is_no_answer_is_an_error(gateway: Gateway, messages: Messages, error: str) -> None:
    with GatewayClient.connect(gateway(messages)) as client, pytest.raises(GatewayError, match=error):
        next(client.ask("daily_trips"))
