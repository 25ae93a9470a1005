"""An apply that removes, renames, changes or moves a load while it waits, runs, or was just claimed."""

from __future__ import annotations

import pytest

from tests.unit.scheduler.world import World, due, interleaved, seeds


@pytest.fixture
def world(world: World) -> World:
    """Something else runs in the lane."""
    world.define("busy")
    world.run("busy", "1")
    return world


def test_one_removed_while_it_waits_is_reported_and_taken_out_and_the_next_one_starts(world: World) -> None:
    world.define("gone")
    world.define("next")
    world.run("gone", "1")
    world.run("next", "1")
    world.remove("gone")
    world.end("busy/1")
    assert world.head() == "next/1"
    (detail,) = world.events("Load Not Started")
    assert (detail["load"], detail["occurrence"], detail["field"]) == ("gone", "1", "load")
    assert "removed or renamed" in detail["error"]
    world.sweep()
    assert len(world.events()) == 2


def test_a_lane_that_no_load_has_any_more_is_still_walked(world: World) -> None:
    world.define("gone", lane="old")
    world.handle({"action": "pause", "load": "gone"})
    world.run("gone", "1")
    world.remove("gone")
    world.sweep()
    assert world.state("gone", "1") == "NOT_STARTED"
    assert world.waiting("old") == []


def test_one_removed_while_it_runs_ends_as_always(world: World) -> None:
    world.remove("busy")
    world.end("busy/1")
    assert [one["state"] for one in world.events()] == ["FINISHED"]
    assert world.head() is None


def test_a_request_for_a_load_that_is_not_there_is_reported(world: World) -> None:
    world.schedule("nobody", due(0))
    (detail,) = world.events("Load Not Started")
    assert (detail["load"], detail["field"]) == ("nobody", "load")


def test_an_event_of_a_trigger_that_is_not_there_is_reported(world: World) -> None:
    world.define("recount")
    world.event("recount", {"id": "1", "detail": {}})
    (detail,) = world.events("Load Not Started")
    assert (detail["load"], detail["field"]) == ("recount", "events.dbt")


def test_one_whose_sql_gets_a_parameter_while_it_waits_is_reported(world: World) -> None:
    world.define("trips")
    world.run("trips", "1")
    world.define("trips", "CALL trips(:day)", uses=["day"])
    world.end("busy/1")
    (detail,) = world.events("Load Not Started")
    assert detail["field"] == "parameters.day"
    assert world.head() is None


def test_one_changed_while_it_waits_runs_as_it_is_now(world: World) -> None:
    world.define("trips", "CALL old()")
    world.run("trips", "1")
    world.define("trips", "CALL new()")
    world.end("busy/1")
    assert world.redshift.made("ExecuteStatement")[-1]["Sql"] == "CALL new()"


def test_one_moved_while_it_waits_starts_in_its_new_lane_at_the_place_of_its_asking(world: World) -> None:
    world.define("other", lane="new")
    world.define("mover")
    world.define("last", lane="new")
    world.run("other", "1")
    world.run("mover", "1")
    world.run("last", "1")
    world.define("mover", lane="new")
    world.sweep()
    assert (world.waiting(), world.waiting("new")) == ([], ["mover/1", "last/1"])
    world.end("other/1")
    assert world.head("new") == "mover/1"


def test_one_moved_while_it_runs_keeps_its_lane_until_it_ends_and_runs_only_once_at_a_time(world: World) -> None:
    world.define("busy", lane="new")
    world.run("busy", "2")
    assert (world.head(), world.head("new")) == ("busy/1", None)
    world.end("busy/1")
    assert (world.head(), world.head("new")) == (None, "busy/2")


@pytest.mark.parametrize("seed", seeds(80))
@pytest.mark.parametrize("change", ["remove", "move", "sql"])
def test_an_apply_at_any_moment_of_a_claim(world: World, seed: int, change: str) -> None:
    """Whatever the moment: it runs once, or it is reported once, and the lane goes on."""
    world.define("trips")
    world.define("next")
    world.run("trips", "1")
    world.run("next", "1")
    end = world.ends("busy/1")

    def apply() -> None:
        if change == "remove":
            world.remove("trips")
        elif change == "move":
            world.define("trips", lane="new")
        else:
            world.define("trips", "CALL new()")

    done = interleaved(seed, lambda: world.handle(end), world.sweep, apply, world.sweep)
    assert not done.errors
    world.sweep()
    while world.running():
        world.end(world.running()[0].removeprefix("taxi/load/"))
    assert sorted(world.started()) in (
        ["taxi/load/busy/1", "taxi/load/next/1", "taxi/load/trips/1"],
        ["taxi/load/busy/1", "taxi/load/next/1"],
    )
    assert sorted({one["load"] for one in world.events()}) == ["busy", "next", "trips"]
    assert (world.head(), world.waiting(), world.waiting("new")) == (None, [], [])
