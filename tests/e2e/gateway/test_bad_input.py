"""Whatever a client sends: an error with a code and a sentence, no statement, nothing of others, and it goes on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from websockets.sync.client import connect

from redshift_relay.gateway_client import GatewayClient, GatewayError
from tests.e2e.cloud import TIMEOUT_SECONDS
from tests.e2e.gateway.bad_requests import answer_to, assert_harmless, end_of, nothing_started
from tests.e2e.gateway.gateways import Gateways, Stage
from tests.unit.websocket_gateway.asyncapi import check_of_server, wrong_of_client

# --- messages


def echo(**params: object) -> dict[str, Any]:
    return {"action": "query", "id": "x", "query": "echo", "params": {"text": "hello", **params}}


def one(**changes: object) -> dict[str, Any]:
    return {"action": "query", "id": "x", "query": "one", "params": {"n": 1}, **changes}


DROP = "1; DROP TABLE public.gate"
NOT_DESCRIBED: dict[str, tuple[object, str, str]] = {
    # what: (message, code, part of the sentence)
    "empty": ("", "bad_request", "empty"),
    "blank": (" \n", "bad_request", "empty"),
    "no JSON": ("SELECT 1", "bad_request", "not JSON"),
    "half of a message": ('{"action": "query", ', "bad_request", "not JSON"),
    "deep": ("[" * 15_000, "bad_request", "not JSON"),
    "a list": ([{"action": "ping"}], "bad_request", "not a JSON object"),
    "null": ("null", "bad_request", "not a JSON object"),
    "no action": ({"id": "x"}, "bad_request", "action: must be one of query, cancel, catalog, ping"),
    "an unknown action": ({"action": "drop", "id": "x"}, "bad_request", "action: must be one of"),
    "an action of API Gateway": ({"action": "$connect", "id": "x"}, "bad_request", "action: must be one of"),
    "an action that is no text": ({"action": {"query": 1}, "id": "x"}, "bad_request", "action: must be one of"),
    "an event of a statement": (
        {"detail-type": "Redshift Data Statement Status Change", "detail": {"state": "FINISHED"}},
        "bad_request",
        "action: must be one of",
    ),
    "no id": (one(id=None), "bad_request", "id: must have 1 to 64"),
    "an id with a separator": (one(id="a#b"), "bad_request", "id: must have 1 to 64"),
    "an id that is too long": (one(id="a" * 65), "bad_request", "id: must have 1 to 64"),
    "an id that is a number": (one(id=7), "bad_request", "id: must have 1 to 64"),
    "cancel without an id": ({"action": "cancel"}, "bad_request", "id: must have 1 to 64"),
    "no query": ({"action": "query", "id": "x"}, "bad_request", "query: must be the name"),
    "a query that is SQL": (one(query=DROP), "bad_request", "query: must be the name"),
    "SQL beside a query": (one(sql="SELECT 1"), "bad_request", "sql: unknown field"),
    "params that are a list": (one(params=[1]), "bad_request", "params: must be an object"),
    "a parameter that is an object": (one(params={"n": {"$gt": 0}}), "bad_parameter", "n: must be a whole number"),
    "a parameter that is true": (one(params={"n": True}), "bad_parameter", "n: must be a whole number"),
    "live that is a text": (one(live="yes"), "bad_request", "live: must be true or false"),
    "resume without a row": (one(resume={"run": "r"}), "bad_request", "resume:"),
    "resume before the first row": (one(resume={"run": "r", "row": -1}), "bad_request", "resume:"),
    "resume with a bad run": (one(resume={"run": "a#b", "row": 0}), "bad_request", "resume:"),
    "31 KB of text": (json.dumps(one(id="x" * 31_000)), "too_large", "16,384 bytes"),
}
REFUSED: dict[str, tuple[object, str, str]] = {
    "an unknown query": (one(query="salaries"), "unknown_query", "salaries is not in the catalog"),
    "no parameter": (one(params={}), "bad_parameter", "n: required"),
    "an unknown parameter": (one(params={"n": 1, "m": 2}), "bad_parameter", "m: unknown parameter"),
    "a text for a number": (one(params={"n": "seven"}), "bad_parameter", "n: must be a whole number"),
    "a fraction": (one(params={"n": 1.5}), "bad_parameter", "n: must be a whole number"),
    "below the bounds": (one(params={"n": -1}), "bad_parameter", "from 0 up to"),
    "beyond BIGINT": (one(params={"n": 10**19}), "bad_parameter", "n: must be a whole number"),
    "a text that is too long": (echo(text="x" * 51), "bad_parameter", "text: must be text of 1 to 50"),
    "15 KB of text": (echo(text="x" * 15_000), "bad_parameter", "text: must be text of 1 to 50"),
    "an empty text": (echo(text=""), "bad_parameter", "text: must be text of 1 to 50"),
    "control characters": (echo(text="a\u0000b"), "bad_parameter", "without control characters"),
    "no date": (echo(day="2015-02-30"), "bad_parameter", "day: must be a date"),
    "a date out of bounds": (echo(day="2016-01-01"), "bad_parameter", "up to 2015-12-31"),
    "no month": (echo(month="2015-13"), "bad_parameter", "month: must be a month"),
    "no choice": (echo(size="huge"), "bad_parameter", "size: must be one of small, large"),
    "SQL as a number": (one(params={"n": DROP}), "bad_parameter", "n: must be a whole number"),
    "SQL as a month": (echo(month="2015-01' OR '1'='1"), "bad_parameter", "month: must be a month"),
    "SQL as the name of a parameter": (one(params={"n": 1, DROP: 1}), "bad_parameter", "unknown parameter"),
    "a cancelled request that is not there": ({"action": "cancel", "id": "x"}, "unknown_request", "no request x"),
}
BAD = NOT_DESCRIBED | REFUSED


def text_of(message: object) -> str:
    return message if isinstance(message, str) else json.dumps(message)


def test_bad_messages(gateways: Gateways) -> None:
    """One connection takes them all, and then a question."""
    with gateways.open.connected() as gateway, nothing_started(gateways.open):
        for what, (message, code, sentence) in BAD.items():
            answer = answer_to(gateway, text_of(message))
            assert answer["code"] == code, (what, answer)
            assert sentence in answer["message"], (what, answer)
            assert_harmless(answer)
            given = message.get("id") if isinstance(message, dict) else None
            assert answer["id"] == (None if wrong_of_client({"action": "cancel", "id": given}) else given), what
        gateway.send(action="ping")
        assert gateway.receive(TIMEOUT_SECONDS) == {"type": "pong"}
    with gateways.open.connected() as gateway:
        assert next(gateway.ask("one", {"n": 7})).rows == [[7]]


@pytest.mark.parametrize("what", BAD)
def test_the_description_refuses_what_no_client_may_send(what: str) -> None:
    """Which values a query takes is the catalog's to say; all else is in asyncapi.yaml."""
    try:
        message = json.loads(text_of(BAD[what][0]))
    except (ValueError, RecursionError):
        message = None
    assert bool(wrong_of_client(message)) == (what in NOT_DESCRIBED)


