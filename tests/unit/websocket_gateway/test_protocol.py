"""Whatever a client sends gives an action or a ClientError; whatever it gets is JSON below the limit."""

import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.websocket_gateway.world import World
from websocket_gateway.errors import ClientError
from websocket_gateway.protocol.limits import MAX_EXACT_INTEGER, MAX_MESSAGE_BYTES
from websocket_gateway.protocol.requests import Ask, parse, parse_ask, readable_id, request_id
from websocket_gateway.protocol.responses import accepted, cancelled, catalog, encode, error
from websocket_gateway.protocol.rows import Cell, Chunk, Column, RowTooWide, chunks, rows_message

COLUMNS = [Column("a", "int8"), Column("b", "varchar")]
ANY_TEXT = st.text(st.characters(codec=None), max_size=80)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=10,
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "action": st.sampled_from(["query", "cancel", "catalog", "ping", "$connect"]) | ANY_JSON,
        "id": st.just("a") | ANY_JSON,
        "query": st.just("daily") | ANY_JSON,
        "params": st.dictionaries(st.just("month") | ANY_TEXT, st.just("2015-01") | ANY_JSON, max_size=3) | ANY_JSON,
        "live": ANY_JSON,
        "fresh": ANY_JSON,
        "resume": st.fixed_dictionaries({"run": ANY_JSON | st.just("a.1.1"), "row": ANY_JSON}) | ANY_JSON,
        "more": ANY_JSON,
    },
)


@given(st.none() | ANY_TEXT | ANY_JSON.map(json.dumps) | NEARLY.map(json.dumps))
def test_any_body_is_an_object_or_refused(body: str | None) -> None:
    try:
        message = parse(body, 32_000)
        asked = parse_ask(message)
    except ClientError as wrong:
        json.dumps(error(None, wrong.code, wrong.message), ensure_ascii=False).encode()
    else:
        assert isinstance(asked, Ask)
        assert request_id(message) == readable_id(message) == asked.id


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.none() | ANY_TEXT | ANY_JSON.map(json.dumps) | NEARLY.map(json.dumps))
def test_any_body_is_answered(world: World, body: str | None) -> None:
    client = next(iter(world.stage.clients.values()), None) or world.connect()
    response = world.socket("MESSAGE", client.id, body)
    response["body"].encode()
    answer = json.loads(response["body"])
    assert answer["type"] in ("accepted", "cancelled", "catalog", "pong", "error")
    assert len(response["body"]) < 2_000
    if answer["type"] == "accepted":
        world.say(client, action="cancel", id=answer["id"])


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "null",
        "[]",
        "{",
        '"query"',
        "NaN",
        "[" * 10_000,
        '{"id":' * 5_000,
        '{"action":"query","id":"\\ud800","query":"daily"}',
        '{"action":"cancel","id":""}',
        '{"action":"cancel","id":"a#b"}',
        '{"action":"query","id":"a","query":"daily","live":1}',
        '{"action":"query","id":"a","query":"daily","fresh":"true","params":{"month":"2015-01"}}',
        '{"action":"query","id":"a","query":"daily; DROP TABLE t"}',
        '{"action":"query","id":"a","query":"daily","sql":"SELECT 1"}',
        '{"action":"query","id":"a","query":"daily","params":{"month":"2015-01","\\ud800":1}}',
        '{"action":"query","id":"a","query":"daily","params":{"month":"2015-01\' OR 1=1 --"}}',
        '{"action":"query","id":"a","query":"daily","params":{"month":"2015-01"},"resume":{"run":"r","row":-1}}',
        '{"action":"query","id":"a","query":"daily","params":{"month":"2015-01"},"resume":{"run":"r","row":%s}}'
        % 10**40,
        '{"action":"query","id":"a","query":"daily","params":{"month":"2015-01"},"resume":{"run":"\\ud800","row":1}}',
        '{"action":"query","id":"a","query":"daily","params":{"%s":1}}' % ("x" * 30_000),
        "9" * 5_000,
    ],
)
def test_nonsense_starts_nothing(world: World, body: str) -> None:
    client = world.connect()
    answer = json.loads(world.socket("MESSAGE", client.id, body)["body"])
    assert answer["type"] == "error"
    assert answer["code"] in ("bad_request", "bad_parameter")
    assert len(json.dumps(answer)) < 1_000
    assert not world.warehouse.statements


def test_a_message_above_the_limit() -> None:
    with pytest.raises(ClientError) as caught:
        parse("ä" * 20_000, 32_000)
    assert caught.value.code == "too_large"


CELLS: st.SearchStrategy[Cell] = (
    st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats() | ANY_TEXT | st.text()
)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=20), st.integers(0, 10**9))
def test_rows_arrive_as_they_are(rows: list[list[Cell]], first: int) -> None:
    got: list[list[Any]] = []
    parts = list(chunks(rows, first, COLUMNS, last=True))
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]
    for chunk in parts:
        message = json.loads(rows_message("a", "r.1.1", 1, chunk, COLUMNS))
        assert message["first_row"] == first + len(got)
        got += message["rows"]
    assert len(got) == len(rows)
    for mine, theirs in zip(rows, got, strict=True):
        for sent, received in zip(mine, theirs, strict=True):
            if isinstance(sent, bool) or sent is None:
                assert received is sent
            elif isinstance(sent, int):
                assert received == (sent if abs(sent) <= MAX_EXACT_INTEGER else str(sent))
            elif isinstance(sent, float) and not math.isfinite(sent):
                assert received in ("NaN", "Infinity", "-Infinity")
                assert str(float(received)) == str(sent)
            elif isinstance(sent, str) and any(0xD800 <= ord(letter) <= 0xDFFF for letter in sent):
                assert json.dumps(received) == json.dumps(json.loads(json.dumps(sent)))
            else:
                assert received == sent


