"""How runs end: events once, late, twice or never; retries, time limits, and what a killed function left."""

from __future__ import annotations

from typing import Any

import pytest

from relay.errors import CallFailed
from tests.unit.scheduler.world import World, due, interleaved, seeds

SERIALIZATION = (
    "ERROR: 1023 DETAIL: Serializable isolation violation on table - 1, transactions forming the cycle are: 2"
)


def test_the_event_says_everything(world: World) -> None:
    world.define("trips", retries=1)
    world.schedule("trips", due(0))
    world.end(f"trips/{due(0)}", rows=7, duration=2_500_000_000)
    ((kind, detail),) = world.bus.put
    assert kind == "Load Finished"
    known = next(iter(world.redshift.statements.values()))
    times = [detail.pop(key) for key in ("requested_at", "started_at", "ended_at")]
    assert all(time.endswith("+00:00") for time in times)
    assert detail.pop("waited_seconds") >= 0
    assert detail == {
        "name_prefix": "taxi",
        "load": "trips",
        "occurrence": due(0),
        "scheduled_time": due(0),
        "started_by": {"kind": "schedule", "name": "nightly"},
        "attempt": 1,
        "attempts": 2,
        "duration_seconds": 2.5,
        "statement_id": known.id,
        "statement_name": f"taxi/load/trips/{due(0)}",
        "sql": "CALL trips()",
        "state": "FINISHED",
        "rows": 7,
        "error": None,
        "field": None,
        "recovered": False,
        "failures": 0,
        "files": None,
        "follows": [],
    }


def test_an_event_that_comes_twice_ends_a_load_once(world: World) -> None:
    world.define("a")
    world.run("a", "1")
    event = world.ends("a/1")
    world.handle(event)
    world.handle(event)
    assert len(world.bus.put) == 1
    assert world.store.load("a").finishes == 1


@pytest.mark.parametrize("seed", seeds(80))
def test_events_at_once_end_a_load_once(world: World, seed: int) -> None:
    """Needs the condition on the version: an end is counted once, and the lane is freed once."""
    world.define("a")
    world.run("a", "1")
    world.run("a", "2")
    event = world.ends("a/1")
    done = interleaved(seed, *[lambda: world.handle(event)] * 2, world.sweep)
    assert not done.errors
    assert world.store.load("a").finishes == 1
    assert world.head() == "a/2"
    assert world.state("a", "1") == "FINISHED"


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "ABORTED"])
def test_a_lost_event_is_found_by_the_sweep(world: World, status: str) -> None:
    world.define("a")
    world.run("a", "1")
    world.run("a", "2")
    late = world.ends("a/1", status, "no" * (status == "FAILED"))
    world.sweep()
    assert (world.state("a", "1"), world.head()) == (status, "a/2")
    assert len(world.bus.put) == 1
    world.handle(late)
    world.sweep()
    assert len(world.bus.put) == 1


def test_an_event_before_the_statement_is_noted(world: World) -> None:
    world.define("a")
    world.redshift.refuse("ExecuteStatement", "ThrottlingException", times=1)
    world.run("a", "1")
    world.redshift.given("taxi/load/a/1")
    world.end("a/1")
    assert world.state("a", "1") == "FINISHED"


def test_an_event_of_an_earlier_attempt_or_another_statement_ends_nothing(world: World) -> None:
    world.define("a")
    world.run("a", "1")
    event = world.ends("a/1", "FAILED", SERIALIZATION)
    world.handle(event)
    world.age("a", "1", seconds=60)
    world.ring()
    assert world.state("a", "1") == "RUNNING"
    world.handle(event)
    assert world.state("a", "1") == "RUNNING"
    other = world.redshift.given("taxi/load/a/1/2", status="FINISHED")
    event["detail"] |= {"statementName": "taxi/load/a/1/2", "statementId": other.id, "state": "FINISHED"}
    world.handle(event)
    assert world.state("a", "1") == "RUNNING"


def test_an_event_that_overtakes_the_status_comes_again_for_the_reason(world: World) -> None:
    world.define("a")
    world.run("a", "1")
    event = world.ends("a/1", "STARTED")
    event["detail"]["state"] = "FAILED"
    with pytest.raises(CallFailed, match="is still STARTED"):
        world.handle(event)
    assert world.state("a", "1") == "RUNNING"
    event["detail"]["state"] = "FINISHED"
    world.handle(event)
    assert world.state("a", "1") == "FINISHED"


def test_events_of_statements_that_are_not_in_the_table_are_ignored(world: World) -> None:
    world.redshift.given("taxi/load/x/1", status="FINISHED")
    world.end("x/1")
    assert not world.bus.put


# --- retries


