"""One load at a time, whoever starts it, and what was not started is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.cloud import ROOT, Cloud, Letter, until
from tests.e2e.locks import STAGING, TRIPS, connect, locked, next_in_line, wait_in_line
from tests.e2e.pipeline import CALL, GOOD_ROW, Pipeline, trips

COUNT = "SELECT COUNT(*) AS trips FROM nyc_yellow_taxi"


def letters(cloud: Cloud, name: str) -> list[Letter]:
    """The letters about a load; others may mention it as what was in their way."""
    return [letter for letter in cloud.letters(name) if letter.line("Name") == name]


def letter_about(cloud: Cloud, name: str) -> Letter:
    """The first letter about a load."""
    return until(lambda: letters(cloud, name), f"the letter about {name}")[0]


def test_a_retried_occurrence_starts_one_load(pipeline: Pipeline, cloud: Cloud) -> None:
    payload = {"action": "execute_sql", "load": "by_test", "sql": CALL, "occurrence": uuid4().hex}
    with locked(cloud):
        first = pipeline.invoke("scheduler", payload)
        wait_in_line(cloud, 1)
        again = pipeline.invoke("scheduler", payload)  # while its own statement runs
        assert first == again
    letter = cloud.letter(first["statement_id"])
    assert "the data is ready" in letter.subject
    assert pipeline.invoke("scheduler", payload) == {**first, "state": "FINISHED"}  # and after its end
    assert letters(cloud, first["statement_name"]) == [letter]


def test_loads_that_overlap_run_one_after_the_other_in_the_order_of_asking(pipeline: Pipeline, cloud: Cloud) -> None:
    with locked(cloud):
        running = pipeline.invoke("scheduler", {"action": "run", "load": "trips"})
        wait_in_line(cloud, 1)
        waiting = [
            pipeline.invoke("scheduler", {"action": "execute_sql", "load": load, "sql": CALL})
            for load in ("second", "third", "second")
        ]
        assert [running["state"], *(one["state"] for one in waiting)] == ["RUNNING", *["WAITING"] * 3]
        listed = pipeline.invoke("scheduler", {"action": "list"})
        (lane,) = [lane for lane in listed["lanes"] if lane["name"] == "default"]
        assert lane["head"] == f"trips/{running['occurrence']}"
        assert lane["waiting"] == [f"{one['load']}/{one['occurrence']}" for one in waiting]
    names = [pipeline.load_name(one["load"], one["occurrence"]) for one in [running, *waiting]]
    told = [letter_about(cloud, name) for name in names]
    assert all("the data is ready" in letter.subject for letter in told)
    started = [line["statement_name"] for line in pipeline.started() if line["statement_name"] in names]
    assert started == names
    assert [letters(cloud, name) for name in names] == [[letter] for letter in told]


def test_an_occurrence_that_waits_is_replaced_by_a_newer_one(pipeline: Pipeline, cloud: Cloud) -> None:
    """The hourly occurrences that are due while a load runs are one run, not one after the other."""
    now = datetime.now(UTC).replace(microsecond=0)
    times = [f"{now + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}" for hour in range(3)]
    with locked(cloud):
        running = pipeline.start()
        wait_in_line(cloud, 1)
        asked = {"action": "schedule", "load": "trips", "trigger": "nightly"}
        answers = [pipeline.invoke("scheduler", {**asked, "scheduled_time": time})["state"] for time in times]
        assert answers == ["WAITING"] * 3
    letter_about(cloud, pipeline.load_name("trips", times[2]))
    assert letter_about(cloud, running)
    assert not any(pipeline.statements(pipeline.load_name("trips", time)) for time in times[:2])


def test_two_schedules_at_once_never_load_at_once(pipeline: Pipeline, cloud: Cloud) -> None:
    before = cloud.query(COUNT)
    moment = datetime.now(UTC) + timedelta(seconds=2)
    scheduler = cloud.client("scheduler")
    nightly = scheduler.get_schedule(GroupName=pipeline.outputs["schedule_group_name"], Name="trips-nightly")["Target"]
    sql = {"action": "execute_sql", "load": "other", "sql": CALL, "occurrence": uuid4().hex}
    names = [
        pipeline.load_at(moment),
        pipeline.load_at(moment, Target={**nightly, "Input": json.dumps(sql)})
        and pipeline.load_name("other", sql["occurrence"]),
    ]
    for name in names:
        assert "the data is ready" in letter_about(cloud, name).subject
        assert len(letters(cloud, name)) == 1
    (one,), (other,) = ([pipeline.as_role().describe_statement(Id=pipeline.statement_id(name))] for name in names)
    first, last = sorted((one, other), key=lambda statement: statement["CreatedAt"])
    assert first["UpdatedAt"] <= last["CreatedAt"]
    assert cloud.query(COUNT) == before


def test_a_paused_load_waits_until_it_is_resumed(pipeline: Pipeline, cloud: Cloud) -> None:
    assert pipeline.invoke("scheduler", {"action": "pause", "load": "trips"}) == {"load": "trips", "paused": True}
    try:
        asked = pipeline.invoke("scheduler", {"action": "run", "load": "trips"})
        assert asked["state"] == "WAITING"
        assert "the data is ready" in pipeline.load().subject  # others pass
    finally:
        pipeline.invoke("scheduler", {"action": "resume", "load": "trips"})
    assert letter_about(cloud, pipeline.load_name("trips", asked["occurrence"]))


def test_cancel_ends_what_runs_and_what_waits(pipeline: Pipeline, cloud: Cloud) -> None:
    with locked(cloud):
        running = pipeline.invoke("scheduler", {"action": "run", "load": "trips"})
        wait_in_line(cloud, 1)
        waiting = pipeline.invoke("scheduler", {"action": "execute_sql", "load": "by_test", "sql": CALL})
        cancelled = {"action": "cancel", "load": "by_test", "occurrence": waiting["occurrence"]}
        assert pipeline.invoke("scheduler", cancelled)["state"] == "ABORTED"
        pipeline.invoke("scheduler", {"action": "cancel", "load": "trips"})
    letter = cloud.letter(running["statement_id"])
    assert letter.subject == "[relay-test] trips: the load was cancelled"
    assert not pipeline.statements(pipeline.load_name("by_test", waiting["occurrence"]))


# --- two CALLs that slip through


def variant(pipeline: Pipeline, name: str, old: str, new: str) -> str:
    """The procedure of sql/objects under another name, with a part of it replaced."""
    text = (ROOT / "sql" / "objects" / "R__execute_elt_process.sql").read_text(encoding="utf-8")
    assert old in text, "the procedure no longer has the part that this test takes away"
    configuration = pipeline.deployment._configuration(None)["module"]["relay"]["data"]
    text = text.replace(old, new).replace("public.execute_elt_process", f"public.{name}")
    for variable, value in {
        "s3_uri": configuration["s3_uri"],
        "s3_region": configuration["region"],
        "copy_role": f"'{configuration['copy_role']}'",
        "copy_compression": "GZIP",
    }.items():
        text = text.replace(f"${{{variable}}}", value)
    return text


@contextmanager
def procedure(pipeline: Pipeline, name: str, old: str, new: str) -> Iterator[str]:
    """The variant in the warehouse; afterwards the trips are what they were."""
    pipeline.cloud.query(variant(pipeline, name, old, new))
    try:
        yield f"CALL public.{name}()"
    finally:
        pipeline.cloud.query(f"DROP PROCEDURE public.{name}()")
        pipeline.load()


def call(cloud: Cloud, sql: str) -> str:
    """Starts a statement past the scheduler function."""
    ready = cloud.local.ready
    started = cloud.client("redshift-data").execute_statement(
        Sql=sql, ClusterIdentifier=ready["cluster"], Database=ready["databases"][0], DbUser=ready["admin"]
    )
    return str(started["Id"])


def ended(cloud: Cloud, statement_id: str) -> dict[str, Any]:
    """How a statement ended."""
    client = cloud.client("redshift-data")

    def look() -> dict[str, Any] | None:
        statement: dict[str, Any] = client.describe_statement(Id=statement_id)
        return statement if statement["Status"] in ("FINISHED", "FAILED", "ABORTED") else None

    return until(look, f"the end of {statement_id}")


def at_once(cloud: Cloud, sql: str) -> list[dict[str, Any]]:
    """Two loads that begin in the same moment."""
    with locked(cloud):
        ids = [call(cloud, sql), call(cloud, sql)]
        wait_in_line(cloud, 2)
    return [ended(cloud, one) for one in ids]


def test_two_loads_that_slip_through_take_turns(pipeline: Pipeline, cloud: Cloud) -> None:
    before = pipeline.contents()
    assert [one["Status"] for one in at_once(cloud, CALL)] == ["FINISHED", "FINISHED"]
    assert pipeline.contents() == before


def test_without_the_lock_they_would_not(pipeline: Pipeline, cloud: Cloud) -> None:
    """That the test above sees what the LOCK is for: without it the trips are loaded twice here.

    Redshift itself would fail one of the two (serializable isolation violation, error 1023).
    """
    before = cloud.query(COUNT)
    with procedure(pipeline, "elt_unlocked", "LOCK public.nyc_yellow_taxi_staging;", "") as sql:
        ends = [one["Status"] for one in at_once(cloud, sql)]
        assert ends != ["FINISHED", "FINISHED"] or cloud.query(COUNT) != before
    assert cloud.query(COUNT) == before


# --- the swap


def seen_at_commit(pipeline: Pipeline, cloud: Cloud, sql: str) -> int:
    """How many trips a reader finds in the first moment in which the load lets go of its staging table."""
    with locked(cloud):
        statement = call(cloud, sql)
        wait_in_line(cloud, 1)
        line = next_in_line(cloud, STAGING, f"SELECT COUNT(*) FROM {TRIPS}")
        reader = line.__enter__()
        wait_in_line(cloud, 2)
    line.__exit__(None, None, None)
    assert ended(cloud, statement)["Status"] == "FINISHED"
    return int(reader.result()[0][0])


def test_readers_see_the_old_trips_or_the_new_ones(pipeline: Pipeline, cloud: Cloud) -> None:
    with pipeline.data({"three.psv.gz": trips(*[GOOD_ROW] * 3)}):
        assert seen_at_commit(pipeline, cloud, CALL) == 3
    pipeline.load()


@pytest.mark.parametrize("table", [TRIPS, STAGING])
def test_with_truncate_they_would_not(pipeline: Pipeline, cloud: Cloud, table: str) -> None:
    """That the test above sees what DELETE is for: TRUNCATE commits, so the load lets go before it is done."""
    truncated = procedure(pipeline, "elt_truncating", f"DELETE FROM {table};", f"TRUNCATE {table};")
    with pipeline.data({"three.psv.gz": trips(*[GOOD_ROW] * 3)}), truncated as sql:
        assert seen_at_commit(pipeline, cloud, sql) != 3
    pipeline.load()


def test_a_failed_swap_leaves_the_old_trips(pipeline: Pipeline, cloud: Cloud) -> None:
    """The trips cannot take a row that the staging table could: whatever was deleted before comes back."""
    before = pipeline.contents()
    with connect(cloud) as session:
        session.execute(f"ALTER TABLE {TRIPS} ADD CONSTRAINT no_three CHECK (passenger_count <> 3) NOT VALID".encode())
    try:
        with pipeline.data({"three.psv.gz": trips(GOOD_ROW.replace("|1|2|3.5", "|1|3|3.5"))}):
            letter = pipeline.load()
        assert "the load failed" in letter.subject
        assert pipeline.contents() == before
    finally:
        with connect(cloud) as session:
            session.execute(f"ALTER TABLE {TRIPS} DROP CONSTRAINT no_three".encode())
