"""Each end of a load is told once: when its event comes twice, late or never, and when the notifier dies on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.cloud import Cloud, Letter, until
from tests.e2e.locks import locked, wait_in_line
from tests.e2e.lost_events import long_ago, lost_load, only_by_hand, sweep, sweep_schedule
from tests.e2e.pipeline import CALL, GOOD_ROW, Pipeline, trips


@pytest.fixture(autouse=True, scope="module")
def _sweep_only_by_hand(pipeline: Pipeline) -> Iterator[None]:
    with only_by_hand(pipeline):
        yield


def told(cloud: Cloud, statement: str) -> list[Letter]:
    return [letter for letter in cloud.letters(statement) if letter.line("Statement") == statement]


def ended(pipeline: Pipeline, name: str) -> str:
    """The id of a load that has ended."""
    statement = pipeline.statement_id(name)
    until(lambda: pipeline.status(statement)["status"] in ("FINISHED", "FAILED", "ABORTED"), f"the end of {name}")
    return statement


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
    again = pipeline.invoke("notifier", completion(pipeline, statement, name))
    assert (again["announced"], again["detail"]) == (False, "announced before")
    assert told(cloud, statement) == [letter]


def test_a_failed_copy_whose_events_come_twice_is_told_once(pipeline: Pipeline, cloud: Cloud) -> None:
    with pipeline.data({"bad.psv.gz": trips("x")}), cloud.events("duplicate"):
        name = pipeline.start()
        letter = cloud.letter(name)
    statement = letter.line("Statement")
    assert not pipeline.invoke("notifier", completion(pipeline, statement, name, "FAILED"))["announced"]
    assert told(cloud, statement) == [letter]
    assert "bad.psv.gz, line 1" in letter.body


def test_a_lost_event_is_made_good_by_the_sweep(pipeline: Pipeline, cloud: Cloud) -> None:
    name, statement = lost_load(pipeline)
    assert statement not in sweep(pipeline)  # its event may still come
    assert not told(cloud, statement)
    long_ago(pipeline, statement)
    assert sweep(pipeline)[statement]["announced"]
    (letter,) = told(cloud, statement)
    assert letter.subject == "[relay-test] by-test: the data is ready"
    # The event was late, not lost; and the sweep comes again.
    assert not pipeline.invoke("notifier", completion(pipeline, statement, name))["announced"]
    assert statement not in sweep(pipeline)
    assert told(cloud, statement) == [letter]


def test_the_reason_is_told_too_when_both_events_are_lost(pipeline: Pipeline, cloud: Cloud) -> None:
    """The load's end, and the end of the question why it failed."""
    with pipeline.data({"bad.psv.gz": trips(GOOD_ROW, "x")}), cloud.events("drop"):
        statement = ended(pipeline, pipeline.start())
        long_ago(pipeline, statement)
        until(lambda: sweep(pipeline).get(statement, {}).get("announced"), "the sweep that knows why")
    (letter,) = told(cloud, statement)
    assert "bad.psv.gz, line 2" in letter.body


def test_the_schedule_sweeps_by_itself(pipeline: Pipeline, cloud: Cloud) -> None:
    """Terraform's own schedule, made to come sooner."""
    _, statement = lost_load(pipeline)
    long_ago(pipeline, statement)
    soon = f"at({datetime.now(UTC) + timedelta(seconds=2):%Y-%m-%dT%H:%M:%S})"
    with sweep_schedule(pipeline, ScheduleExpression=soon, State="ENABLED"):
        until(lambda: told(cloud, statement), "the sweep")


def test_a_late_event_is_told_once(pipeline: Pipeline, cloud: Cloud) -> None:
    with cloud.events("delay", seconds=1):
        name = pipeline.start()
        letter = cloud.letter(name)
    assert sweep(pipeline).get(letter.line("Statement")) is None
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
    long_ago(pipeline, statement)
    until(lambda: statement not in sweep(pipeline), "the end of it")
    assert len(told(cloud, statement)) == 2


def test_two_notifiers_at_once_tell_once(pipeline: Pipeline, cloud: Cloud) -> None:
    """The event and its repetition are handled in the same moment, by two workers."""
    name, statement = lost_load(pipeline)
    for _ in range(4):
        pipeline.invoke_async("notifier", completion(pipeline, statement, name))
    cloud.letter(statement)
    assert not pipeline.invoke("notifier", completion(pipeline, statement, name))["announced"]
    assert len(told(cloud, statement)) == 1


def test_a_load_that_ends_while_nobody_is_there_is_told(pipeline: Pipeline, cloud: Cloud) -> None:
    """The rule is off when the load ends: for the notifier the same as a lost event."""
    events, rule = cloud.client("events"), pipeline.outputs["rule_names"]["pipeline"]
    before = cloud.switch("events", "GET")["published"]
    events.disable_rule(Name=rule)
    try:
        with locked(cloud):
            started = pipeline.invoke("scheduler", {"action": "execute_sql", "schedule": "by-test", "sql": CALL})
            wait_in_line(cloud, 1)
        until(lambda: cloud.switch("events", "GET")["published"] > before, "the end of the load")
    finally:
        events.enable_rule(Name=rule)
    statement = started["statement_id"]
    long_ago(pipeline, statement)
    sweep(pipeline)
    assert len(told(cloud, statement)) == 1