TEXTS = [
    DROP,
    "'; DROP TABLE public.gate; --",
    "' OR '1'='1",
    "O'Brien",
    '"quoted"',
    "back\\slash",
    ":n",
    "$1",
    "%s {n} ${n}",
    "😀 é 한국",
]


def test_sql_in_a_text_is_a_text(gateways: Gateways) -> None:
    """It is bound where its parameter stands, and comes back as it was."""
    with gateways.open.connected() as gateway:
        for text in TEXTS:
            assert next(gateway.ask("echo", {"text": text})).rows[0][0] == text
    assert gateways.cloud.query("SELECT COUNT(*) AS n FROM public.gate") == [{"n": 0}]


def test_too_many_open_requests(gateways: Gateways) -> None:
    """The bound is on what is open: with one cancelled, another may be asked."""
    with gateways.held_up(), gateways.open.connected() as gateway:
        for n in range(20):
            gateway.send(action="query", id=f"open-{n}", query="gated", params={"n": 1})
            assert gateway.receive(TIMEOUT_SECONDS)["type"] == "accepted"
        with nothing_started(gateways.open):
            gateway.send(action="query", id="more", query="gated", params={"n": 2})
            refused = gateway.receive(TIMEOUT_SECONDS)
            assert (refused["code"], refused["id"]) == ("too_many_requests", "more")
            assert "20 open requests" in refused["message"]
            gateway.send(action="query", id="open-0", query="one", params={"n": 3})
            taken = gateway.receive(TIMEOUT_SECONDS)
            assert (taken["code"], taken["id"]) == ("bad_request", "open-0")
        gateway.send(action="cancel", id="open-0")
        assert gateway.receive(TIMEOUT_SECONDS) == {"type": "cancelled", "id": "open-0"}
        gateway.send(action="query", id="more", query="gated", params={"n": 1})
        assert gateway.receive(TIMEOUT_SECONDS)["type"] == "accepted"


