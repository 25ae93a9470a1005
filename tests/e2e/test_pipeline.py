"""The pipeline end to end: a schedule, a load, an event, a letter; and what becomes of everything that goes wrong."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deployments.deployment import READER
from tests.e2e.cloud import ENDLESS, until
from tests.e2e.pipeline import GOOD_ROW, VIEW, Pipeline, trips
from trips.expected import expected_monthly

LOAD_FAILED = "Load into table 'nyc_yellow_taxi_staging' failed."


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_a_schedule_ends_in_new_rows_and_a_letter(pipeline: Pipeline, zone: str, tmp_path: Path) -> None:
    """Schedule, function, Data API, procedure, event, rule, notifier, SNS: nothing on the way is called by the test."""
    rows = trips(GOOD_ROW, GOOD_ROW.replace("2015-01", "2015-02"), GOOD_ROW.replace("3.5|12.5", "|"))
    (tmp_path / "new.psv.gz").write_bytes(rows)
    due = (datetime.now(UTC) + timedelta(seconds=3)).replace(microsecond=0)
    local = due.astimezone(ZoneInfo(zone))
    try:
        with pipeline.data({"new.psv.gz": rows}):
            name = pipeline.load_at(
                due, ScheduleExpression=f"at({local:%Y-%m-%dT%H:%M:%S})", ScheduleExpressionTimezone=zone
            )
            letter = pipeline.cloud.letter(name)
            table, view = pipeline.contents()
    finally:
        pipeline.load()
    assert name == f"relay-test/load/trips/{due:%Y-%m-%dT%H:%M:%S}Z"
    assert letter.to == READER
    assert letter.subject == "[relay-test] trips: the data is ready"
    assert letter.line("Statement") == pipeline.statement_id(name)
    assert datetime.fromisoformat(letter.line("Started").removesuffix(" UTC") + "+00:00") >= due
    assert [row["n"] for row in table] == [2, 1]
    expected = expected_monthly([tmp_path / "new.psv.gz"])
    assert [(row["pickup_month"], row["total_trips"], row["avg_fare"]) for row in view] == [
        (str(month.pickup_month), month.total_trips, float(month.avg_fare or 0)) for month in expected
    ]
    left = pipeline.cloud.client("scheduler").list_schedules(GroupName=pipeline.outputs["schedule_group_name"])
    assert sorted(schedule["Name"] for schedule in left["Schedules"]) == ["sweep", "trips-nightly"]


def test_no_function_waits_and_a_cancelled_load_is_told(pipeline: Pipeline) -> None:
    """The scheduler function has returned while the statement runs; ABORTED is an end like the others."""
    answer = pipeline.invoke("scheduler", {"action": "execute_sql", "load": "long", "sql": ENDLESS})
    try:
        status = until(lambda: _running(pipeline, answer["statement_id"]), "the start of the statement")
        assert (status["error"], status["rows"]) == ("", None)
        assert not pipeline.cloud.letters(answer["statement_id"])
    finally:
        pipeline.cancel(answer["statement_id"])
    letter = pipeline.cloud.letter(answer["statement_id"])
    assert letter.subject == "[relay-test] long: the load was cancelled"
    assert pipeline.status(answer["statement_id"])["status"] == "ABORTED"


def _running(pipeline: Pipeline, statement_id: str) -> dict[str, Any] | None:
    status = pipeline.status(statement_id)
    return status if status["status"] == "STARTED" else None


def test_a_repeated_occurrence_starts_nothing_twice(pipeline: Pipeline) -> None:
    names = {pipeline.start(load="twice", occurrence="2030-01-01T00:00:00Z") for _ in range(3)}
    pipeline.cloud.letter(names.pop())
    assert not names
    answer = pipeline.invoke("scheduler", {"action": "list", "load": "twice"})
    assert [(one["occurrence"], one["state"]) for one in answer["loads"][0]["ended"]] == [
        ("2030-01-01T00:00:00Z", "FINISHED")
    ]
    assert len(pipeline.statements("relay-test/load/twice/")) == 1
    assert len(pipeline.cloud.letters("/load/twice/")) == 1


BAD_FILES = {
    "too few columns": (trips(GOOD_ROW, GOOD_ROW, GOOD_ROW.removesuffix("|2")), "Delimiter not found"),
    "too many columns": (trips(GOOD_ROW, GOOD_ROW, GOOD_ROW + "|x"), "Extra column(s) found"),
    "no date": (trips(GOOD_ROW, GOOD_ROW, GOOD_ROW.replace("2015-01-05|", "2015-02-30|", 1)), "pickup_date"),
    "no time": (trips(GOOD_ROW, GOOD_ROW, GOOD_ROW.replace("10:30:00", "25:30:00")), "dropoff_datetime"),
    "no number": (trips(GOOD_ROW, GOOD_ROW, GOOD_ROW.replace("12.5", "twelve")), "fare_amount"),
    "a number too large": (trips(GOOD_ROW, GOOD_ROW, GOOD_ROW.replace("|1|2|3.5", "|1|40000|3.5")), "passenger_count"),
    "a text too long": (trips(GOOD_ROW, GOOD_ROW, GOOD_ROW + "0" * 20), "vendorid"),
    "Latin-1": (trips(GOOD_ROW, GOOD_ROW, GOOD_ROW + "é", encoding="latin-1"), "vendorid"),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_file_that_cannot_be_loaded_changes_nothing_that_readers_see(pipeline: Pipeline, what: str) -> None:
    content, reason = BAD_FILES[what]
    before = _some_rows(pipeline)
    with pipeline.data({"a_good.psv.gz": trips(GOOD_ROW), "b_bad.psv.gz": content}):
        letter = pipeline.load()
    assert pipeline.contents() == before
    assert letter.subject == "[relay-test] by_test: the load failed"
    assert "s3://relay-demo-data/trips/b_bad.psv.gz, line 3" in letter.body
    assert reason in letter.body
    assert LOAD_FAILED in pipeline.status(letter.line("Statement"))["error"]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "The specified S3 prefix 'trips/' does not exist"),
        ({"empty.psv.gz": trips()}, "No rows were loaded: the trips stay as they were."),
        ({"plain.psv": (GOOD_ROW + "\n").encode()}, "Not a gzipped file"),
        ({"half.psv.gz": trips(*[GOOD_ROW] * 1000)[:-20]}, "could not be read"),
    ],
    ids=["no files", "no rows", "not gzip", "half a gzip"],
)
def test_without_rows_the_old_ones_stay(pipeline: Pipeline, files: dict[str, bytes], reason: str) -> None:
    before = _some_rows(pipeline)
    with pipeline.data(files):
        letter = pipeline.load()
    assert pipeline.contents() == before
    assert letter.subject == "[relay-test] by_test: the load failed"
    assert reason in letter.body


def _some_rows(pipeline: Pipeline) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What readers see, in any case something: an earlier test may have failed halfway."""
    if not all(contents := pipeline.contents()):
        pipeline.load()
        contents = pipeline.contents()
    assert all(contents)
    return contents