@given(st.lists(st.integers(1, 60_000), max_size=30), st.sampled_from(["x", "ä", "€", "😀", '"', "\x00"]))
def test_messages_stay_below_the_limit(lengths: list[int], letter: str) -> None:
    rows: list[list[Cell]] = [
        [n, letter * (length // len(json.dumps(letter, ensure_ascii=False).encode()))]
        for n, length in enumerate(lengths)
    ]
    columns = [Column("ü" * 100, "varchar")] * 20
    seen = 0
    for chunk in chunks(rows, 0, columns, last=True):
        data = rows_message("x" * 64, "r" * 64, 10**12, chunk, columns)
        assert len(data) <= MAX_MESSAGE_BYTES
        seen += chunk.count
    assert seen == len(rows)


@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=60), st.integers(0, 60))
def test_who_lacks_the_rows_from_one_on_gets_those(lengths: list[int], row: int) -> None:
    rows: list[list[Cell]] = [[n, "x" * length] for n, length in enumerate(lengths)]
    got = []
    for chunk in chunks(rows, 0, COLUMNS, last=True):
        if chunk.first + chunk.count > row:
            rest = chunk.since(row)
            assert rest.first == max(chunk.first, row)
            assert rest.count == len(json.loads(rest.json))
            assert rest.last == chunk.last
            got += json.loads(rest.json)
    assert got == rows[row:]


@pytest.mark.parametrize("width", [1, 100, 3_000, 20_000])
def test_messages_are_nearly_full(width: int) -> None:
    rows: list[list[Cell]] = [[n, "x" * width] for n in range(1_000_000 // width + 20)]
    parts = list(chunks(rows, 0, COLUMNS, last=True))
    assert all(len(part.json) > MAX_MESSAGE_BYTES * 0.8 for part in parts[:-1])


@pytest.mark.parametrize("limit", [8_192, 32_000, 131_072])
def test_the_size_of_messages_is_a_setting(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTGOING_MESSAGE_BYTES", str(limit))
    rows: list[list[Cell]] = [[n, "x" * (n % 700)] for n in range(2_000)]
    sizes = [len(rows_message("a", "r.1.1", 1, chunk, COLUMNS)) for chunk in chunks(rows, 0, COLUMNS, last=True)]
    assert all(limit * 0.7 < size <= limit for size in sizes[:-1])
    with pytest.raises(RowTooWide, match=f"does not fit into a message of {limit:,} bytes"):
        list(chunks([["x" * limit]], 0, COLUMNS[:1], last=True))


def test_the_rows_before_a_row_that_is_too_wide_are_sent() -> None:
    rows: list[list[Cell]] = [[1], [2], ["x" * MAX_MESSAGE_BYTES], [4]]
    parts = chunks(rows, 10, COLUMNS, last=True)
    assert next(parts).json == b"[[1],[2]]"
    with pytest.raises(RowTooWide, match="Row 12 "):
        next(parts)


def test_more_columns_than_a_message_holds() -> None:
    columns = [Column("c" * 120, "varchar")] * 1600
    for rows in ([], [[1]]):
        with pytest.raises(RowTooWide):
            list(chunks(rows, 0, columns, last=True))


def test_the_last_part_is_there_even_without_rows() -> None:
    assert list(chunks([], 0, COLUMNS, last=False)) == []
    assert list(chunks([], 7, COLUMNS, last=True)) == [Chunk(7, [], b"[]", last=True)]


@pytest.mark.parametrize(("cell", "json_text"), [
    (None, "null"), (True, "true"), (2**53, "9007199254740992"), (2**53 + 1, '"9007199254740993"'),
    (-(2**53) - 1, '"-9007199254740993"'), (float("nan"), '"NaN"'), (float("-inf"), '"-Infinity"'), (0.1, "0.1"),
    ("12.50", '"12.50"'), ("NaN", '"NaN"'), ("\ud800", '"\\ud800"'), ("한국", '"한국"'), (1e300, "1e+300"),
    (0.1234567890123456, "0.1234567890123456"),
])  # fmt: skip
def test_cells(cell: Cell, json_text: str) -> None:
    (chunk,) = chunks([[cell]], 0, COLUMNS, last=True)
    assert chunk.json.decode() == f"[[{json_text}]]"


def test_other_messages_can_always_be_encoded() -> None:
    for message in (accepted("a", "q", None, cached=True), cancelled("a"), error(None, "c", "\ud800")):
        assert json.loads(encode(message)) == message


@pytest.mark.parametrize(("columns", "kept"), [(1, True), (100, False)])
def test_a_catalog_that_is_too_long_loses_its_descriptions_and_then_its_columns(columns: int, kept: bool) -> None:
    named = {f"column_{number}": {"label": "l"} for number in range(columns)}
    query = {
        "query": "q",
        "description": "d" * 5_000,
        "columns": named,
        "parameters": [{"name": "n", "type": "text", "description": "e" * 999}],
    }
    message = catalog([query] * 100)
    assert len(encode(message)) <= MAX_MESSAGE_BYTES
    assert message["queries"][0] == {
        "query": "q", "description": "", "parameters": [{"name": "n", "type": "text", "description": ""}],
    } | ({"columns": named} if kept else {})  # fmt: skip
