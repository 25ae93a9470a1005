"""Overlap: what is due while an older one of the same load waits; requests by events with the same parameters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.scheduler.world import World, due, interleaved, seeds


@pytest.fixture
def world(world: World) -> World:
    """Something else runs in the lane."""
    world.define("busy")
    world.run("busy", "1")
    return world


def event(number: int, day: str = "1") -> dict[str, Any]:
    return {"id": f"event-{number}", "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "detail": {"day": day}}


def test_a_newer_occurrence_takes_the_place_of_the_one_that_waits(world: World) -> None:
    world.define("trips")
    world.define("later")
    world.schedule("trips", due(3))
    world.run("later", "1")
    world.schedule("trips", due(2))
    world.schedule("trips", due(1), "hourly")
    assert world.waiting() == [f"trips/{due(1)}", "later/1"]
    assert [world.state("trips", due(days)) for days in (3, 2)] == ["REPLACED", "REPLACED"]
    world.end("busy/1")
    world.end(f"trips/{due(1)}")
    assert world.started()[1:] == [f"taxi/load/trips/{due(1)}", "taxi/load/later/1"]
    assert [one["load"] for one in world.events()] == ["busy", "trips"]


def test_one_that_was_due_earlier_and_comes_late_does_not_replace_a_newer_one(world: World) -> None:
    world.define("trips")
    world.schedule("trips", due(1))
    assert world.schedule("trips", due(2))["state"] == "REPLACED"
    assert world.waiting() == [f"trips/{due(1)}"]


@pytest.mark.parametrize("more", [{"overlap": "queue"}, {"uses": ["scheduled_time"]}], ids=str)
def test_each_runs_when_told_so_or_when_its_time_matters(world: World, more: dict[str, Any]) -> None:
    world.define("trips", "CALL trips(:scheduled_time)", **more)
    for days in (3, 2, 1):
        world.schedule("trips", due(days))
    assert world.waiting() == [f"trips/{due(days)}" for days in (3, 2, 1)]


def test_what_already_runs_is_not_replaced(world: World) -> None:
    world.define("trips", lane="own")
    world.schedule("trips", due(3))
    world.schedule("trips", due(2))
    world.schedule("trips", due(1))
    assert (world.head("own"), world.waiting("own")) == (f"trips/{due(3)}", [f"trips/{due(1)}"])


def test_events_coalesce_only_with_the_same_parameters(world: World) -> None:
    world.define("recount", "CALL r(:day)", uses=["day"], events={"dbt": {"day": "$.detail.day"}})
    for number, day in enumerate(["1", "2", "1", "1"]):
        world.event("recount", event(number, day))
    assert world.waiting() == ["recount/dbt-event-3", "recount/dbt-event-1"]


def test_what_a_person_asks_for_is_never_replaced(world: World) -> None:
    world.define("trips")
    world.run("trips", "by-hand")
    world.schedule("trips", due(1))
    world.schedule("trips", due(0))
    assert world.waiting() == ["trips/by-hand", f"trips/{due(0)}"]


@pytest.mark.parametrize("seed", seeds(120))
def test_events_at_once_leave_one_that_waits(world: World, seed: int) -> None:
    """Needs the conditions that no other one waits, and that the older one still waits."""
    world.define("recount", events={"dbt": {}})
    works = [lambda number=number: world.event("recount", event(number)) for number in range(3)]
    done = interleaved(seed, *works)
    assert not done.errors
    assert len(world.waiting()) == 1
    states = [one.state for one in world.store.occurrences("recount")]
    assert sorted(states) == ["REPLACED", "REPLACED", "WAITING"]


@pytest.mark.parametrize("seed", seeds(120))
def test_one_that_is_claimed_while_it_is_replaced_runs_and_the_newer_one_too(world: World, seed: int) -> None:
    world.define("trips")
    world.schedule("trips", due(2))
    end = world.ends("busy/1")
    done = interleaved(seed, lambda: world.handle(end), lambda: world.schedule("trips", due(1)))
    assert not done.errors
    started = [name for name in world.started() if "/trips/" in name]
    if started == [f"taxi/load/trips/{due(2)}"]:
        assert world.waiting() == [f"trips/{due(1)}"]
    else:
        assert (started, world.waiting()) == ([f"taxi/load/trips/{due(1)}"], [])
