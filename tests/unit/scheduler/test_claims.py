"""An occurrence is claimed and submitted once: by handlers truly in parallel, after kills, late, and after an apply."""

from __future__ import annotations

import random
import threading
import time

import pytest

from tests.unit.scheduler.world import World, due, interleaved, seeds
from tests.unit.websocket_gateway.interleaving import Task

LIVE = ("SUBMITTED", "PICKED", "STARTED")


def test_the_same_occurrence_twice_is_one_statement(world: World) -> None:
    world.define("trips")
    first = world.schedule("trips", due(0))
    assert world.schedule("trips", due(0)) == first
    world.end(f"trips/{due(0)}", "FAILED", "no")
    assert world.schedule("trips", due(0))["state"] == "FAILED"
    assert len(world.started()) == 1


@pytest.mark.parametrize("seed", seeds(60))
def test_handlers_at_once_make_one_statement_of_one_occurrence(world: World, seed: int) -> None:
    """Needs the condition that the occurrence is unknown."""
    world.define("trips", overlap="queue")
    done = interleaved(seed, *[lambda: world.schedule("trips", due(0))] * 3)
    assert not done.errors
    world.sweep()
    assert len(world.started()) == 1
    assert world.waiting() == []


@pytest.mark.parametrize("seed", seeds(60))
def test_a_lane_has_one_head_at_a_time(world: World, seed: int) -> None:
    """Needs the condition that the lane has no head."""
    for load in "abc":
        world.define(load)
    done = interleaved(seed, *[lambda load=load: world.run(load, "1") for load in "abc"])
    assert not done.errors
    assert len(world.running()) == 1
    assert len(world.waiting()) == 2


def test_a_load_never_runs_twice_at_once_also_while_it_moves_to_another_lane(world: World) -> None:
    """Needs the condition that the load does not run: an apply comes between the looks of two lanes."""
    world.define("a", lane="one", overlap="queue")
    world.handle({"action": "pause", "load": "a"})
    world.run("a", "1")
    world.run("a", "2")
    world.store.move(world.occurrence("a", "2"), "two")
    world.store.pause(load="a", paused=False)
    one = Task("one", lambda: world.look("one"))
    one.step_to("SET #head")  # about to claim
    world.define("a", lane="two", overlap="queue")
    two = Task("two", lambda: world.look("two"))
    two.step_to("SET #head")
    two.finish()
    one.finish()
    assert world.running() == ["taxi/load/a/2"]
    assert world.state("a", "1") == "WAITING"


@pytest.mark.parametrize("seed", seeds(60))
def test_a_repeated_claim_submits_the_same_statement(world: World, seed: int) -> None:
    """The first handler is killed somewhere; two sweeps look after it at once."""
    world.define("trips")
    interleaved(seed, lambda: world.schedule("trips", due(0)), kill=0.12)
    world.schedule("trips", due(0))
    interleaved(seed, world.sweep, world.sweep)
    assert len(world.started()) == 1
    assert world.state("trips", due(0)) == "RUNNING"
    assert world.occurrence("trips", due(0)).statement_id in world.redshift.statements


def test_after_an_apply_that_changes_the_sql_the_claimed_occurrence_submits_what_it_froze(world: World) -> None:
    world.define("trips", "CALL old()")
    world.redshift.refuse("ExecuteStatement", "ThrottlingException", times=1)
    world.run("trips", "1")
    assert world.state("trips", "1") == "CLAIMED"
    world.define("trips", "CALL new()")
    world.ring()
    assert [known.sqls for known in world.redshift.statements.values()] == [["CALL old()"]]
    world.end("trips/1")
    world.run("trips", "2")
    assert [known.sqls for known in world.redshift.statements.values()] == [["CALL old()"], ["CALL new()"]]


