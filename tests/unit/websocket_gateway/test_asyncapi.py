"""asyncapi.yaml is whole, says what the code says, and refuses what it does not say.

That messages follow it is checked wherever tests see any: world.py here, gateway_bed.py and the fake gateway of
the browser tests elsewhere, by described.py.
"""

import ast
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from tests.unit.websocket_gateway.asyncapi import (
    ASKED,
    BY_ACTION,
    BY_TYPE,
    DOCUMENT,
    FILE,
    SENT,
    at,
    check_of_server,
    check_reply,
    wrong,
    wrong_of_client,
)
from tests.unit.websocket_gateway.world import World
from websocket_gateway.delivery.answer_delivery import ERROR_MESSAGES
from websocket_gateway.protocol.limits import MAX_EXACT_INTEGER

CODE = FILE.parents[2] / "functions" / "websocket_gateway"


def references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_reference_leads_somewhere_and_all_is_referred_to() -> None:
    used = set(references(DOCUMENT))
    assert all(at(reference) for reference in used)
    there = {f"#/components/{kind}/{name}" for kind, named in DOCUMENT["components"].items() for name in named}
    assert there <= used
    assert {f"#/channels/gateway/messages/{name}" for name in at("#/channels/gateway/messages")} <= used
    assert set(ASKED) | SENT == set(at("#/components/messages"))


@pytest.mark.parametrize("name", at("#/components/messages"))
def test_each_message_is_a_schema_with_an_example_that_follows_it(name: str) -> None:
    message = at(f"#/components/messages/{name}")
    Draft7Validator.check_schema(message["payload"])
    assert message["examples"]
    for example in message["examples"]:
        assert wrong(name, example["payload"]) == []
        for left_out in message["payload"]["required"]:
            assert wrong(name, {key: value for key, value in example["payload"].items() if key != left_out})


def test_the_words_of_the_description_are_those_of_the_code() -> None:
    assert set(BY_ACTION) == {"query", "cancel", "catalog", "ping"}
    assert set(BY_TYPE) == {"accepted", "rows", "complete", "cancelled", "catalog", "pong", "error"}
    assert at("#/components/messages/query/payload/properties/resume/properties/row/maximum") == MAX_EXACT_INTEGER


def codes() -> set[str]:
    """Every code of an error that a client may get, out of the code."""
    found = {code for code, _ in ERROR_MESSAGES.values()}
    for file in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            called = ast.unparse(node.func)
            if called == "ClientError" or (called == "super().__init__" and len(node.args) == 2):
                found.add(node.args[0].value)
    return found


def test_every_code_of_an_error_is_described_and_none_besides() -> None:
    schema = at("#/components/schemas/errorCode")
    explained = [line.split(":")[0].removeprefix("- ") for line in schema["description"].splitlines()]
    assert explained == schema["enum"]
    assert codes() == set(schema["enum"])


ID = st.from_regex(r"[A-Za-z0-9_.:-]{1,64}", fullmatch=True)
FOLLOWS = st.one_of(
    st.fixed_dictionaries(
        {"action": st.just("query"), "id": ID, "query": st.sampled_from(["daily", "other"])},
        optional={
            "params": st.dictionaries(
                st.sampled_from(["month", "x"]), st.none() | st.integers() | st.text(max_size=9) | st.just("2015-01")
            ),
            "live": st.booleans(),
            "fresh": st.booleans(),
            "resume": st.none()
            | st.fixed_dictionaries(
                {
                    "run": st.from_regex(r"[A-Za-z0-9.]{1,100}", fullmatch=True),
                    "row": st.integers(0, MAX_EXACT_INTEGER),
                }
            ),
        },
    ),
    st.fixed_dictionaries({"action": st.just("cancel"), "id": ID}),
    st.fixed_dictionaries({"action": st.just("catalog")}),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=FOLLOWS)
