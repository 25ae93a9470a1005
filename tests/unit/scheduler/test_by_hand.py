"""What people ask for: run, backfill, cancel, pause, resume, a statement that runs once, and what there is."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from relay.errors import InputError, UnknownAction
from scheduler import handler
from tests.unit.fake_context import FakeContext
from tests.unit.scheduler.world import World

SERIALIZATION = "ERROR: 1023 DETAIL: Serializable isolation violation on table"


def test_run_binds_what_the_sql_contains(world: World) -> None:
    world.define("recount", "CALL r(:day, :kind)", uses=["day", "kind"], parameters={"kind": "daily"})
    world.run("recount", "1", parameters={"day": "2026-01-31"})
    (request,) = world.redshift.made("ExecuteStatement")
    assert request["Parameters"] == [{"name": "day", "value": "2026-01-31"}, {"name": "kind", "value": "daily"}]
    with_kind = {"day": "2026-01-31", "kind": "hourly"}
    world.end("recount/1")
    world.run("recount", "2", parameters=with_kind)
    assert world.redshift.made("ExecuteStatement")[-1]["Parameters"][1]["value"] == "hourly"


@pytest.mark.parametrize(
    ("parameters", "field"), [({}, "parameters.day"), ({"day": "1", "dya": "1"}, "parameters.dya")], ids=str
)
def test_a_run_without_a_value_or_with_a_wrong_name_is_reported(
    world: World, parameters: dict[str, str], field: str
) -> None:
    world.define("recount", "CALL r(:day)", uses=["day"])
    assert world.run("recount", "1", parameters=parameters)["state"] == "NOT_STARTED"
    (detail,) = world.events("Load Not Started")
    assert (detail["load"], detail["field"]) == ("recount", field)


def test_statements_are_one_transaction_with_an_event_at_its_end(world: World) -> None:
    world.define("mart", statements=["DELETE FROM m", "INSERT INTO m SELECT 1"])
    world.run("mart", "1")
    (request,) = world.redshift.made("BatchExecuteStatement")
    assert (request["Sqls"], request["WithEvent"]) == (["DELETE FROM m", "INSERT INTO m SELECT 1"], True)
    assert "Parameters" not in request
    world.end("mart/1")
    assert world.events("Load Finished")


def test_by_hand_each_invocation_is_an_occurrence_and_its_retry_the_same(world: World) -> None:
    event = {"action": "run", "load": "trips"}
    world.define("trips")
    first = world.handle(event, "aaaa-1")
    assert first["statement_name"] == "taxi/load/trips/aaaa-1"
    assert world.handle(event, "aaaa-1") == first
    assert world.handle(event, "bbbb-2")["state"] == "WAITING"


def test_a_statement_that_runs_once_waits_its_turn_like_a_load(world: World) -> None:
    world.define("trips")
    world.run("trips", "1")
    answer = world.handle({"action": "execute_sql", "sql": "CALL p()"}, "aaaa-1")
    assert (answer["load"], answer["state"]) == ("by_hand", "WAITING")
    world.end("trips/1")
    assert world.redshift.made("ExecuteStatement")[-1]["Sql"] == "CALL p()"
    world.end("by_hand/aaaa-1", "FAILED", SERIALIZATION)
    assert world.state("by_hand", "aaaa-1") == "FAILED"  # nobody said that it may run twice


# --- backfill


def test_a_backfill_asks_for_each_day_when_the_one_before_has_ended(world: World) -> None:
    world.define("trips", "CALL t(:scheduled_time)", uses=["scheduled_time"], retries=0)
    world.define("other")
    event = {"action": "backfill", "load": "trips", "from": "2025-12-30", "to": "2026-01-01"}
    first = world.handle(event, "one")
    assert world.handle(event, "one")["occurrence"] == first["occurrence"]
    world.run("other", "1")
    assert world.waiting() == ["other/1"]
    world.end(f"trips/{first['occurrence']}")
    assert world.head() == "other/1"  # others come in between
    world.end("other/1")
    world.end(world.head() or "", "FAILED", "no")
    world.end(world.head() or "")
    assert (world.head(), world.waiting()) == (None, [])
    times = [one["scheduled_time"] for one in world.events() if one["load"] == "trips"]
    assert times == ["2025-12-30T00:00:00Z", "2025-12-31T00:00:00Z", "2026-01-01T00:00:00Z"]
    bound = [one["Parameters"][0]["value"] for one in world.redshift.made("ExecuteStatement") if "Parameters" in one]
    assert bound == times
    assert world.handle(event, "two")["occurrence"] != first["occurrence"]


def test_a_cancelled_day_is_the_last_one_of_a_backfill(world: World) -> None:
    world.define("trips", "CALL t(:scheduled_time)", uses=["scheduled_time"])
    world.handle({"action": "backfill", "load": "trips", "from": "2025-12-30", "to": "2026-01-01"})
    world.handle({"action": "cancel", "load": "trips"})
    world.sweep()
    assert (world.head(), world.waiting()) == (None, [])


# --- cancel


def test_cancel_ends_what_runs(world: World) -> None:
    world.define("trips")
    world.run("trips", "1")
    world.run("trips", "2")
    world.handle({"action": "cancel", "load": "trips"})
    world.sweep()
    (detail,) = world.events("Load Failed")
    assert (detail["state"], detail["occurrence"], detail["error"]) == ("ABORTED", "1", "Cancelled by hand.")
    assert world.head() == "trips/2"


def test_cancel_takes_out_what_waits(world: World) -> None:
    world.define("trips")
    world.run("trips", "1")
    world.run("trips", "2")
    assert world.handle({"action": "cancel", "load": "trips", "occurrence": "2"})["state"] == "ABORTED"
    assert world.waiting() == []
    assert [one["occurrence"] for one in world.events("Load Failed")] == ["2"]
    with pytest.raises(InputError, match="trips/2 has already ended: ABORTED"):
        world.handle({"action": "cancel", "load": "trips", "occurrence": "2"})


def test_cancel_of_a_claim_that_has_not_reached_redshift(world: World) -> None:
    world.define("trips")
    world.redshift.refuse("ExecuteStatement", "ThrottlingException")
    world.run("trips", "1")
    world.handle({"action": "cancel", "load": "trips"})
    world.sweep()
    assert (world.state("trips", "1"), world.head()) == ("ABORTED", None)


def test_a_passing_error_after_a_cancel_is_not_tried_again(world: World) -> None:
    world.define("trips")
    world.run("trips", "1")
    world.redshift.refuse("CancelStatement", "ThrottlingException", times=1)
    world.handle({"action": "cancel", "load": "trips"})
    world.end("trips/1", "FAILED", SERIALIZATION)
    assert world.state("trips", "1") == "FAILED"


# --- pause and resume


@pytest.mark.parametrize("what", [{"load": "a"}, {"lane": "default"}], ids=str)
def test_what_is_paused_waits_until_it_is_resumed(world: World, what: dict[str, str]) -> None:
    world.define("a")
    world.define("b")
    world.run("a", "1")
    world.handle({"action": "pause", **what})
    world.run("a", "2")
    world.run("b", "1")
    world.end("a/1")  # what runs goes on
    assert world.head() == ("b/1" if "load" in what else None)
    if "load" in what:
        world.end("b/1")
    world.sweep()
    assert world.running() == []
    assert world.handle({"action": "resume", **what}) == {**what, "paused": False}
    assert world.head() == "a/2"


def test_what_is_paused_in_the_moment_of_a_claim_is_not_claimed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Needs the conditions that neither the lane nor the load is paused."""
    for what in ({"lane": "default"}, {"load": "a"}):
        world.define("a")
        claim = type(world.store).claim

        def paused_just_before(self: Any, waiting: Any, what: Any = what, claim: Any = claim, **frozen: Any) -> Any:
            world.store.pause(**what, paused=True)
            return claim(self, waiting, **frozen)

        with monkeypatch.context() as patch:
            patch.setattr(type(world.store), "claim", paused_just_before)
            assert world.run("a", next(iter(what)))["state"] == "WAITING"
        assert world.running() == []
        world.store.pause(**what, paused=False)
        world.sweep()
        world.end(f"a/{next(iter(what))}")