def test_the_load_after_a_failed_one_repairs_it(pipeline: Pipeline) -> None:
    with pipeline.data({"bad.psv.gz": trips("x")}):
        assert "failed" in pipeline.load().subject
    with pipeline.loaded({"good.psv.gz": trips(GOOD_ROW)}) as letter:
        assert "ready" in letter.subject
        assert pipeline.cloud.query(f"SELECT total_trips FROM {VIEW}") == [{"total_trips": 1}]


def test_sql_that_redshift_refuses_is_a_failed_load(pipeline: Pipeline) -> None:
    letter = pipeline.load("CALL no_such_procedure()")
    assert letter.subject == "[relay-test] by_test: the load failed"
    assert "no_such_procedure" in letter.body.partition("Started by:")[0]
    assert letter.line("Statement")


def test_what_cannot_be_started_is_told_once(pipeline: Pipeline) -> None:
    """A cluster that is not there: the event, one letter, and the lane is free for the next load."""
    with _environment(pipeline, "scheduler", REDSHIFT_CLUSTER="nowhere"):
        name = pipeline.start(load="lost")
        letter = pipeline.cloud.letter(name)
    assert letter.subject == "[relay-test] lost: the load was not started"
    assert "ExecuteStatement failed" in letter.body
    assert not letter.line("Statement")
    assert len(pipeline.cloud.letters(name)) == 1
    assert not pipeline.statements(name)
    assert "ready" in pipeline.load().subject


