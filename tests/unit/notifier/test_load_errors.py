"""A COPY that failed: Redshift is asked why, twice if need be, by messages that SQS delays."""

import json
import time
from typing import Any

import pytest

from notifier import copy_reasons, load_errors
from relay.errors import CallFailed
from tests.unit.notifier.conftest import BARE

ROW = {
    "file_name": "s3://trips/2015/01.psv.gz".ljust(256),
    "line_number": 4711,
    "column_name": "trip_distance".ljust(127),
    "error_code": 1207,
    "error_message": "Invalid digit, Value 'x'".ljust(512),
}
REASON = "s3://trips/2015/01.psv.gz, line 4711, column trip_distance: Invalid digit, Value 'x' (error 1207)"


def queries(redshift: Any) -> list[Any]:
    """The queries for load errors, oldest first."""
    return [known for known in redshift.statements.values() if known.name.startswith("taxi/load-errors/")]


def test_it_asks_why_and_tells_nothing_yet(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, steps: Any, pauses: list[float]
) -> None:
    failed_id = copy_failed["detail"]["statement_id"]
    result = notifier(copy_failed)
    assert result == {"announced": False, "statement_id": failed_id, "detail": "querying Redshift for the reason"}
    assert topic.sent == []
    assert not pauses
    (request,) = redshift.made("ExecuteStatement")
    assert request["StatementName"] == f"taxi/load-errors/{failed_id}/1"
    parameters = {parameter["name"]: parameter["value"] for parameter in request["Parameters"]}
    created = redshift.statements[failed_id].created_at
    assert parameters == {"session": "4242", "since": created.strftime("%Y-%m-%d %H:%M:%S")}
    assert all(f":{name}" in request["Sql"] for name in parameters)
    assert [sent["DelaySeconds"] for sent in steps.sent] == [copy_reasons.QUERY_SECONDS]


def test_the_first_answer_is_told(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, steps: Any
) -> None:
    rows = [ROW, ROW | {"line_number": 4712}, ROW | {"column_name": None}]
    redshift.when("sys_load_error_detail", status="FINISHED", table=rows)
    notifier(copy_failed)
    assert notifier(steps.records())["announced"] is True
    (sent,) = topic.sent
    assert sent["subject"] == "[taxi] trips: the load failed"
    assert REASON in sent["texts"]["email"]
    assert "line 4712" in sent["texts"]["email"]
    assert json.loads(sent["texts"]["sqs"])["load_errors"][0]["line"] == 4711
    assert (len(steps.sent), len(queries(redshift))) == (1, 1)


def test_a_query_that_runs_is_looked_at_again(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, steps: Any
) -> None:
    notifier(copy_failed)
    for _ in range(3):
        assert notifier(steps.records())["announced"] is False
    assert [sent["DelaySeconds"] for sent in steps.sent[1:]] == [copy_reasons.READ_AGAIN_SECONDS] * 3
    (query,) = queries(redshift)
    query.status, query.table = "FINISHED", [ROW]
    assert notifier(steps.records())["announced"] is True
    assert REASON in topic.letters[0]


def test_without_a_row_it_asks_once_more(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, steps: Any
) -> None:
    """The view may lag behind the end of the statement."""
    redshift.when("sys_load_error_detail", status="FINISHED", table=[])
    notifier(copy_failed)
    assert notifier(steps.records())["announced"] is False
    assert steps.sent[-1]["DelaySeconds"] == copy_reasons.REPEAT_SECONDS
    assert len(queries(redshift)) == 1
    assert notifier(steps.records())["announced"] is False
    first, second = queries(redshift)
    assert second.name.endswith("/2")
    assert first.id != second.id  # another token: the first one's statement has its answer already
    second.table = [ROW]
    assert notifier(steps.records())["announced"] is True
    assert REASON in topic.letters[0]


def test_no_row_after_all_is_told_without(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, steps: Any
) -> None:
    redshift.when("sys_load_error_detail", status="FINISHED", table=[])
    notifier(copy_failed)
    results = [notifier(steps.records())["announced"] for _ in range(3)]
    assert results == [False, False, True]
    assert BARE in topic.letters[0]
    assert len(queries(redshift)) == 2


def test_repeated_events_and_messages_are_one_message(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, steps: Any
) -> None:
    redshift.when("sys_load_error_detail", status="FINISHED", table=[ROW])
    notifier(copy_failed, "1")
    notifier(copy_failed, "2")
    results = [notifier(steps.records(number))["announced"] for number in (0, 1, 0, 1)]
    assert results == [True, False, False, False]
    assert notifier(copy_failed, "3")["announced"] is False
    assert (len(topic.sent), len(queries(redshift))) == (1, 1)