def test_a_passing_error_is_tried_again_and_told_once_at_the_end(world: World) -> None:
    world.define("a", retries=2)
    world.run("a", "1")
    world.end("a/1", "FAILED", SERIALIZATION)
    assert (world.state("a", "1"), world.head(), world.bus.put) == ("WAITING", None, [])
    (timer,) = world.queue.sent
    assert (timer["kind"], timer["lane"], timer["delay"]) == ("look", "default", 30)
    world.sweep()
    assert world.running() == []  # the backoff has not passed
    world.age("a", "1")
    world.ring()
    world.end("a/1/2", "FAILED", SERIALIZATION)
    assert [one["delay"] for one in world.queue.sent] == [60]
    world.age("a", "1")
    world.sweep()
    world.end("a/1/3", "FINISHED")
    (detail,) = world.events()
    assert (detail["state"], detail["attempt"], detail["attempts"]) == ("FINISHED", 3, 3)
    assert len({request["ClientToken"] for request in world.redshift.made("ExecuteStatement")}) == 3


def test_the_last_attempt_is_the_end(world: World) -> None:
    world.define("a", retries=1)
    world.run("a", "1")
    world.end("a/1", "FAILED", SERIALIZATION)
    world.age("a", "1")
    world.sweep()
    world.end("a/1/2", "FAILED", SERIALIZATION)
    (detail,) = world.events("Load Failed")
    assert (detail["attempt"], detail["error"]) == (2, SERIALIZATION)


@pytest.mark.parametrize(
    "error",
    [
        'ERROR: relation "t" does not exist',
        "ERROR: Load into table 't' failed. Check 'sys_load_error_detail' system table for details.",
        "ERROR: syntax error at or near 1023",
    ],
)
def test_an_error_that_stays_is_not_tried_again(world: World, error: str) -> None:
    world.define("a", retries=2)
    world.run("a", "1")
    world.end("a/1", "FAILED", error)
    assert (world.state("a", "1"), world.queue.sent) == ("FAILED", [])


def test_what_asks_meanwhile_runs_in_the_backoff_but_not_the_same_load(world: World) -> None:
    world.define("a", overlap="queue")
    world.define("b")
    world.run("a", "1")
    world.end("a/1", "FAILED", SERIALIZATION)
    world.run("a", "2")
    assert world.running() == []
    world.run("b", "1")
    assert world.running() == ["taxi/load/b/1"]
    world.age("a", "1")
    world.end("b/1")
    assert world.running() == ["taxi/load/a/1/2"]


def test_a_success_after_failures_says_so(world: World) -> None:
    world.define("a", retries=0)
    for occurrence, status in enumerate(["FAILED", "FAILED", "FINISHED", "FINISHED"]):
        world.run("a", str(occurrence))
        world.end(f"a/{occurrence}", status, "no" * (status == "FAILED"))
    found = [(one["state"], one["recovered"], one["failures"]) for one in world.events()]
    assert found == [("FAILED", False, 0), ("FAILED", False, 1), ("FINISHED", True, 2), ("FINISHED", False, 0)]


# --- time


def test_at_its_time_limit_a_load_is_cancelled_and_a_cancel_that_fails_is_tried_again(world: World) -> None:
    world.define("a", timeout_minutes=30)
    world.run("a", "1")
    world.age("a", "1", minutes=29)
    world.sweep()
    assert not world.redshift.made("CancelStatement")
    world.age("a", "1", minutes=31)
    world.redshift.refuse("CancelStatement", "ThrottlingException", times=1)
    world.sweep()
    assert world.running()
    world.sweep()
    assert not world.running()
    world.sweep()
    (detail,) = world.events("Load Failed")
    assert (detail["state"], detail["attempt"]) == ("ABORTED", 1)
    assert detail["error"] == "The load exceeded its time limit of 30 minutes and was cancelled."


def test_a_head_that_nobody_knows_any_more_is_given_up_after_a_day_and_not_before(world: World) -> None:
    world.define("a")
    world.define("b")
    world.run("a", "1")
    world.run("b", "1")
    world.redshift.statements.clear()
    world.sweep()
    assert world.head() == "a/1"  # another role's, say: it may still run
    world.age("a", "1", hours=25)
    world.sweep()
    assert (world.state("a", "1"), world.head()) == ("FAILED", "b/1")


def test_a_role_that_may_not_ask_does_not_free_the_lane(world: World) -> None:
    world.define("a")
    world.run("a", "1")
    world.redshift.refuse("DescribeStatement", "AccessDeniedException", "not authorized")
    with pytest.raises(CallFailed):
        world.sweep()
    assert world.head() == "a/1"


def test_a_claim_that_nobody_can_look_after_is_given_up_after_a_day(world: World) -> None:
    world.define("a")
    world.redshift.refuse("ExecuteStatement", "ThrottlingException", times=1)
    world.run("a", "1")
    world.redshift.refuse("ListStatements", "AccessDeniedException", "not authorized")
    world.age("a", "1", hours=23)
    with pytest.raises(CallFailed):
        world.sweep()
    world.age("a", "1", hours=25)
    world.sweep()
    assert (world.state("a", "1"), world.head()) == ("NOT_STARTED", None)


