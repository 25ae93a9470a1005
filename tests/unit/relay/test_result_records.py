"""Results are read without botocore's parser, and mean the same."""

import base64
import json
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.parsers import JSONParser
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from relay.data_api import DataApi, Page
from relay.errors import CallFailed
from relay.result_records import read_results_as_json, rows_of

FIELDS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "isNull": st.just({"isNull": True}),
    "stringValue": st.text(max_size=20).map(lambda text: {"stringValue": text}),
    "longValue": st.integers(-(2**63), 2**63 - 1).map(lambda number: {"longValue": number}),
    "doubleValue": st.floats(allow_nan=False).map(lambda number: {"doubleValue": number}),
    "booleanValue": st.booleans().map(lambda yes: {"booleanValue": yes}),
    "blobValue": st.binary(max_size=9).map(lambda data: {"blobValue": base64.b64encode(data).decode()}),
    "null": st.just({"stringValue": "x", "longValue": None}),
}
ANY_FIELD = st.one_of(*FIELDS.values())


@st.composite
def results(draw: st.DrawFn) -> dict[str, Any]:
    """A page whose columns have one kind of value, one kind and NULL, or any."""
    kinds = st.sampled_from([*FIELDS.values(), *(one | FIELDS["isNull"] for one in FIELDS.values()), ANY_FIELD])
    columns = draw(st.lists(kinds, min_size=1, max_size=5))
    records = draw(st.lists(st.tuples(*columns).map(list), max_size=12))
    metadata = [{"name": f"c{n}", "typeName": draw(st.sampled_from(["int8", "varchar"]))} for n in range(len(columns))]
    more = draw(st.sampled_from([{}, {"NextToken": "next"}, {"NextToken": None}]))
    return {"Records": records, "ColumnMetadata": metadata, "TotalNumRows": len(records), **more}


class Wire:
    """A `redshift-data` client of botocore whose service answers what a test says."""

    def __init__(self) -> None:
        self.status, self.body = 200, b"{}"
        config = Config(retries={"total_max_attempts": 1})
        self.client = get_session().create_client(
            "redshift-data",
            "eu-central-1",
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=config,
        )
        self.client.meta.events.register("before-send.redshift-data.*", self._answer)

    def _answer(self, request: Any, **_: object) -> AWSResponse:
        response = AWSResponse(request.url, self.status, {"x-amzn-requestid": "1"}, None)
        response._content = self.body
        return response

    def page(self, result: dict[str, Any]) -> Page:
        self.status, self.body = 200, json.dumps(result).encode()
        return next(DataApi(None, self.client).results("id"))


@pytest.fixture(scope="module")
def plain() -> Wire:
    """botocore as it is."""
    return Wire()


@pytest.fixture(scope="module")
def fast() -> Wire:
    """As the functions make it."""
    wire = Wire()
    read_results_as_json(wire.client)
    return wire


@given(results())
def test_a_page_is_what_botocore_reads(plain: Wire, fast: Wire, result: dict[str, Any]) -> None:
    mine, botocores = fast.page(result), plain.page(result)
    assert mine == botocores
    # True == 1 == 1.0 in Python, and not in JSON.
    assert [list(map(type, row)) for row in mine.rows] == [list(map(type, row)) for row in botocores.rows]


@pytest.mark.parametrize("fields", [
    [{}], [{"arrayValue": []}], [{"isNull": False}], [{"stringValue": None}], [{"isNull": True, "stringValue": "x"}],
    [{"stringValue": "x", "longValue": 1}],
])  # fmt: skip
@pytest.mark.parametrize(
    "others", [[], [{"stringValue": "x"}], [{"isNull": True}], [{"stringValue": "x"}, {"isNull": True}]]
)
def test_a_field_without_one_known_value_is_a_failed_call(fields: list[Any], others: list[Any]) -> None:
    for column in (fields + others, others + fields):
        with pytest.raises(CallFailed, match="UnknownField"):
            rows_of([[field] for field in column])


def test_botocores_parser_walks_no_rows(fast: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    walked = 0
    parse = JSONParser._parse_shape

    def count(self: Any, shape: Any, node: Any) -> Any:
        nonlocal walked
        walked += 1
        return parse(self, shape, node)

    monkeypatch.setattr(JSONParser, "_parse_shape", count)
    page = fast.page({"Records": [[{"longValue": n}] for n in range(1_000)], "ColumnMetadata": [{"name": "n"}]})
    assert len(page.rows) == 1_000
    assert walked == 1


@pytest.mark.parametrize(("status", "body"), [
    (400, b'{"__type":"ValidationException","message":"no"}'),
    (400, b'{"__type":"com.amazon#ResourceNotFoundException","message":"no","ResourceId":"x"}'),
    (503, b"<html>"), (500, b'{"Records":[]}'), (200, b"<html>"), (200, b"[]"), (200, b""), (200, b'{"Records":null}'),
])  # fmt: skip
def test_anything_but_a_result_is_left_to_botocore(plain: Wire, fast: Wire, status: int, body: bytes) -> None:
    found = []
    for wire in (plain, fast):
        wire.status, wire.body = status, body
        try:
            found.append(str(wire.client.get_statement_result(Id="x")))
        except Exception as error:
            found.append(repr(error))
    assert found[0] == found[1]


def test_the_functions_client_reads_results_this_way(monkeypatch: pytest.MonkeyPatch) -> None:
    from relay import data_api

    registered = []
    monkeypatch.setattr(data_api, "read_results_as_json", registered.append)
    data_api.default_client.cache_clear()
    service_model = data_api.default_client().meta.service_model
    data_api.default_client.cache_clear()
    assert [client.meta.service_model.service_name for client in registered] == [service_model.service_name]
