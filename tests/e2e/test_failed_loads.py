"""Failures that a person can read: what went wrong, where, and what the warehouse holds now."""

from __future__ import annotations

import json
from pathlib import Path

from deployments.deployment import BUCKET
from tests.e2e.cloud import Cloud, until
from tests.e2e.locks import locked, view_of_somebody_else, wait_in_line
from tests.e2e.lost_events import only_by_hand, sweep
from tests.e2e.pipeline import CALL, GOOD_ROW, VIEW, Pipeline, trips
from trips.tlc.convert import convert

BAD_DATE = trips(GOOD_ROW, GOOD_ROW.replace("2015-01-05|", "2015-99-05|", 1))


def test_a_failed_copy_is_told_with_file_line_column_and_reason(pipeline: Pipeline) -> None:
    bad = trips(GOOD_ROW, GOOD_ROW.replace("12.5", "twelve"))
    with pipeline.data({"a_good.psv.gz": trips(GOOD_ROW), "b_bad.psv.gz": bad}):
        letter = pipeline.load()
    assert letter.subject == "[relay-test] by_test: the load failed"
    why = letter.body.partition("Why:")[2].partition("\n\n")[0].strip()
    assert why == (
        f"s3://{BUCKET}/trips/b_bad.psv.gz, line 2, column fare_amount: "
        "Invalid digit, Value 't', Pos 0, Type: Float (error 1207)"
    )


def test_a_glued_record_of_the_real_files_is_told_with_file_and_line(
    pipeline: Pipeline, taxi: Path, tmp_path: Path
) -> None:
    """TLC's own file, converted as it is: the third record has the fields of two."""
    before = pipeline.contents()
    (converted,) = convert([taxi / "raw" / "malformed_row_2015-01.csv"], tmp_path / "converted")
    with pipeline.data({converted.path.name: converted.path.read_bytes()}):
        letter = pipeline.load()
    assert letter.subject == "[relay-test] by_test: the load failed"
    assert f"s3://{BUCKET}/trips/{converted.path.name}, line 3" in letter.body
    assert pipeline.contents() == before


# --- the refresh fails after the commit


def test_a_failed_refresh_says_that_the_trips_are_new_and_the_view_old(pipeline: Pipeline, cloud: Cloud) -> None:
    _, old_view = pipeline.contents()
    with pipeline.data({"one.psv.gz": trips(GOOD_ROW)}):
        with view_of_somebody_else(cloud):
            letter = pipeline.load()
        table, view = pipeline.contents()
        assert letter.subject == "[relay-test] by_test: the load failed"
        assert f"ERROR: The trips are new, but {VIEW} is still the old one: permission denied" in letter.body
        assert [row["n"] for row in table] == [1]
        assert view == old_view
        assert "the data is ready" in pipeline.load().subject  # the next load repairs it
        assert [row["total_trips"] for row in pipeline.contents()[1]] == [1]
    pipeline.load()


# --- the question why a COPY failed


def test_the_reason_is_told_when_no_event_tells_that_it_is_known(pipeline: Pipeline, cloud: Cloud) -> None:
    """The notifier looks for the answer to its question by itself."""
    with pipeline.data({"bad.psv.gz": BAD_DATE}), only_by_hand(pipeline), cloud.events("drop"):
        name = pipeline.start()
        statement = pipeline.statement_id(name)
        until(lambda: pipeline.status(statement)["status"] == "FAILED", "the end of the load")
        sweep(pipeline)
        letter = cloud.letter(statement)
    assert "bad.psv.gz, line 2, column pickup_date" in letter.body


def test_a_refused_question_leaves_a_letter_without_the_reason(pipeline: Pipeline, cloud: Cloud) -> None:
    iam, role = cloud.client("iam"), pipeline.outputs["statement_role"]["name"]
    policy = f"{role}-redshift"
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    mute = {**document, "Statement": [one for one in document["Statement"] if one["Sid"] != "Submit"]}
    with pipeline.data({"bad.psv.gz": BAD_DATE}):
        with locked(cloud):
            name = pipeline.start()
            wait_in_line(cloud, 1)
            iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(mute))
        try:
            letter = cloud.letter(name)
        finally:
            iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))
    assert letter.subject == "[relay-test] by_test: the load failed"
    assert "Check 'sys_load_error_detail' system table for details" in letter.body


def test_a_cancelled_load_is_told_and_changes_nothing(pipeline: Pipeline, cloud: Cloud) -> None:
    before = pipeline.contents()
    with pipeline.data({"one.psv.gz": trips(GOOD_ROW)}), locked(cloud):
        answer = pipeline.invoke("scheduler", {"action": "execute_sql", "load": "by_test", "sql": CALL})
        wait_in_line(cloud, 1)
        pipeline.cancel(answer["statement_id"])
    assert cloud.letter(answer["statement_id"]).subject == "[relay-test] by_test: the load was cancelled"
    assert pipeline.contents() == before
