"""Statement names and tokens: what is built is what is parsed, and nothing stands for two things."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import InputError
from relay.names import MAX_LENGTH, Kind, StatementName, client_token

PREFIXES = st.text(st.characters(exclude_characters="/"), min_size=1, max_size=64)
KEYS = st.text(min_size=1, max_size=200)


@given(PREFIXES, st.sampled_from(Kind), KEYS)
def test_what_is_built_is_parsed(prefix: str, kind: Kind, key: str) -> None:
    name = StatementName(prefix, kind, key)
    assert StatementName.parse(str(name)) == name


@given(st.text(max_size=3000))
def test_any_text_is_parsed_or_not_ours(text: str) -> None:
    name = StatementName.parse(text)
    assert name is None or str(name) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "//",
        "taxi",
        "taxi/load",
        "taxi/load/",
        "/load/nightly",
        "taxi/loads/nightly",
        "taxi/LOAD/x",
        "test.testtable",
    ],
)
def test_names_of_others(text: str) -> None:
    assert StatementName.parse(text) is None


def test_a_long_name_of_others_is_no_error() -> None:
    """The Data API takes 2048 characters, and a foreign name may look like ours."""
    assert StatementName.parse(f"taxi/load/{'x' * 2000}") is None


@pytest.mark.parametrize(("attempt", "end"), [(1, ""), (2, "/2"), (11, "/11")])
def test_the_name_of_a_load_tells_load_occurrence_and_attempt(attempt: int, end: str) -> None:
    name = StatementName.of_load("taxi", "trips", "2024-05-01T03:00:00Z", attempt)
    assert str(name) == f"taxi/load/trips/2024-05-01T03:00:00Z{end}"
    parsed = StatementName.parse(str(name))
    assert parsed is not None
    assert (parsed.load, parsed.occurrence, parsed.attempt) == ("trips", "2024-05-01T03:00:00Z", attempt)


@pytest.mark.parametrize("key", ["trips", "trips/1/x", "trips/1/2/3", "trips/1/", "trips/1/-2", "trips/1/\u0662"])
def test_another_key_is_no_attempt_of_a_load(key: str) -> None:
    name = StatementName.parse(f"taxi/load/{key}")
    assert name is not None
    assert name.load == "trips"
    assert name.occurrence in ("", "1")
    assert name.attempt == (1 if key == "trips" else 0)


def test_a_name_is_as_long_as_an_eventbridge_target_allows() -> None:
    fits = "x" * (MAX_LENGTH - len("taxi/load/"))
    assert len(str(StatementName("taxi", Kind.LOAD, fits))) == 500
    with pytest.raises(InputError, match="at most 500 characters, not 501"):
        StatementName("taxi", Kind.LOAD, fits + "x")


@pytest.mark.parametrize(("prefix", "key"), [("", "x"), ("taxi", ""), ("ta/xi", "x")])
def test_a_name_that_could_not_be_parsed_is_not_built(prefix: str, key: str) -> None:
    with pytest.raises(InputError, match="statement name"):
        StatementName(prefix, Kind.LOAD, key)


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_tokens_differ_when_parts_differ(one: list[str], other: list[str]) -> None:
    assert (client_token(*one) == client_token(*other)) == (one == other)


@given(st.text(), st.text())
def test_a_part_does_not_run_into_the_next(one: str, other: str) -> None:
    assert client_token(one + other) != client_token(one, other)


def test_a_token_is_as_long_as_the_service_takes() -> None:
    assert len(client_token("taxi", "nightly", "CALL p()", "2024-05-01T03:00:00Z")) == 64