def test_notify_sends_somebodys_own_words(pipeline: Pipeline) -> None:
    body = "Zürich: 100 %\nsecond line | third"
    answer = pipeline.invoke("notifier", {"action": "notify", "subject": "Fête\nnow " + "x" * 200, "body": body})
    assert answer["message_id"]
    letter = pipeline.cloud.letter("Fete")
    assert letter.subject.isascii()
    assert len(letter.subject) < 100
    assert letter.body.strip() == body


def test_status_check_knows_only_statements_of_the_pipeline(pipeline: Pipeline) -> None:
    done = pipeline.status(pipeline.load().line("Statement"))
    assert done["status"] == "FINISHED"
    assert done["error"] == ""
    assert done["created_at"] <= done["updated_at"]
    assert done["duration_seconds"] > 0
    unknown = pipeline.status("00000000-0000-0000-0000-000000000000")
    assert "ResourceNotFoundException" in unknown["errorMessage"]
    ready = pipeline.cloud.local.ready
    theirs = pipeline.cloud.client("redshift-data").execute_statement(
        ClusterIdentifier=ready["cluster"], Database="dev", DbUser=ready["admin"], Sql="SELECT 1"
    )
    assert "ResourceNotFoundException" in pipeline.status(theirs["Id"])["errorMessage"]


def test_statements_of_others_are_not_told_as_loads(pipeline: Pipeline) -> None:
    """Another role's statement under our name, and our own statements that are no loads, match no rule."""
    ready = pipeline.cloud.local.ready
    forged = pipeline.cloud.client("redshift-data").execute_statement(
        ClusterIdentifier=ready["cluster"],
        Database="dev",
        DbUser=ready["admin"],
        Sql="SELECT 1",
        StatementName="relay-test/load/forged/1",
        WithEvent=True,
    )
    pipeline.load()
    assert not pipeline.cloud.letters(forged["Id"])
    assert not pipeline.cloud.letters("relay-test/objects/")
    assert not pipeline.cloud.letters("relay-test/history/")


FILE = {"name": "V1__a.sql", "sql": "SELECT 1"}
BAD_INPUT: list[tuple[str, object, str]] = [
    ("scheduler", {"action": "start"}, "action: 'start' is not one of backfill, cancel, event, execute_sql"),
    ("scheduler", {}, "action"),
    ("scheduler", ["execute_sql"], "event"),
    ("scheduler", {"action": "execute_sql"}, "sql"),
    ("scheduler", {"action": "execute_sql", "sql": " "}, "sql"),
    ("scheduler", {"action": "execute_sql", "sql": 7}, "sql"),
    ("scheduler", {"action": "execute_sql", "sql": "SELECT '" + "x" * 100_000 + "'"}, "sql: at most 100,000"),
    ("scheduler", {"action": "execute_sql", "sql": "SELECT 1", "load": "a/b"}, "load"),
    ("scheduler", {"action": "execute_sql", "sql": "SELECT 1", "load": "trips"}, "load: 'trips' has its own SQL"),
    ("scheduler", {"action": "execute_sql", "sql": "SELECT 1", "occurrence": "a b"}, "occurrence"),
    (
        "scheduler",
        {"action": "run", "load": "nobody"},
        "load: 'nobody' is not a load. Loads are: flaky, mart, recount, trips",
    ),
    ("scheduler", {"action": "run", "load": "trips", "parameters": {"day": 1}}, "parameters"),
    ("scheduler", {"action": "backfill", "load": "trips", "from": "2026-01-01", "to": "2026-01-02"}, "load"),
    ("scheduler", {"action": "cancel", "load": "trips"}, "occurrence"),
    ("scheduler", {"action": "pause", "lane": "nowhere"}, "lane: 'nowhere' is not a lane"),
    ("scheduler", {"action": "status_check"}, "statement_id"),
    ("notifier", {"action": "execute_sql"}, "action: 'execute_sql' is not one of notify"),
    ("notifier", {"action": "notify", "body": "b"}, "subject"),
    ("notifier", {"action": "notify", "subject": "s"}, "body"),
    ("notifier", {"action": "notify", "subject": "s", "body": "b" * 40_000}, "body"),
    ("notifier", {"detail-type": "Something Else", "detail": {}}, "detail-type"),
    ("notifier", {"detail-type": "Redshift Data Statement Status Change"}, "detail"),
    (
        "notifier",
        {"detail-type": "Redshift Data Statement Status Change", "detail": {"statementId": "x", "state": "PICKED"}},
        "detail.state",
    ),
    ("warehouse_objects", {"action": "drop_objects"}, "action"),
    ("warehouse_objects", {"action": "apply_objects", "history_table": "public.h"}, "files"),
    ("warehouse_objects", {"action": "apply_objects", "files": [FILE], "history_table": "h"}, "history_table"),
    (
        "warehouse_objects",
        {"action": "apply_objects", "files": [{**FILE, "name": "a.sql"}], "history_table": "public.h"},
        "a.sql",
    ),
    (
        "warehouse_objects",
        {"action": "apply_objects", "files": [{**FILE, "sql": ""}], "history_table": "public.h"},
        "V1__a.sql",
    ),
]


