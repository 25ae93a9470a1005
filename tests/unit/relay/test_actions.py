"""Input of actions: what is wrong is named, with what is allowed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.actions import as_event, text
from relay.errors import InputError


@pytest.mark.parametrize("event", [None, 3, "text", ["list"]])
def test_an_event_is_an_object(event: object) -> None:
    with pytest.raises(InputError, match=f"event: must be a JSON object, not {type(event).__name__}"):
        as_event(event)


@pytest.mark.parametrize(
    ("value", "found"),
    [(None, "nothing"), ("", "empty text"), (" \n", "empty text"), (3, "int"), (["a"], "list"), (True, "bool")],
)
def test_a_text_is_required(value: object, found: str) -> None:
    with pytest.raises(InputError, match=f"^sql: must be text, not {found}$"):
        text({"sql": value}, "sql")


def test_a_default_stands_for_what_is_missing_only() -> None:
    assert text({}, "schedule", default="by-hand") == "by-hand"
    assert text({"schedule": None}, "schedule", default="by-hand") == "by-hand"
    with pytest.raises(InputError, match="schedule"):
        text({"schedule": 3}, "schedule", default="by-hand")


def test_bytes_are_counted_not_characters() -> None:
    assert text({"a": "ä" * 5}, "a", max_bytes=10) == "ä" * 5
    with pytest.raises(InputError, match="a: at most 10 bytes, not 12"):
        text({"a": "ä" * 6}, "a", max_bytes=10)


def test_half_a_character_is_refused() -> None:
    """JSON may hold it, and neither SNS nor a statement can."""
    with pytest.raises(InputError, match="body: invalid Unicode at character 3"):
        text({"body": "ab\ud800"}, "body")


@given(st.text(st.characters(), min_size=1))
def test_what_is_taken_can_be_sent(value: str) -> None:
    try:
        assert text({"a": value}, "a", max_bytes=10_000).encode()
    except InputError:
        assert not value.strip() or any("\ud800" <= letter <= "\udfff" for letter in value)