# --- what there is, and what is refused


def test_list_says_what_runs_waits_and_ran(world: World) -> None:
    world.define("a")
    world.define("b", lane="own")
    world.run("a", "1")
    world.end("a/1", rows=3)
    world.run("a", "2")
    world.run("a", "3")
    answer = world.handle({"action": "list"})
    lanes = [lane for lane in answer["lanes"] if lane["name"] == "default"]
    assert lanes == [{"name": "default", "head": "a/2", "paused": False, "waiting": ["a/3"]}]
    a, b = answer["loads"]
    assert (a["load"], a["lane"], a["finishes"], b["open"], b["ended"]) == ("a", "default", 1, [], [])
    assert [(one["occurrence"], one["state"]) for one in a["open"]] == [("3", "WAITING"), ("2", "RUNNING")]
    assert [(one["occurrence"], one["state"], one["rows"]) for one in a["ended"]] == [("1", "FINISHED", 3)]
    assert [one["load"] for one in world.handle({"action": "list", "load": "b"})["loads"]] == ["b"]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"action": "execute_sql"}, "sql: must be text, not nothing"),
    ({"action": "execute_sql", "sql": "\n "}, "sql: must be text, not empty text"),
    ({"action": "execute_sql", "sql": ["CALL p()"]}, "sql: must be text, not list"),
    ({"action": "execute_sql", "sql": "x" * 100_001}, "sql: at most 100,000 bytes, not 100,001"),
    ({"action": "execute_sql", "sql": "SELECT '\ud800'"}, "sql: invalid Unicode"),
    ({"action": "execute_sql", "sql": "SELECT 1", "load": "trips"}, "load: 'trips' has its own SQL."),
    ({"action": "execute_sql", "sql": "SELECT 1", "load": 7}, "load: must be text, not int"),
    ({"action": "execute_sql", "sql": "SELECT 1", "load": "a/b"}, "load: must have 1 to 20 lowercase letters"),
    ({"action": "execute_sql", "sql": "SELECT 1", "load": "x" * 21}, "load: must have 1 to 20 lowercase letters"),
    ({"action": "execute_sql", "sql": "SELECT 1", "load": "nightly\n"}, "load: must have 1 to 20 lowercase letters"),
    ({"action": "execute_sql", "sql": "SELECT 1", "occurence": "x"}, "occurence: unknown field. Use action, load,"),
    ({"action": "run", "load": "nobody"}, "load: 'nobody' is not a load. Loads are: daily, trips"),
    ({"action": "run", "load": "trips", "parameters": {"day": 1}}, "parameters: must be a JSON object of non-empty"),
    ({"action": "run", "load": "trips", "parameters": {"day": ""}}, "parameters: must be a JSON object of non-empty"),
    *[
        ({"action": "run", "load": "trips", "occurrence": occurrence}, "occurrence: must have 1 to 64 letters")
        for occurrence in ("a/b", "2024-05-01 03:00", "ü", "١٢", "x" * 65, "\\u003caws.scheduler.scheduled-time\\u003e")
    ],
    (
        {"action": "schedule", "load": "trips", "trigger": "t", "scheduled_time": "<aws.scheduler.scheduled-time>"},
        "occurrence: must have 1 to 64 letters",
    ),
    (
        {"action": "schedule", "load": "trips", "trigger": "t", "scheduled_time": "tomorrow"},
        "scheduled_time: must be a time",
    ),
    ({"action": "event", "load": "trips", "trigger": "t", "event": "x"}, "event: must be the event of EventBridge"),
    ({"action": "event", "load": "trips", "trigger": "t", "event": {}}, "id: must be text"),
    ({"action": "backfill", "load": "trips", "from": "2026-01-01", "to": "2026-01-02"}, "load: the SQL of 'trips' has"),
    ({"action": "backfill", "load": "daily", "from": "2026-01-32", "to": "2026-01-02"}, "from: must be a day"),
    ({"action": "backfill", "load": "daily", "from": "2026-01-02", "to": "2026-01-01"}, "to: 2026-01-01 is before"),
    ({"action": "cancel", "load": "trips"}, "occurrence: nothing of load 'trips' waits or runs"),
    ({"action": "pause"}, "load: set either load or lane"),
    ({"action": "pause", "load": "trips", "lane": "default"}, "load: set either load or lane"),
    ({"action": "pause", "lane": "nowhere"}, "lane: 'nowhere' is not a lane. Lanes are: default"),
    ({"action": "pause", "load": "nobody"}, "load: 'nobody' is not a load"),
    ({"action": "status_check"}, "statement_id: must be text"),
    ({"action": "sweep", "sql": "x"}, "sql: unknown field"),
    ({"action": "EXECUTE_SQL"}, "action: 'EXECUTE_SQL' is not one of backfill, cancel, event, execute_sql, list,"),
    ({"action": {"a": 1}}, "action: {'a': 1} is not one of"),
    ({}, "action: None is not one of"),
    ({"detail-type": "Redshift Data Statement Status Change"}, "detail: must be a JSON object"),
]


