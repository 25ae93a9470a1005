"""A COPY that failed: Redshift is asked why, and its answer's event carries on."""

from typing import Any

import pytest

from notifier import load_errors
from relay.names import Kind, StatementName

NAME = "taxi/load/nightly/2024-05-01T03:00:00Z"
BARE = "ERROR: Load into table 'staging' failed. Check 'sys_load_error_detail' system table for details."
ROW = {
    "file_name": "s3://trips/2015/01.psv.gz".ljust(256),
    "line_number": 4711,
    "column_name": "trip_distance".ljust(127),
    "error_code": 1207,
    "error_message": "Invalid digit, Value 'x'".ljust(512),
}


@pytest.fixture
def copy_failed(ended: Any) -> dict[str, Any]:
    event: dict[str, Any] = ended(status="FAILED", error=BARE, pid=4242)
    return event


def question(redshift: Any) -> dict[str, Any]:
    (request,) = redshift.made("ExecuteStatement")
    result: dict[str, Any] = request
    return result


def test_it_asks_why_and_tells_nothing_yet(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, pauses: list[float]
) -> None:
    result = notifier(copy_failed)
    failed_id = copy_failed["detail"]["statementId"]
    assert result == {"announced": False, "statement_id": failed_id, "detail": "querying Redshift for the reason"}
    assert topic.sent == []
    assert not pauses
    request = question(redshift)
    assert request["StatementName"] == f"taxi/load-errors/{failed_id}/{NAME}"
    assert request["WithEvent"] is True
    parameters = {parameter["name"]: parameter["value"] for parameter in request["Parameters"]}
    created = redshift.statements[failed_id].created_at
    assert parameters == {"session": "4242", "since": created.strftime("%Y-%m-%d %H:%M:%S")}
    assert all(f":{name}" in request["Sql"] for name in parameters)


def answered(redshift: Any, event_of: Any, status: str = "FINISHED", **facts: Any) -> dict[str, Any]:
    """The question has ended, and its own event comes."""
    name = question(redshift)["StatementName"]
    (known,) = [known for known in redshift.statements.values() if known.name == name]
    for fact, value in (facts | {"status": status}).items():
        setattr(known, fact, value)
    event: dict[str, Any] = event_of(statementName=name, statementId=known.id, state=status)
    return event


def test_the_answer_s_event_carries_on(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, event_of: Any
) -> None:
    notifier(copy_failed, "req-1")
    result = notifier(
        answered(redshift, event_of, table=[ROW, ROW | {"line_number": 4712}, ROW | {"column_name": None}]), "2"
    )
    assert result["announced"] is True
    assert result["statement_id"] == copy_failed["detail"]["statementId"]
    (sent,) = topic.sent
    assert sent["subject"] == "[taxi] nightly: the load failed"
    assert NAME in sent["texts"]["email"]
    assert (
        "s3://trips/2015/01.psv.gz, line 4711, column trip_distance: Invalid digit, Value 'x' (error 1207)"
        in sent["texts"]["email"]
    )
    assert "line 4712" in sent["texts"]["email"]
    assert len(redshift.made("ExecuteStatement")) == 2
    assert len({request["ClientToken"] for request in redshift.made("ExecuteStatement")}) == 1


def test_both_events_twice_are_one_message(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, event_of: Any
) -> None:
    notifier(copy_failed, "1")
    answer = answered(redshift, event_of, table=[ROW])
    for request_id, event in enumerate([copy_failed, answer, copy_failed, answer]):
        notifier(event, f"again-{request_id}")
    assert len(topic.sent) == 1
    assert len(redshift.statements) == 2


def test_what_was_told_is_asked_no_more(notifier: Any, copy_failed: dict[str, Any], redshift: Any) -> None:
    """A token is remembered for eight hours, an event may come a day late."""
    redshift.when("sys_load_error_detail", status="FINISHED", table=[ROW])
    notifier(copy_failed, "1")
    assert notifier(copy_failed, "2")["detail"] == "announced before"
    assert len(redshift.made("ExecuteStatement")) == 1


def test_an_answer_that_is_there_at_once_is_told_at_once(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any
) -> None:
    redshift.when("sys_load_error_detail", status="FINISHED", table=[ROW])
    assert notifier(copy_failed)["announced"] is True
    assert "line 4711" in topic.letters[0]


def test_older_clusters_name_another_view(notifier: Any, ended: Any, redshift: Any, topic: Any) -> None:
    redshift.when("sys_load_error_detail", status="FINISHED", table=[ROW])
    error = "ERROR: Load into table 'staging' failed.  Check 'stl_load_errors' system table for details."
    notifier(ended(status="FAILED", error=error))
    assert "line 4711" in topic.letters[0]


def test_no_rows_are_no_details(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, event_of: Any
) -> None:
    notifier(copy_failed)
    notifier(answered(redshift, event_of))
    assert BARE in topic.letters[0]


def test_a_question_that_fails_is_told_without_details(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, event_of: Any
) -> None:
    notifier(copy_failed)
    notifier(answered(redshift, event_of, status="FAILED", error="ERROR: permission denied"))
    assert BARE in topic.letters[0]
    assert "permission denied" not in topic.letters[0]


@pytest.mark.parametrize("operation", ["ExecuteStatement", "GetStatementResult"])
def test_a_question_that_is_refused_is_told_without_details(
    operation: str, notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any
) -> None:
    redshift.when("sys_load_error_detail", status="FINISHED", table=[ROW])
    redshift.refuse(operation, "AccessDeniedException", "no")
    assert notifier(copy_failed)["announced"] is True
    assert BARE in topic.letters[0]


def test_without_a_warehouse_nothing_is_asked(
    notifier: Any, copy_failed: dict[str, Any], redshift: Any, topic: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REDSHIFT_DATABASE")
    assert notifier(copy_failed)["announced"] is True
    assert BARE in topic.letters[0]
    assert not redshift.made("ExecuteStatement")


def test_another_error_is_told_as_it_is(notifier: Any, ended: Any, redshift: Any, topic: Any) -> None:
    notifier(ended(status="FAILED", error="ERROR: 1023 DETAIL: Serializable isolation violation on table"))
    assert "1023" in topic.letters[0]
    assert not redshift.made("ExecuteStatement")


def test_the_name_of_another_s_copy_rides_along_if_it_fits(notifier: Any, ended: Any, redshift: Any) -> None:
    event = ended("x" * 500, status="FAILED", error=BARE)
    notifier(event)
    assert question(redshift)["StatementName"] == f"taxi/load-errors/{event['detail']['statementId']}"


def test_the_longest_name_of_ours_rides_along() -> None:
    longest = StatementName("p" * 64, Kind.LOAD, f"{'s' * 64}/{'o' * 64}")
    name = load_errors._name("p" * 64, "dd2e1ec9-2ee3-49a0-819f-905fa7d75a4a", str(longest))
    assert name.key.endswith(str(longest))


def test_the_rows_of_the_view_are_blank_padded() -> None:
    """Their columns are of type character(n)."""
    (error,) = load_errors._errors([ROW])
    assert (error.file, error.column) == ("s3://trips/2015/01.psv.gz", "trip_distance")
    assert error.reason == "Invalid digit, Value 'x'"