def test_a_message_that_is_delivered_again_after_a_kill_is_told(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, steps: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each delivery is an invocation of its own; the lease belongs to the message."""
    redshift.when("sys_load_error_detail", status="FINISHED", table=[ROW])
    notifier(copy_failed, "1")
    with monkeypatch.context() as patch:
        patch.setattr("notifier.announcer.Announcer._publish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            notifier(steps.records(0), "2")
    assert notifier(steps.records(0), "3")["announced"] is True
    assert len(topic.sent) == 1


@pytest.mark.parametrize("status", ["FAILED", "ABORTED"])
def test_a_query_that_fails_is_told_without_details(
    status: str, notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, steps: Any
) -> None:
    redshift.when("sys_load_error_detail", status=status, error="ERROR: permission denied")
    notifier(copy_failed)
    assert notifier(steps.records())["announced"] is True
    assert BARE in topic.letters[0]
    assert "permission denied" not in topic.letters[0]


def test_a_query_that_is_refused_is_told_without_details(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, steps: Any
) -> None:
    redshift.refuse("ExecuteStatement", "AccessDeniedException", "no")
    assert notifier(copy_failed)["announced"] is True
    assert BARE in topic.letters[0]
    assert steps.sent == []


def test_an_answer_that_may_not_be_read_is_told_without_details(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, steps: Any
) -> None:
    redshift.when("sys_load_error_detail", status="FINISHED", table=[ROW])
    redshift.refuse("GetStatementResult", "AccessDeniedException", "no")
    notifier(copy_failed)
    assert notifier(steps.records())["announced"] is True
    assert BARE in topic.letters[0]


def test_a_throttled_read_is_repeated(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, steps: Any
) -> None:
    redshift.when("sys_load_error_detail", status="FINISHED", table=[ROW])
    notifier(copy_failed)
    redshift.refuse("GetStatementResult", "ThrottlingException", "later", times=1)
    assert notifier(steps.records())["announced"] is False
    assert notifier(steps.records())["announced"] is True
    assert REASON in topic.letters[0]


def test_a_throttled_look_at_the_failed_statement_is_raised(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any
) -> None:
    redshift.refuse("DescribeStatement", "ThrottlingException", "later", times=1)
    with pytest.raises(CallFailed, match="ThrottlingException"):
        notifier(copy_failed)
    assert topic.sent == []


def test_a_statement_that_may_not_be_seen_is_told_without_details(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any
) -> None:
    redshift.refuse("DescribeStatement", "AccessDeniedException", "no")
    assert notifier(copy_failed)["announced"] is True
    assert BARE in topic.letters[0]


def test_after_some_minutes_it_no_longer_waits(
    notifier: Any, copy_failed: dict[str, Any], topic: Any, steps: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    notifier(copy_failed)
    late = time.time() + copy_reasons.GIVE_UP_SECONDS + 1
    monkeypatch.setattr("notifier.delayed_steps.time", type("Clock", (), {"time": staticmethod(lambda: late)}))
    assert notifier(steps.records())["announced"] is True
    assert BARE in topic.letters[0]


@pytest.mark.parametrize("gone", ["REDSHIFT_DATABASE", "STEPS_QUEUE_URL"])
def test_without_a_warehouse_nothing_is_asked(
    gone: str,
    notifier: Any,
    copy_failed: dict[str, Any],
    redshift: Any,
    topic: Any,
    steps: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(gone)
    assert notifier(copy_failed)["announced"] is True
    assert BARE in topic.letters[0]
    assert not redshift.made("ExecuteStatement")


def test_older_clusters_name_another_view(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, steps: Any
) -> None:
    redshift.when("sys_load_error_detail", status="FINISHED", table=[ROW])
    copy_failed["detail"]["error"] = "ERROR: Load into table 's' failed.  Check 'stl_load_errors' system table."
    notifier(copy_failed)
    notifier(steps.records())
    assert REASON in topic.letters[0]


def test_another_error_is_told_as_it_is(notifier: Any, event_of: Any, redshift: Any, topic: Any) -> None:
    notifier(event_of("load_failed", error="ERROR: 1023 DETAIL: Serializable isolation violation on table"))
    assert "1023" in topic.letters[0]
    assert not redshift.made("ExecuteStatement")


def test_a_copy_that_is_no_load_is_explained_too(
    notifier: Any, ended: Any, redshift: Any, topic: Any, steps: Any
) -> None:
    redshift.when("sys_load_error_detail", status="FINISHED", table=[ROW])
    notifier(ended(status="FAILED", error=BARE))
    notifier(steps.records())
    assert topic.sent[0]["subject"] == "[taxi] dbt.daily_revenue: failed"
    assert REASON in topic.letters[0]


def test_the_rows_of_the_view_are_blank_padded() -> None:
    """Their columns are of type character(n)."""
    (error,) = load_errors._errors([ROW])
    assert (error.file, error.column) == ("s3://trips/2015/01.psv.gz", "trip_distance")
    assert error.reason == "Invalid digit, Value 'x'"