def test_others_see_nothing_of_it(gateways: Gateways) -> None:
    """Nor may they cancel what is not theirs, though they know its id."""
    with gateways.held_up(), gateways.open.connected() as mine, gateways.open.connected() as other:
        mine.send(action="query", id="mine", query="gated", params={"n": 77})
        run = mine.receive(TIMEOUT_SECONDS)["run"]
        for text in ('{"action": "cancel", "id": "mine"}', text_of(one(params={"n": "x"})), "mine"):
            answer = answer_to(other, text)
            assert_harmless(answer)
            assert run.split(".")[0] not in json.dumps(answer)
        mine.send(action="ping")
        assert mine.receive(TIMEOUT_SECONDS) == {"type": "pong"}
        mine.send(action="cancel", id="mine")
        assert mine.receive(TIMEOUT_SECONDS) == {"type": "cancelled", "id": "mine"}


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("query=salaries", "unknown_query"),
        ("query=one", "bad_parameter"),
        ("query=one&n=1&n%3B%20DROP=1", "bad_parameter"),
        ("query=one&n=1&live=perhaps", "bad_request"),
        ("query=one&n=1%3B%20DROP%20TABLE%20public.gate", "bad_parameter"),
        ("query=%F0%9F%98%80&n=1", "bad_request"),
    ],
)
def test_a_bad_first_question_on_the_url(gateways: Gateways, question: str, code: str) -> None:
    """The connection is open nevertheless, and is told."""
    with nothing_started(gateways.open), connect(f"{gateways.open.url}?{question}", proxy=None) as socket:
        answer = json.loads(socket.recv(TIMEOUT_SECONDS))
        check_of_server(answer)
        assert_harmless(answer)
        assert (answer["id"], answer["code"]) == ("connect", code)


@pytest.mark.parametrize("text", ["x" * 40 * 1024, json.dumps(one(params={"n": "9" * 40 * 1024}))])
def test_a_frame_above_32_kb_ends_the_connection(gateways: Gateways, text: str) -> None:
    """API Gateway does that: no message is possible."""
    with gateways.open.connected() as other, nothing_started(gateways.open):
        with gateways.open.connected() as gateway:
            assert end_of(gateway.socket, text) == 1009
        other.send(action="ping")
        assert other.receive(TIMEOUT_SECONDS) == {"type": "pong"}


# --- too much


@contextmanager
def throttled(stage: Stage, route: str, burst: int) -> Iterator[None]:
    """The stage takes so many requests of a route at once, and then one a second."""
    client, stage_of = stage.gateways.cloud.client("apigatewayv2"), {"ApiId": stage.outputs["api_id"]}
    stage_of["StageName"] = stage.outputs["stage_name"]
    settings = client.get_stage(**stage_of)["RouteSettings"]
    low = {**settings[route], "ThrottlingRateLimit": 1.0, "ThrottlingBurstLimit": burst}
    client.update_stage(**stage_of, RouteSettings={**settings, route: low})
    try:
        yield
    finally:
        client.update_stage(**stage_of, RouteSettings=settings)


def test_a_flood_of_connects_leaves_open_connections_alone(gateways: Gateways) -> None:
    """Connects without a ticket are rejected by the gateway, and most by API Gateway, within their own limit."""
    with gateways.signed.connected(gateways.sign_in.token) as gateway, throttled(gateways.signed, "$connect", 5):
        refused: set[str] = set()
        for _ in range(40):
            with pytest.raises(GatewayError) as caught, GatewayClient.connect(gateways.signed.url):
                pass
            refused.add(str(caught.value))
        assert {text[-3:] for text in refused} == {"401", "429"}
        for _ in range(20):
            gateway.send(action="ping")
            assert gateway.receive(TIMEOUT_SECONDS) == {"type": "pong"}
        assert next(gateway.ask("one", {"n": 9})).rows == [[9]]


def test_thousands_of_messages_are_throttled(gateways: Gateways) -> None:
    """Each is answered, most by API Gateway; a client that asks meanwhile gets its rows."""
    count, begun = 10_000, datetime.now(UTC)
    with gateways.open.connected() as flood, gateways.open.connected() as other, throttled(gateways.open, "ping", 100):
        raw = flood.socket.raw  # type: ignore[attr-defined]
        sending = threading.Thread(target=lambda: [raw.send('{"action": "ping"}') for _ in range(count)], daemon=True)
        sending.start()
        rows = next(other.ask("one", {"n": 8})).rows
        answers = [json.loads(raw.recv(TIMEOUT_SECONDS)) for _ in range(count)]
        sending.join()
        kinds = {json.dumps({**answer, "connectionId": "", "requestId": ""}): answer for answer in answers}
        for answer in kinds.values():
            check_of_server(answer)
        said = [answer.get("message", "pong") for answer in answers]
        assert set(said) == {"pong", "Too Many Requests"}
        assert said.count("pong") >= 100
        assert said.count("Too Many Requests") > said.count("pong")
        assert rows == [[8]]
    with gateways.open.connected() as gateway:
        gateway.send(action="ping")
        assert gateway.receive(TIMEOUT_SECONDS) == {"type": "pong"}
    # The function that has answered them has found nothing wrong.
    lines = gateways.cloud.log_lines(gateways.open.outputs["log_group_names"]["socket"], begun)
    assert not [line for line in lines if line.get("level") == "ERROR"]
