"""Completion events: AWS's documented form, older ones, and what is none."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import InputError
from relay.events import ENDED, Completion, parse_completion

BROKEN = json.loads((Path(__file__).parents[1] / "events" / "broken.json").read_text(encoding="utf-8"))
DOCUMENTED = Completion(
    statement_id="dd2e1ec9-2ee3-49a0-819f-905fa7d75a4a",
    statement_name="test.testtable",
    state="FINISHED",
    principal="arn:aws:iam::123456789012:user/myuser",
)


@pytest.mark.parametrize("file", ["finished", "kebab", "snake"])
def test_every_form_says_the_same(file: str, event_of: Callable[..., dict[str, Any]]) -> None:
    assert parse_completion(event_of(file)) == DOCUMENTED


def test_a_statement_without_a_name(event_of: Callable[..., dict[str, Any]]) -> None:
    completion = parse_completion(event_of("nameless"))
    assert (completion.statement_name, completion.state) == ("", "FAILED")


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_event_is_said(what: str) -> None:
    with pytest.raises(InputError, match="detail"):
        parse_completion(BROKEN[what])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
KEYS = st.sampled_from(["statementId", "statement-id", "id", "state", "status", "STATE", "statementName", "principal"])


@given(st.dictionaries(KEYS, st.sampled_from(ENDED) | JSON))
def test_anything_is_an_event_or_an_input_error(detail: dict[str, Any]) -> None:
    try:
        completion = parse_completion({"detail": detail})
    except InputError:
        return
    assert completion.state in ENDED
    assert completion.statement_id