def test_a_message_that_follows_the_description_is_understood(world: World, message: dict[str, Any]) -> None:
    assert wrong_of_client(message) == []
    client = world.connect()
    assert world.say(client, **message).get("code") != "bad_request"


BAD: list[dict[str, Any]] = [
    {"type": "pong", "more": 1},
    {"type": "unheard of"},
    {"type": "error", "id": "a", "code": "new_code", "message": "m", "run": None},
    {"type": "accepted", "id": "a b", "query": "daily", "run": None, "cached": False},
    {"message": "Internal server error"},
    {"type": "rows", "id": "a", "run": "r.1.1", "version": 1, "first_row": 0, "rows": [[1], [{"n": 1}]]},
    {"type": "rows", "id": "a", "run": "r.1.1", "version": 1, "first_row": 0, "rows": [[1], 1]},
    {"type": "complete", "id": "a", "run": "r.1.1", "version": 1, "rows": 1, "truncated": False,
     "elapsed_seconds": 0.1, "cached": False, "changed_at": "yesterday", "finished_at": None, "live": False},
    {"type": "complete", "id": "a", "run": "r.1.1", "version": 1, "rows": 1, "truncated": False,
     "elapsed_seconds": 0.1, "cached": False, "changed_at": None, "finished_at": "2030-01-31 02:04", "live": False},
    {"type": "catalog", "fresh": True, "queries": [
        {"query": "q", "description": "", "parameters": [], "columns": {"fare": {"format": "euro"}}}]},
]  # fmt: skip


@pytest.mark.parametrize("message", BAD, ids=json.dumps)
def test_what_is_not_described_is_refused(message: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        check_of_server(message)


def test_the_catalog_with_all_that_an_author_can_say_is_described(world: World) -> None:
    month = {"type": "month", "label": "Month", "order": 1, "latest": True}
    month |= {"values": {"query": "months", "column": "month"}}
    column = {"label": "Fare", "unit": "$", "format": "plain", "decimals": 2, "sum": False, "role": "measure"}
    told = {"label": "Trips", "default": True, "chart": "line", "columns": {"fare": column}}
    world.publish("daily", "SELECT :month", {"month": month}, **told)
    (query,) = world.say(world.connect(), action="catalog")["queries"]  # say() holds it to the description
    assert {key: query[key] for key in told} == told
    assert query["parameters"] == [
        {key: value for key, value in month.items() if key != "order"} | {"name": "month", "description": ""}
    ]


def test_an_answer_to_another_request_is_refused() -> None:
    check_reply({"action": "ping"}, {"type": "pong"})
    for asked in ({"action": "catalog"}, {"action": "pings"}, {"action": "query", "id": 1}, None):
        with pytest.raises(AssertionError):
            check_reply(asked, {"type": "pong"})


def test_an_error_closes_what_the_description_says(world: World) -> None:
    """With `run` a live request stays open, and another is closed; a refusal leaves open what is open."""
    client = world.connect()
    for request, live in (("a", True), ("b", False)):
        world.ask(client, request, live=live)
    world.finish("FAILED")
    for request in "ab":
        (error,) = client.ends(request)
        assert error["type"] == "error"
        assert error["run"]
    assert world.say(client, action="cancel", id="b")["code"] == "unknown_request"
    assert world.say(client, action="query", id="a", query="nothing")["run"] is None
    world.new_data()
    world.finish()
    assert client.answer("a")
    assert world.say(client, action="cancel", id="a")["type"] == "cancelled"


def test_a_query_that_is_no_longer_there_closes_its_live_requests(world: World) -> None:
    client = world.connect()
    world.ask(client, live=True)
    world.finish()
    world.publish("daily", "SELECT n + 1 FROM t WHERE m = :month", {"month": {"type": "month"}})
    world.new_data()
    end = client.ends("a")[-1]
    assert (end["code"], end["run"]) == ("query_changed", None)
    assert world.say(client, action="cancel", id="a")["code"] == "unknown_request"
