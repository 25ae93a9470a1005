"""Values are bound by type; what is bound, claims included, is the question."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.names import StatementName, client_token
from relay.settings import Target
from tests.unit.websocket_gateway.world import World
from websocket_gateway.catalog.parameter import MAX_INTEGER, Parameter
from websocket_gateway.catalog.query import Query
from websocket_gateway.catalog.question_id import question_id
from websocket_gateway.errors import ClientError
from websocket_gateway.questions.run import Run

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)
PARAMETERS = {
    "month": Parameter("month", minimum="2014-01", maximum="2016-12"),
    "date": Parameter("date", minimum="2014-01-01"),
    "integer": Parameter("integer", minimum="-5", maximum="100000000000"),
    "number": Parameter("number", minimum="-5.5", maximum="1e20"),
    "text": Parameter("text", max_length=10),
    "choice": Parameter("choice", choices=("card", "cash")),
}
QUERY = Query("q", "SELECT :a", "", {"a": Parameter("text")}, 10, 60, None, 0, ())
TARGET = Target("dev", cluster="c")


@pytest.mark.parametrize("kind", PARAMETERS)
@given(value=ANY | st.text("0123456789-+.eE ", max_size=12))
def test_any_value_is_bound_or_refused(kind: str, value: object) -> None:
    try:
        text = PARAMETERS[kind].bind("p", value)
    except ClientError as wrong:
        text = wrong.message
        refused = wrong.code
    else:
        refused = ""
    text.encode()
    assert 1 <= len(text) <= 400
    if refused:
        assert refused == "bad_parameter"
        return
    if kind == "text":
        assert text == value
        assert len(text) <= 10
    elif kind == "choice":
        assert text in ("card", "cash")
    elif kind == "integer":
        assert -5 <= int(text) <= 10**11
        assert text == str(int(text))
    elif kind == "number":
        assert Decimal("-5.5") <= Decimal(text) <= Decimal("1e20")
        assert set(text) <= set("-.0123456789")
        assert Decimal(text) == Decimal(str(value))
    else:
        assert date.fromisoformat(text) >= date(2014, 1, 1)
        assert kind == "date" or text.endswith("-01")


@pytest.mark.parametrize(("kind", "value", "bound"), [
    ("month", "2015-02", "2015-02-01"), ("month", "2015-13", None), ("month", "2015-1", None),
    ("month", "2013-12", None),
    ("month", "2015-02-01", None), ("month", "\uff12015-02", None), ("month", 201502, None),
    ("date", "2016-02-29", "2016-02-29"), ("date", "2015-02-29", None), ("date", "2015-02-01T00:00", None),
    ("integer", 7, "7"), ("integer", "007", "7"), ("integer", "-0", "0"), ("integer", 1.0, None),
    ("integer", True, None),
    ("integer", "1_0", None), ("integer", " 1", None), ("integer", "1;", None), ("integer", 10**12, None),
    ("number", "1.50", "1.5"), ("number", 2, "2"), ("number", "1E3", "1000"), ("number", "-0.0", "0"),
    ("number", 1e-9, "0.000000001"),
    ("number", "1e999", None), ("number", "1e-999", None), ("number", "NaN", None), ("number", float("inf"), None),
    ("number", "0x1", None),
    ("text", "O'Hare; --", "O'Hare; --"), ("text", "", None), ("text", "x" * 11, None), ("text", "a\nb", None),
    ("text", "\ud800", None), ("choice", "card", "card"), ("choice", "Card", None), ("choice", ["card"], None),
])  # fmt: skip
def test_values(kind: str, value: object, bound: str | None) -> None:
    if bound is None:
        with pytest.raises(ClientError):
            PARAMETERS[kind].bind("p", value)
    else:
        assert PARAMETERS[kind].bind("p", value) == bound


@given(st.integers())
def test_integers_of_redshift(value: int) -> None:
    try:
        assert Parameter("integer").bind("p", value) == str(value)
    except ClientError:
        assert abs(value) > MAX_INTEGER


def test_missing_superfluous_and_default() -> None:
    query = replace(QUERY, parameters={"a": Parameter("text"), "b": Parameter("integer", default="3")})
    assert query.bind({"a": "x"}, {}) == {"a": "x", "b": "3"}
    assert query.bind({"a": "x", "b": None}, {}) == {"a": "x", "b": "3"}
    for values in ({}, {"a": None}, {"a": "x", "c": 1}, {"a": "x", "\ud800" * 9_000: 1}):
        with pytest.raises(ClientError) as caught:
            query.bind(values, {})
        caught.value.message.encode()
        assert len(caught.value.message) < 200


@pytest.mark.parametrize("claim", [None, "", 7, ["x"], {"x": 1}, True])
def test_a_claim_that_is_no_text_is_refused(claim: Any) -> None:
    query = replace(QUERY, parameters={"tenant": Parameter("claim", claim="custom:tenant")})
    assert query.bind({}, {"custom:tenant": "x"}) == {"tenant": "x"}
    with pytest.raises(ClientError) as caught:
        query.bind({}, {"custom:tenant": claim} if claim is not None else {})
    assert caught.value.code == "forbidden"
    with pytest.raises(ClientError) as caught:
        query.bind({"tenant": "y"}, {"custom:tenant": "x"})
    assert caught.value.code == "bad_parameter"


def test_terraform_may_write_nulls() -> None:
    given = {"type": "text", "description": "d", "default": None, "max_length": None, "choices": None, "claim": None}
    rest = {
        "max_rows": 1,
        "timeout_seconds": 1,
        "max_age_seconds": None,
        "min_refresh_seconds": 0,
        "allowed_groups": None,
    }
    query = Query.from_definition("q", {"sql": "S", "description": "", "parameters": {"a": given}, **rest})
    assert query.bind({"a": "x"}, {}) == {"a": "x"}
    assert query.describe()["parameters"] == [{"name": "a", "type": "text", "description": "d", "max_length": 256}]


def test_parameters_are_in_the_order_of_the_author(world: World) -> None:
    """Terraform writes them by name. Those without an order come last, a claim not at all."""
    given = {
        "a": {"type": "text"},
        "b": {"type": "text", "order": 10},
        "c": {"type": "text", "order": 2.5},
        "d": {"type": "text"},
        "e": {"type": "claim", "order": 1},
    }
    world.publish("daily", "SELECT :a, :b, :c, :d, :e", given)
    (query,) = world.say(world.connect(), action="catalog")["queries"]
    assert [one["name"] for one in query["parameters"]] == ["c", "b", "a", "d"]


def test_how_a_query_is_shown_makes_no_other_question() -> None:
    shown = {"label": "l", "default": True, "chart": "bars", "columns": {"fare": {"unit": "$"}}}
    order = {"parameters": {"a": Parameter("text", label="A", order=1, latest=True)}}
    other = replace(QUERY, **shown, **order)  # type: ignore[arg-type]
    assert question_id("p", TARGET, QUERY, {"a": "1"}) == question_id("p", TARGET, other, {"a": "1"})


def test_what_is_described_holds_no_sql_and_no_claims() -> None:
    query = replace(QUERY, parameters={"a": Parameter("text"), "tenant": Parameter("claim")})
    assert "SELECT" not in str(query.describe())
    assert "tenant" not in str(query.describe())


def test_identity_of_a_question() -> None:
    same = question_id("p", TARGET, QUERY, {"a": "1", "b": "2"})
    assert same == question_id("p", TARGET, replace(QUERY, name="other", description="other"), {"b": "2", "a": "1"})
    others = {
        question_id("q", TARGET, QUERY, {"a": "1", "b": "2"}),
        question_id("p", Target("prod", cluster="c"), QUERY, {"a": "1", "b": "2"}),
        question_id("p", Target("dev", cluster="c", user="u"), QUERY, {"a": "1", "b": "2"}),
        question_id("p", TARGET, replace(QUERY, sql="SELECT 2"), {"a": "1", "b": "2"}),
        question_id("p", TARGET, replace(QUERY, max_rows=11), {"a": "1", "b": "2"}),
        question_id("p", TARGET, replace(QUERY, allowed_groups=("g",)), {"a": "1", "b": "2"}),
        question_id("p", TARGET, replace(QUERY, parameters={"b": Parameter("claim")}), {"a": "1", "b": "2"}),
        question_id("p", TARGET, replace(QUERY, parameters={"b": Parameter("claim", claim="c")}), {"a": "1", "b": "2"}),
        question_id("p", TARGET, QUERY, {"a": "2", "b": "1"}),
        question_id("p", TARGET, QUERY, {"a": "1"}),
    }
    assert len(others) == 10
    assert same not in others


@given(
    st.dictionaries(st.text("ab", min_size=1), st.text("ab'\":,{}[]"), max_size=3),
    st.dictionaries(st.text("ab", min_size=1), st.text("ab'\":,{}[]"), max_size=3),
)
def test_no_two_bindings_are_one_question(one: dict[str, str], two: dict[str, str]) -> None:
    assert (question_id("p", TARGET, QUERY, one) == question_id("p", TARGET, QUERY, two)) is (one == two)


@given(st.integers(0, 10**17), st.integers(0, 10**17))
def test_a_run_is_found_by_the_name_of_its_statement(version: int, attempt: int) -> None:
    run = Run(question_id("p", TARGET, QUERY, {}), version, attempt)
    name = StatementName.parse(str(run.statement_name("p")))
    assert name is not None
    assert Run.parse(name.key) == run
    assert len(client_token(str(name))) == 64


@pytest.mark.parametrize(
    "key", ["", "a.1.1", f"{'a' * 32}.1", f"{'a' * 32}.².1", f"{'a' * 32}.-1.1", f"{'A' * 32}.1.1", f"{'a' * 32}.1.1.1"]
)
def test_other_keys_are_no_runs(key: str) -> None:
    assert Run.parse(key) is None


def test_the_statement_has_the_bound_values(world: World) -> None:
    world.ask(world.connect())
    (statement,) = world.warehouse.statements.values()
    assert statement.parameters == {"month": "2015-01-01"}
    assert statement.name.startswith("taxi/query/")