@pytest.mark.parametrize(("event", "message"), BAD, ids=lambda value: ascii(value)[:60])
def test_bad_input_is_named_and_starts_nothing(world: World, event: dict[str, Any], message: str) -> None:
    world.define("trips")
    world.define("daily", "CALL d(:scheduled_time)", uses=["scheduled_time"])
    with pytest.raises(InputError) as caught:
        world.handle(event)
    assert message in str(caught.value)
    assert not world.redshift.calls
    assert not world.bus.put


@pytest.mark.parametrize("event", [None, [], "execute_sql", 3])
def test_an_event_that_is_no_object(world: World, event: object) -> None:
    with pytest.raises(InputError, match="event: must be a JSON object"):
        world.handle(event)


def test_a_message_that_is_no_timer_comes_again_and_the_others_are_handled(world: World) -> None:
    world.define("trips")
    world.handle({"action": "pause", "load": "trips"})
    world.run("trips", "1")
    world.store.pause(load="trips", paused=False)
    bodies = ["no json", '{"action": "x"}', '{"action": "timer", "kind": "x", "due": 0}']
    good = '{"action": "timer", "kind": "look", "lane": "default", "due": 0}'
    records = [{"messageId": str(number), "body": body} for number, body in enumerate([*bodies, good])]
    answer = handler.handle({"Records": records}, FakeContext())
    assert answer == {"batchItemFailures": [{"itemIdentifier": str(number)} for number in range(3)]}
    assert world.state("trips", "1") == "RUNNING"


