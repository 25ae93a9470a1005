"""Each end of a load is told once: when its event comes twice, late or never, and when a function dies on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.cloud import Cloud, Letter, until
from tests.e2e.locks import locked, wait_in_line
from tests.e2e.lost_events import lost_load, only_by_hand, sweep, sweep_schedule
from tests.e2e.pipeline import CALL, GOOD_ROW, Pipeline, trips


@pytest.fixture(autouse=True, scope="module")
def _sweep_only_by_hand(pipeline: Pipeline) -> Iterator[None]:
    with only_by_hand(pipeline):
        yield


def told(cloud: Cloud, statement: str) -> list[Letter]:
    return [letter for letter in cloud.letters(statement) if letter.line("Statement") == statement]


def completion(pipeline: Pipeline, statement: str, name: str, state: str = "FINISHED") -> dict[str, object]:
    """The completion event as EventBridge would deliver it (again)."""
    account = pipeline.cloud.local.ready["account_id"]
    role, function = pipeline.outputs["statement_role"]["name"], pipeline.outputs["function_names"]["scheduler"]
    return {
        "source": "aws.redshift-data",
        "detail-type": "Redshift Data Statement Status Change",
        "detail": {
            "principal": f"arn:aws:sts::{account}:assumed-role/{role}/{function}",
            "statementName": name,
            "statementId": statement,
            "state": state,
        },
    }


def test_an_event_that_comes_twice_is_told_once(pipeline: Pipeline, cloud: Cloud) -> None:
    with cloud.events("duplicate"):
        name = pipeline.start()
        letter = cloud.letter(name)
    statement = letter.line("Statement")
    assert pipeline.invoke("scheduler", completion(pipeline, statement, name)) == {}
    sweep(pipeline)
    assert told(cloud, statement) == [letter]


def test_a_failed_copy_whose_events_come_twice_is_told_once(pipeline: Pipeline, cloud: Cloud) -> None:
    with pipeline.data({"bad.psv.gz": trips("x")}), cloud.events("duplicate"):
        name = pipeline.start()
        letter = cloud.letter(name)
    statement = letter.line("Statement")
    assert pipeline.invoke("scheduler", completion(pipeline, statement, name, "FAILED")) == {}
    assert told(cloud, statement) == [letter]
    assert "bad.psv.gz, line 1" in letter.body


def test_a_lost_event_is_made_good_by_the_sweep(pipeline: Pipeline, cloud: Cloud) -> None:
    name, statement = lost_load(pipeline)
    assert not told(cloud, statement)
    assert sweep(pipeline)["ended"] == 1
    letter = cloud.letter(statement)
    assert letter.subject.startswith("[relay-test] by_test: the data is ready")
    # The event was late, not lost; and the sweep comes again.
    assert pipeline.invoke("scheduler", completion(pipeline, statement, name)) == {}
    assert sweep(pipeline)["ended"] == 0
    assert told(cloud, statement) == [letter]


def test_a_lane_whose_event_is_lost_goes_on_with_the_sweep(pipeline: Pipeline, cloud: Cloud) -> None:
    """What waits behind a load starts when the sweep finds its end, not before and not never."""
    with cloud.events("drop"):
        with locked(cloud):
            running = pipeline.invoke("scheduler", {"action": "run", "load": "trips"})
            wait_in_line(cloud, 1)
            waiting = pipeline.invoke("scheduler", {"action": "execute_sql", "load": "by_test", "sql": CALL})
            assert (running["state"], waiting["state"]) == ("RUNNING", "WAITING")
        until(lambda: pipeline.status(running["statement_id"])["status"] == "FINISHED", "the end of the first one")
    until(lambda: sweep(pipeline)["ended"], "the sweep that finds it")
    name = pipeline.load_name("by_test", waiting["occurrence"])
    assert "the data is ready" in cloud.letter(name).subject
    assert len(told(cloud, running["statement_id"])) == 1


def test_the_schedule_sweeps_by_itself(pipeline: Pipeline, cloud: Cloud) -> None:
    """Terraform's own schedule, made to come sooner."""
    _, statement = lost_load(pipeline)
    soon = f"at({datetime.now(UTC) + timedelta(seconds=2):%Y-%m-%dT%H:%M:%S})"
    with sweep_schedule(pipeline, ScheduleExpression=soon, State="ENABLED"):
        until(lambda: told(cloud, statement), "the sweep")


def test_a_late_event_is_told_once(pipeline: Pipeline, cloud: Cloud) -> None:
    with cloud.events("delay", seconds=1):
        letter = cloud.letter(pipeline.start())
    assert sweep(pipeline)["ended"] == 0
    assert told(cloud, letter.line("Statement")) == [letter]


def test_a_notifier_that_dies_before_publishing_tells_once(pipeline: Pipeline, cloud: Cloud) -> None:
    with cloud.kill("sns:Publish", when="before", function=pipeline.outputs["function_names"]["notifier"]) as killed:
        letter = pipeline.load()
        until(killed, "the kill")
    assert told(cloud, letter.line("Statement")) == [letter]


def test_a_notifier_that_dies_between_publishing_and_remembering_may_repeat_itself_once(
    pipeline: Pipeline, cloud: Cloud
) -> None:
    with cloud.kill("sns:Publish", when="after", function=pipeline.outputs["function_names"]["notifier"]) as killed:
        letter = pipeline.load()
        until(killed, "the kill")
        statement = letter.line("Statement")
        both = until(lambda: len(told(cloud, statement)) == 2 and told(cloud, statement), "the repetition")
    assert both == [letter, letter]


def test_two_schedulers_at_once_tell_once(pipeline: Pipeline, cloud: Cloud) -> None:
    """The event and its repetitions are handled in the same moment, by several workers, and the sweep too."""
    name, statement = lost_load(pipeline)
    for _ in range(4):
        pipeline.invoke_async("scheduler", completion(pipeline, statement, name))
        pipeline.invoke_async("scheduler", {"action": "sweep"})
    letter = cloud.letter(statement)
    until(lambda: sweep(pipeline)["ended"] == 0, "the end of it")
    assert told(cloud, statement) == [letter]


def test_a_load_that_ends_while_nobody_is_there_is_told(pipeline: Pipeline, cloud: Cloud) -> None:
    """The rule is off when the load ends: for the scheduler the same as a lost event."""
    events, rule = cloud.client("events"), pipeline.outputs["load_rule_names"]["completed"]
    before = cloud.switch("events", "GET")["published"]
    events.disable_rule(Name=rule)
    try:
        with locked(cloud):
            started = pipeline.invoke("scheduler", {"action": "execute_sql", "load": "by_test", "sql": CALL})
            wait_in_line(cloud, 1)
        until(lambda: cloud.switch("events", "GET")["published"] > before, "the end of the load")
    finally:
        events.enable_rule(Name=rule)
    statement = started["statement_id"]
    sweep(pipeline)
    cloud.letter(statement)
    assert len(told(cloud, statement)) == 1


def test_the_reason_is_told_too_when_the_event_is_lost(pipeline: Pipeline, cloud: Cloud) -> None:
    with pipeline.data({"bad.psv.gz": trips(GOOD_ROW, "x")}):
        _, statement = lost_load(pipeline)
        sweep(pipeline)
        letter = cloud.letter(statement)
    assert "bad.psv.gz, line 2" in letter.body
