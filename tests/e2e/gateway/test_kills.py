"""Functions killed at any line: before and after each AWS call on their way.

Whatever the moment, the sweep, Lambda's retry or asking again brings the answer, no attempt has two statements, and
when all clients have left, nothing is left of them.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.gateway.gateways import Gateways
from tests.e2e.gateway.kill_scenarios import (
    CALLS,
    CLOSE,
    DESCRIBE,
    GET,
    GET_OBJECT,
    LOOK,
    OPERATIONS,
    POST,
    QUERY,
    RESULT,
    SCENARIOS,
    Happened,
    Play,
)
from tests.e2e.iam_policies import permitted

WHEN = dict.fromkeys((GET, QUERY, DESCRIBE, RESULT, GET_OBJECT, LOOK), ("before",))
"""A function that has only read is as far as before: killed after it, it is killed before its next call."""
FOLLOWED_BY = {"sweep, run ended": "deliver"}
"""What follows at once in the same function, and makes its calls beside the ones above."""

KEYS = 64
READS = {
    KEYS + 1: (1, KEYS + 1),
    4 * KEYS: (1, KEYS + 1, 2 * KEYS + 1, 3 * KEYS + 1),
    4 * KEYS + 1: (1, KEYS + 1, 2 * KEYS + 1, 3 * KEYS + 1, 3 * KEYS + 2),
}
"""How many reads there are, and which are killed at: an index has 64 keys for each kind of item, one after another;
killed before any is killed before the first."""


CASES = [
    (scenario, operation, nth, when)
    for scenario, (_, calls) in CALLS.items()
    for operation, count in calls.items()
    for nth in READS.get(count, range(1, count + 1))
    for when in WHEN.get(operation, ("before", "after"))
]


@contextmanager
def counting(
    gateways: Gateways, function: str, invocations: int, expected: Counter[str], *, sweeps: bool
) -> Iterator[Happened]:
    """Counts the calls of a function, by kills that never fire, while so many of its invocations begin and end."""
    before, deadline = gateways.open.invocations(function), time.monotonic() + 30
    for operation in OPERATIONS:
        name = gateways.open.outputs["function_names"][function]
        gateways.cloud.switch("kill", operation=operation, nth=1_000_000, function=name)

    def counted() -> Counter[str]:
        return Counter({kill["operation"]: kill["seen"] for kill in gateways.cloud.switch("kill", "GET")["kills"]})

    def happened() -> bool:
        if gateways.open.invocations(function) < before + invocations:
            return False
        # The end of an invocation before these may have been among them.
        return counted().total() >= expected.total() or time.monotonic() > deadline

    try:
        yield happened
        # A sweep also looks after what earlier tests left, and then makes some calls more.
        if sweeps:
            assert counted() >= expected
        else:
            assert +counted() == expected
    finally:
        gateways.cloud.switch("kill", "DELETE")


@pytest.mark.parametrize("scenario", CALLS)
def test_every_call_on_the_way_is_killed_at(gateways: Gateways, scenario: str) -> None:
    function, calls = CALLS[scenario]
    expected, invocations, sweeps = Counter(calls), 1, scenario.startswith("sweep")
    if scenario in FOLLOWED_BY:
        expected, invocations = expected + Counter(CALLS[FOLLOWED_BY[scenario]][1]), 2
    for attempt in range(3):
        play = Play(gateways, counting(gateways, function, invocations, expected, sweeps=sweeps), swept=False)
        try:
            SCENARIOS[scenario](play)
            play.nothing_is_left()
        except AssertionError:
            # On a busy machine a function now and then makes a call again; that it always does is what fails.
            if attempt == 2:
                raise
        else:
            return


ANOTHER_NAME = {
    POST: {"execute-api:ManageConnections"},
    CLOSE: {"execute-api:ManageConnections"},
    LOOK: {"execute-api:ManageConnections"},
}
NOT_ON_THE_WAY = {
    "redshift:GetClusterCredentialsWithIAM": "Redshift asks for it when a statement is submitted",
    "logs:CreateLogStream": "Lambda itself",
    "logs:PutLogEvents": "Lambda itself",
    "sqs:DeleteMessage": "Lambda itself, for the event source",
    "sqs:GetQueueAttributes": "Lambda itself, for the event source",
    "sqs:ReceiveMessage": "Lambda itself, for the event source",
    "s3:ListBucket": "S3 asks for it when an object is missing",
}


def test_every_call_that_the_role_may_make_is_killed_at(gateways: Gateways) -> None:
    killed_at = {operation for _, calls in CALLS.values() for operation in calls}
    named = set().union(*(ANOTHER_NAME.get(operation, {operation}) for operation in killed_at))
    permissions = permitted(gateways.cloud, gateways.open.outputs["prefix"])
    allowed = {action for role, _, action in permissions if role == "gateway"}
    assert allowed == named | set(NOT_ON_THE_WAY)


@pytest.mark.parametrize(("scenario", "operation", "nth", "when"), CASES, ids=str)
def test_a_function_killed_at_a_call(gateways: Gateways, scenario: str, operation: str, nth: int, when: str) -> None:
    function = gateways.open.outputs["function_names"][CALLS[scenario][0]]
    play = Play(gateways, gateways.cloud.kill(operation, when=when, nth=nth, function=function))
    SCENARIOS[scenario](play)
    play.nothing_is_left()
    runs = play.statements()
    assert len(runs) == len(set(runs)), "an attempt with two statements"
