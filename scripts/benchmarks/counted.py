"""Figures that are counted, not measured: calls, write units and reads, against AWS in memory.

The counting is that of tests/unit/websocket_gateway/test_counts.py, which is red when one call too many is made.
"""

from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO

import pytest
from tests.unit.websocket_gateway.counting import Counted, answers_of_many_questions, cached_answer, fan_out
from tests.unit.websocket_gateway.world import World

from benchmarks.figure import Figure
from websocket_gateway.storage import keys

CLIENTS = 1_000
_SPREAD = keys.SPREAD
QUESTIONS = 1_000
"""Answers a second, over as many questions: all are counted as if they came within one."""


def counted() -> list[Figure]:
    """Each in a world of its own."""
    run = _in_a_world(lambda world: fan_out(world, CLIENTS, live=False))
    version = _in_a_world(lambda world: fan_out(world, CLIENTS, live=True))
    cached = _in_a_world(lambda world: cached_answer(world, CLIENTS))
    spread = _in_a_world(lambda world: answers_of_many_questions(world, QUESTIONS))
    return [
        _figure("calls_per_client", "AWS calls a client, 1,000 clients of one answer", _calls(run), "at most 1.3"),
        _figure(
            "wcu_per_live_client",
            "write units a live client and version, 1,000 clients",
            version.write_units / CLIENTS,
            "at most 0.2",
        ),
        _figure("cached_answer_data_api_calls", "Data API calls of a cached answer", cached.data_api_calls, "0"),
        _figure(
            "cached_answer_items_read",
            "items that a cached answer reads, with 1,000 others waiting",
            cached.items_read,
            "at most 10",
        ),
        _figure(
            "busiest_key_writes",
            "writes a second on the busiest key, at 1,000 answers a second over 1,000 questions",
            spread.busiest_key_writes,
            "below 100",
        ),
    ]


def _calls(run: Counted) -> float:
    return sum(run.calls.values()) / CLIENTS


def _figure(key: str, name: str, number: float, target: str) -> Figure:
    return Figure(name, f"{number:g}", target, key, round(number, 3))


def _in_a_world(work: Callable[[World], Counted]) -> Counted:
    # The functions write metrics to standard output.
    with pytest.MonkeyPatch.context() as patches, redirect_stdout(StringIO()):
        world = World(patches, MAX_OPEN_REQUESTS="100")
        patches.setattr(keys, "SPREAD", _SPREAD)  # worlds have one key, so that tests find what they look for
        world.warehouse.page = 100  # an answer of one message
        return work(world)
