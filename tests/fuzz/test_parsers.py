"""Whatever comes in, a parser answers or raises its own error: 5,000 inputs each, and 100,000 with --all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.parsers import PARSERS, Parser

IN_THE_SUITE, NIGHTLY = 5_000, 100_000


def _fuzz(parser: Parser, examples: int) -> None:
    accepted, mute = 0, 0

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(parser.inputs)
    def run(value: Any) -> None:
        nonlocal accepted, mute
        try:
            parser.check(value)
        except parser.errors as error:
            mute += not str(error).strip()
        else:
            accepted += 1

    run()
    assert not mute, "an error says nothing"
    assert accepted, "no input was accepted: the inputs are not nearly right"


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_an_answer_or_its_own_error(parser: Parser) -> None:
    _fuzz(parser, IN_THE_SUITE)


@pytest.mark.long
@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_a_hundred_thousand(parser: Parser) -> None:
    _fuzz(parser, NIGHTLY)