def test_bad_input_is_refused_by_name_and_starts_nothing(pipeline: Pipeline) -> None:
    statements, letters = len(pipeline.statements()), len(pipeline.cloud.letters())
    for function, payload, named in BAD_INPUT:
        answer = pipeline.invoke(function, payload)
        assert answer["errorMessage"].startswith(named) or f"{named!r}" in answer["errorMessage"], (payload, answer)
    assert len(pipeline.statements()) == statements
    assert len(pipeline.cloud.letters()) == letters


def test_a_second_plan_shows_no_changes(pipeline: Pipeline) -> None:
    assert pipeline.deployment.terraform.planned_changes() == []


def test_real_trips_give_the_answers_worked_out_elsewhere(pipeline: Pipeline, taxi: Path) -> None:
    """22,232 trips of three years; the expected files were made without this code and without SQL."""
    files = {path.name: path.read_bytes() for path in taxi.glob("*.psv.gz")}
    with pipeline.loaded(files) as letter:
        assert "ready" in letter.subject
        assert pipeline.cloud.query("SELECT COUNT(*) AS n FROM nyc_yellow_taxi") == [{"n": 22_232}]
        monthly = pipeline.cloud.query(f"SELECT * FROM {VIEW} ORDER BY 1")
        daily = pipeline.cloud.query(
            """SELECT pickup_date AS trip_date,
                   SUM(DATEDIFF(minute, pickup_datetime, dropoff_datetime))::FLOAT8 / 60 AS total_hours,
                   SUM(trip_distance) AS total_distance, SUM(fare_amount) AS total_fare, COUNT(*) AS trips
            FROM nyc_yellow_taxi GROUP BY 1 ORDER BY 1"""
        )
    _agree(daily, _csv(taxi / "expected_daily.csv"), {})
    averages = {"avg_distance": 0.01, "avg_fare": 0.01}
    _agree(monthly, _csv(taxi / "expected_monthly.csv"), averages)
    _agree(monthly, _csv(taxi / "expected_monthly_round2.csv"), averages)


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _agree(rows: list[dict[str, Any]], expected: list[dict[str, str]], absolute: dict[str, float]) -> None:
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        assert list(row) == list(wanted)
        for column, text in wanted.items():
            if column in ("trip_date", "pickup_month"):
                assert row[column] == text
            elif column in absolute:
                assert row[column] == pytest.approx(float(text), rel=0, abs=absolute[column]), (wanted, column)
            else:
                assert row[column] == pytest.approx(float(text), rel=1e-6), (wanted, column)


@contextmanager
def _environment(pipeline: Pipeline, function: str, **changes: str) -> Iterator[None]:
    """A function with other environment variables meanwhile."""
    client, name = pipeline.cloud.client("lambda"), pipeline.outputs["function_names"][function]
    variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": {**variables, **changes}})
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