@pytest.mark.parametrize("status", ["STARTED", "FINISHED", "FAILED"])
def test_after_eight_hours_a_statement_is_found_by_its_name_and_not_started_again(world: World, status: str) -> None:
    world.define("trips")
    world.redshift.fail("ExecuteStatement", OSError("killed"), times=1)  # after Redshift has accepted it, say
    world.redshift.given("taxi/load/trips/1", status=status, error="no" * (status == "FAILED"))
    with pytest.raises(OSError, match="killed"):
        world.run("trips", "1")
    world.age("trips", "1", hours=5)
    world.redshift._tokens.clear()  # the Data API has forgotten the token
    world.sweep()
    world.sweep()
    assert len(world.started()) == 1
    assert world.state("trips", "1") == {"STARTED": "RUNNING"}.get(status, status)


def test_another_statement_with_a_longer_name_is_not_taken_for_it(world: World) -> None:
    world.define("trips")
    world.redshift.refuse("ExecuteStatement", "ThrottlingException", times=1)
    world.redshift.given("taxi/load/trips/10", status="FINISHED")
    world.redshift.given("taxi/load/trips/1/2", status="FINISHED")
    world.run("trips", "1")
    world.ring()
    assert world.state("trips", "1") == "RUNNING"
    assert world.started()[-1] == "taxi/load/trips/1"


def test_an_occurrence_of_a_schedule_older_than_thirty_days_is_refused(world: World) -> None:
    world.define("trips")
    assert world.schedule("trips", due(29))["state"] == "RUNNING"
    assert world.schedule("trips", due(31))["state"] == "NOT_STARTED"
    (detail,) = world.events("Load Not Started")
    assert (detail["field"], detail["occurrence"]) == ("scheduled_time", due(31))


def test_occurrences_are_remembered_for_thirty_days_after_their_end_and_as_long_as_they_wait(world: World) -> None:
    world.define("trips")
    world.run("trips", "1")
    item = world.dynamo.items["LOAD#trips", "O#1"]
    assert "expires_at" not in item
    world.end("trips/1")
    left = int(world.dynamo.items["LOAD#trips", "O#1"]["expires_at"]["N"]) - time.time()
    assert 29.9 * 86400 < left <= 30 * 86400


def test_threads_that_are_truly_parallel(world: World) -> None:
    """Ten threads ask for twenty occurrences of four loads, twice each, while others end what runs."""
    for load in "abcd":
        world.define(load, lane="one" if load < "c" else "two", overlap="queue")
    asks = [(load, str(number)) for load in "abcd" for number in range(20)] * 2
    random.Random(1).shuffle(asks)  # noqa: S311 - repeats a test
    errors: list[BaseException] = []
    most: dict[str, int] = {"one": 0, "two": 0}

    def ask(share: list[tuple[str, str]]) -> None:
        try:
            for load, occurrence in share:
                world.run(load, occurrence)
        except BaseException as error:
            errors.append(error)

    def end_all() -> None:
        try:
            while asking.is_set() or world.running():
                for name in world.running():
                    lane = "one" if name.split("/")[2] < "c" else "two"
                    at_once = sum((one.split("/")[2] < "c") == (lane == "one") for one in world.running())
                    most[lane] = max(most[lane], at_once)
                    world.end("/".join(name.split("/")[2:]))
        except BaseException as error:
            errors.append(error)

    asking = threading.Event()
    asking.set()
    threads = [threading.Thread(target=ask, args=(asks[start::8],)) for start in range(8)]
    ender = threading.Thread(target=end_all)
    for thread in [*threads, ender]:
        thread.start()
    for thread in threads:
        thread.join()
    asking.clear()
    ender.join()
    assert not errors
    assert most == {"one": 1, "two": 1}
    assert sorted(world.started()) == sorted({f"taxi/load/{load}/{occurrence}" for load, occurrence in asks})
    assert len(world.events("Load Finished")) == len(world.started())


def test_the_largest_load_fits_into_an_item(world: World) -> None:
    """DynamoDB takes 400 KB, a definition at most 350 KB; escapes of what is not ASCII would be larger."""
    world.define("large", statements=["-- " + "ü" * 43_000] * 4)
    world.run("large", "1")
    body = world.dynamo.items["LOAD#large", "O#1"]["body"]["S"]
    assert len(body.encode()) < 360_000
    assert world.occurrence("large", "1").sqls == ("-- " + "ü" * 43_000,) * 4