def test_a_statement_that_redshift_does_not_accept_is_given_up_at_the_time_limit(world: World) -> None:
    world.define("a", timeout_minutes=30)
    world.redshift.refuse("ExecuteStatement", "ActiveStatementsExceededException", "too many")
    world.run("a", "1")
    assert (world.state("a", "1"), [one["delay"] for one in world.queue.sent]) == ("CLAIMED", [20])
    world.age("a", "1", minutes=31)
    world.ring()
    (detail,) = world.events("Load Not Started")
    assert "too many" in detail["error"]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_a_missing_permission_may_be_on_its_way_for_three_minutes(world: World, code: str) -> None:
    world.define("a")
    world.redshift.refuse("ExecuteStatement", code, "role is not authorized to perform: redshift-data:ExecuteStatement")
    world.run("a", "1")
    assert world.state("a", "1") == "CLAIMED"
    world.age("a", "1", minutes=4)
    world.ring()
    assert world.state("a", "1") == "NOT_STARTED"
    (detail,) = world.events("Load Not Started")
    assert (detail["field"], detail["statement_id"]) == ("sql", None)
    assert "redshift-data:ExecuteStatement" in detail["error"]


def test_sql_that_the_data_api_refuses_frees_the_lane_at_once(world: World) -> None:
    world.define("a")
    world.define("b")
    world.redshift.refuse("ExecuteStatement", "ValidationException", "Redshift endpoint doesn't exist", times=1)
    world.run("a", "1")
    world.run("b", "1")
    assert (world.state("a", "1"), world.head()) == ("NOT_STARTED", "b/1")


# --- what a killed function left


@pytest.mark.parametrize("seed", seeds(120))
@pytest.mark.parametrize("status", ["FINISHED", "FAILED"])
def test_killed_anywhere_every_end_is_told_and_the_next_one_starts(world: World, seed: int, status: str) -> None:
    world.define("a", retries=0)
    world.define("b", after=["a"])
    for occurrence in ("1", "2"):
        world.run("a", occurrence)
    event = world.ends("a/1", status, "no" * (status == "FAILED"))
    interleaved(seed, lambda: world.handle(event), lambda: world.handle(event), kill=0.08)
    world.sweep()
    assert len({one["occurrence"] for one in world.events() if one["load"] == "a"}) == 1
    assert world.head() in ("a/2", f"b/{_follower(world)}")
    assert list(world.store.todo()) == []
    world.end("a/2") if world.head() == "a/2" else None
    world.sweep()
    assert world.store.load("b").asked.get("a", 0) >= world.store.load("a").finishes


def _follower(world: World) -> str:
    return next((one.request.occurrence for one in world.store.occurrences("b")), "")


def test_a_bus_that_is_down_loses_no_event_and_holds_up_no_load(world: World) -> None:
    world.define("a")
    world.define("b", after=["a"])
    world.run("a", "1")
    world.bus.down = True
    with pytest.raises(CallFailed, match="PutEvents failed: InternalFailure: try later"):
        world.end("a/1")
    assert world.state("b", _follower(world)) == "RUNNING"
    world.bus.down = False
    world.sweep()
    ((kind, detail),) = world.bus.put
    assert (kind, detail["load"], detail["follows"]) == ("Load Finished", "a", ["b"])
    world.sweep()
    assert len(world.bus.put) == 1


def test_the_event_is_small_and_holds_no_secret(world: World) -> None:
    world.define("a")
    world.run("a", "1")
    world.end("a/1", "FAILED", "in CREDENTIALS 'aws_secret_access_key=wJalr' " + "x" * 200_000)
    (detail,) = world.events("Load Failed")
    assert "wJalr" not in str(detail)
    assert len(str(detail)) < 10_000
    body = world.dynamo.items["LOAD#a", "O#1"]["body"]["S"]
    assert "wJalr" not in body


def test_one_lane_in_trouble_does_not_hold_up_the_others(world: World) -> None:
    world.define("a", lane="one")
    world.define("b", lane="two")
    world.run("a", "1")
    world.run("b", "1")
    world.ends("b/1")
    describe: Any = world.redshift.describe_statement
    broken = world.occurrence("a", "1").statement_id

    def refusing(**request: Any) -> Any:
        if request["Id"] == broken:
            raise OSError("out of reach")
        return describe(**request)

    world.redshift.describe_statement = refusing  # type: ignore[method-assign]
    with pytest.raises(OSError, match="out of reach"):
        world.sweep()
    assert world.state("b", "1") == "FINISHED"
