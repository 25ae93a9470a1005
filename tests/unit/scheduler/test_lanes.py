"""Lanes: one head at a time, in the order of asking; a load never twice at once."""

from __future__ import annotations

import pytest

from tests.unit.scheduler.world import World, due


def test_a_load_is_started_and_nothing_waits(world: World, pauses: list[float]) -> None:
    world.define("trips")
    answer = world.schedule("trips", due(1))
    name = f"taxi/load/trips/{due(1)}"
    assert (answer["state"], answer["statement_name"]) == ("RUNNING", name)
    (request,) = world.redshift.made("ExecuteStatement")
    assert (request["StatementName"], request["Sql"], request["WithEvent"]) == (name, "CALL trips()", True)
    assert (world.head(), world.waiting()) == (f"trips/{due(1)}", [])
    assert not world.redshift.made("DescribeStatement")
    assert not pauses
    assert not world.bus.put


def test_loads_of_a_lane_run_one_after_the_other_in_the_order_of_asking(world: World) -> None:
    for load in ("c", "a", "b"):
        world.define(load)
        world.run(load, "1")
    assert (world.head(), world.waiting()) == ("c/1", ["a/1", "b/1"])
    world.end("c/1")
    assert (world.head(), world.waiting()) == ("a/1", ["b/1"])
    world.end("a/1")
    world.end("b/1")
    assert (world.head(), world.waiting()) == (None, [])
    assert [one["load"] for one in world.events("Load Finished")] == ["c", "a", "b"]


def test_lanes_run_side_by_side(world: World) -> None:
    world.define("a", lane="one")
    world.define("b", lane="two")
    world.run("a", "1")
    world.run("b", "1")
    assert (world.head("one"), world.head("two")) == ("a/1", "b/1")


@pytest.mark.parametrize("status", ["FAILED", "ABORTED"])
def test_any_end_frees_the_lane(world: World, status: str) -> None:
    world.define("a")
    world.run("a", "1")
    world.run("a", "2")
    world.end("a/1", status)
    assert world.head() == "a/2"
    (detail,) = world.events("Load Failed")
    assert (detail["state"], detail["occurrence"]) == (status, "1")