def test_a_timer_that_is_not_due_is_sent_again(world: World) -> None:
    timer = {"action": "timer", "kind": "look", "lane": "default", "due": round(time.time()) + 3600}
    world.handle({"Records": [{"messageId": "m", "body": json.dumps(timer)}]})
    (sent,) = world.queue.sent
    assert (sent["due"], sent["delay"]) == (timer["due"], 900)


def test_an_action_that_there_is_not(world: World) -> None:
    with pytest.raises(UnknownAction, match="None is not one of"):
        world.handle({"detail-type": "Something Else"})


@pytest.mark.parametrize(
    ("detail", "field"),
    [
        ({}, "events.dbt.day"),
        ({"days": []}, "events.dbt.day"),
        ({"days": [None]}, "events.dbt.day"),
        ({"days": [""]}, "events.dbt.day"),
        ({"days": [{}]}, "events.dbt.day"),
        ({"days": {"0": "x"}}, "events.dbt.day"),
        ({"days": 3}, "events.dbt.day"),
    ],
    ids=str,
)
def test_an_event_that_lacks_a_value_is_reported_with_load_and_field(
    world: World, detail: dict[str, Any], field: str
) -> None:
    world.define("recount", "CALL r(:day)", uses=["day"], events={"dbt": {"day": "$.detail.days[0]"}})
    assert world.event("recount", {"id": "1", "detail": detail})["state"] == "NOT_STARTED"
    (reported,) = world.events("Load Not Started")
    assert (reported["load"], reported["field"], reported["occurrence"]) == ("recount", field, "dbt-1")
    assert not world.started()


@pytest.mark.parametrize(("value", "text"), [("x", "x"), (7, "7"), (1.5, "1.5"), (True, "true"), (False, "false")])
def test_values_of_an_event_are_bound_as_text(world: World, value: object, text: str) -> None:
    world.define("recount", "CALL r(:day)", uses=["day"], events={"dbt": {"day": "$.detail.a-b[0].c"}})
    world.event("recount", {"id": "1", "detail": {"a-b": [{"c": value}]}})
    assert world.redshift.made("ExecuteStatement")[0]["Parameters"] == [{"name": "day", "value": text}]


def test_the_status_of_a_statement(world: World) -> None:
    world.define("trips")
    world.run("trips", "1")
    known = next(iter(world.redshift.statements))
    answer = world.handle({"action": "status_check", "statement_id": known})
    assert (answer["statement_id"], answer["status"], answer["rows"]) == (known, "SUBMITTED", None)
