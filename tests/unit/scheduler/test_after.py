"""Loads that follow others: when all predecessors have finished since, once, and with the time handed on."""

from __future__ import annotations

import pytest

from scheduler.state.occurrence import State
from tests.unit.scheduler.world import World, due, interleaved, seeds


@pytest.fixture
def world(world: World) -> World:
    """`mart` follows `a` and `b`; every load has a lane of its own."""
    for load in "ab":
        world.define(load, lane=load, retries=0, overlap="queue")
    world.define("mart", lane="mart", after=["a", "b"], retries=0)
    return world


def finish(world: World, load: str, occurrence: str) -> None:
    world.run(load, occurrence)
    world.end(f"{load}/{occurrence}")


def runs(world: World) -> list[str]:
    """Statements of `mart`."""
    return [name for name in world.started() if "/mart/" in name]


def end_mart(world: World, status: str = "FINISHED") -> None:
    world.end(world.running()[-1].removeprefix("taxi/load/"), status, "no" * (status == "FAILED"))


def test_it_starts_when_each_has_finished_since(world: World) -> None:
    finish(world, "a", "1")
    finish(world, "a", "2")
    assert runs(world) == []
    finish(world, "b", "1")
    assert len(runs(world)) == 1
    follows = [(one["load"], one["follows"]) for one in world.events()]
    assert follows == [("a", []), ("a", []), ("b", ["mart"])]
    end_mart(world)
    finish(world, "b", "2")
    assert len(runs(world)) == 1
    finish(world, "a", "3")
    assert len(runs(world)) == 2


@pytest.mark.parametrize("status", ["FAILED", "ABORTED"])
def test_a_predecessor_that_failed_does_not_count(world: World, status: str) -> None:
    finish(world, "a", "1")
    world.run("b", "1")
    world.end("b/1", status, "no" * (status == "FAILED"))
    assert runs(world) == []


@pytest.mark.parametrize("status", ["FAILED", "ABORTED"])
def test_a_failed_run_does_not_consume_what_its_predecessors_loaded(world: World, status: str) -> None:
    finish(world, "a", "1")
    finish(world, "b", "1")
    end_mart(world, status)
    world.sweep()
    assert len(runs(world)) == 1  # nothing repeats it by itself
    finish(world, "b", "2")
    assert len(runs(world)) == 2
    end_mart(world)
    finish(world, "b", "3")
    assert len(runs(world)) == 2


def test_what_finishes_while_it_runs_is_answered_by_the_next_run(world: World) -> None:
    finish(world, "a", "1")
    finish(world, "b", "1")
    finish(world, "a", "2")
    assert world.waiting("mart") == []  # b has not finished since
    finish(world, "b", "2")
    assert len(world.waiting("mart")) == 1
    end_mart(world)
    end_mart(world)
    assert len(runs(world)) == 2
    finish(world, "a", "3")
    assert len(runs(world)) == 2


def test_the_scheduled_time_is_handed_on(world: World) -> None:
    world.define("mart", "CALL mart(:scheduled_time)", uses=["scheduled_time"], lane="mart", after=["a"])
    world.schedule("a", due(1))
    world.end(f"a/{due(1)}")
    request = world.redshift.made("ExecuteStatement")[-1]
    assert request["Parameters"] == [{"name": "scheduled_time", "value": due(1)}]
    occurrence = runs(world)[0].rpartition("/")[2]
    assert world.occurrence("mart", occurrence).request.started_by.name == "a"


def test_one_whose_predecessor_has_no_time_is_reported_with_its_field(world: World) -> None:
    world.define("mart", "CALL mart(:scheduled_time)", uses=["scheduled_time"], lane="mart", after=["a"])
    finish(world, "a", "1")
    (detail,) = world.events("Load Not Started")
    assert (detail["load"], detail["field"]) == ("mart", "parameters.scheduled_time")


@pytest.mark.parametrize("seed", seeds(100))
def test_predecessors_that_finish_at_once_start_it_once(world: World, seed: int) -> None:
    """Needs the condition that the load has answered nothing else since."""
    world.run("a", "1")
    world.run("b", "1")
    ends = [world.ends("a/1"), world.ends("b/1")]
    done = interleaved(seed, *[lambda event=event: world.handle(event) for event in ends * 2])
    assert not done.errors
    world.sweep()
    occurrences = [one for one in world.store.occurrences("mart") if one.state is not State.REPLACED]
    assert len(occurrences) == len(runs(world)) == 1
    assert any("mart" in one["follows"] for one in world.events())


@pytest.mark.parametrize("seed", seeds(150))
def test_two_counts_of_finishes_at_once_are_one_request(world: World, seed: int) -> None:
    """Needs the condition that the load has answered nothing else since: a=2,b=1 and a=1,b=1 are not two requests."""
    world.define("mart", lane="mart", after=["a", "b"], retries=0, overlap="queue")
    finish(world, "a", "1")
    world.run("a", "2")
    world.run("b", "1")
    events = [world.ends("a/2"), world.ends("b/1")]
    done = interleaved(seed, *[lambda event=event: world.handle(event) for event in events])
    assert not done.errors
    world.sweep()
    assert len(world.store.occurrences("mart")) == 1
    end_mart(world)
    assert len(runs(world)) == 1
    answered = world.store.load("mart").answered
    assert (answered["a"] in (1, 2), answered["b"]) == (True, 1)
