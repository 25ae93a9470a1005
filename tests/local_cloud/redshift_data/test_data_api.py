"""Statements of the Data API, without HTTP: running, reading, cancelling, listing."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest

UNKNOWN = "00000000-0000-0000-0000-000000000000"


def test_a_statement_runs_and_tells_all_that_aws_tells(service: Any) -> None:
    started = service.execute("ROWS 3", DbUser="awsuser", StatementName="pre/load/x")
    assert uuid.UUID(started["Id"])
    assert started["ClusterIdentifier"] == "relay-demo"
    assert started["DbUser"] == "awsuser"
    assert isinstance(started["CreatedAt"], float)
    done = service.ended(started["Id"])
    assert done["Status"] == "FINISHED"
    assert done["Duration"] > 0
    assert (done["ResultRows"], done["HasResultSet"]) == (3, True)
    assert done["RedshiftQueryId"] > 0
    assert done["QueryString"] == "ROWS 3"
    assert {"ResultSize", "RedshiftPid", "UpdatedAt", "Database"} <= set(done)
    assert "Error" not in done


def test_rows_written_are_counted_and_give_no_result(service: Any) -> None:
    done = service.ended(service.execute("INSERT 7")["Id"])
    assert (done["ResultRows"], done["HasResultSet"]) == (7, False)
    answer = service.call("GetStatementResult", Id=done["Id"])
    assert (answer["__type"], answer["ResourceId"]) == ("ResourceNotFoundException", done["Id"])
    assert answer["Message"].startswith("Query does not have result.")


def test_bad_sql_is_never_an_exception(service: Any) -> None:
    done = service.ended(service.execute('FAIL relation "x" does not exist')["Id"])
    assert (done["Status"], done["Error"]) == ("FAILED", 'ERROR: relation "x" does not exist')


def test_a_running_statement_has_no_result_yet(service: Any) -> None:
    started = service.execute("SLEEP 5")
    answer = service.call("GetStatementResult", Id=started["Id"])
    assert answer["__type"] == "ResourceNotFoundException"
    service.call("CancelStatement", Id=started["Id"])


def test_values_come_in_the_forms_of_the_model(service: Any) -> None:
    started = service.execute("VALUES")
    service.ended(started["Id"])
    result = service.call("GetStatementResult", Id=started["Id"])
    assert result["Records"] == [
        [
            {"isNull": True},
            {"booleanValue": True},
            {"longValue": 7},
            {"doubleValue": 2.5},
            {"stringValue": "x"},
            {"blobValue": "AQ=="},
        ]
    ]
    assert [one["typeName"] for one in result["ColumnMetadata"]][:2] == ["varchar", "bool"]
    assert result["TotalNumRows"] == 1
    assert "NextToken" not in result


def test_results_are_paged(service: Any) -> None:
    started = service.execute("ROWS 2500")
    service.ended(started["Id"])
    sizes, numbers, token = [], [], None
    while True:
        more: dict[str, Any] = {"NextToken": token} if token else {}
        page = service.call("GetStatementResult", Id=started["Id"], **more)
        sizes.append(len(page["Records"]))
        numbers += [row[0]["longValue"] for row in page["Records"]]
        if not (token := page.get("NextToken")):
            break
    assert sizes == [1000, 1000, 500]
    assert numbers == list(range(2500))
    wrong = service.call("GetStatementResult", Id=started["Id"], NextToken="bm8=")
    assert (wrong["__type"], wrong["Message"]) == ("ValidationException", "Invalid NextToken.")


def test_an_empty_result_is_a_result(service: Any) -> None:
    done = service.ended(service.execute("ROWS 0")["Id"])
    assert done["HasResultSet"]
    assert service.call("GetStatementResult", Id=done["Id"])["Records"] == []


def test_cancel_really_stops(service: Any) -> None:
    started = service.execute("SLEEP 60", WithEvent=True)
    assert service.call("CancelStatement", Id=started["Id"]) == {"Status": True}
    done = service.ended(started["Id"])
    assert done["Status"] == "ABORTED"
    again = service.call("CancelStatement", Id=started["Id"])
    assert again["__type"] == "ValidationException"
    assert "already in ABORTED state" in again["Message"]
    assert [event.status for event in service.events] == ["ABORTED"]


def test_a_statement_that_waits_for_a_worker_can_be_cancelled(service: Any) -> None:
    running = [service.execute("SLEEP 60")["Id"] for _ in range(10)]
    waiting = service.execute("SLEEP 60")["Id"]
    assert service.call("DescribeStatement", Id=waiting)["Status"] == "SUBMITTED"
    canceller = threading.Thread(target=service.call, args=("CancelStatement",), kwargs={"Id": waiting})
    canceller.start()
    for one in running:
        service.call("CancelStatement", Id=one)
    canceller.join()
    assert service.ended(waiting)["Status"] == "ABORTED"


def test_statements_run_side_by_side(service: Any) -> None:
    for one in [service.execute("SLEEP 0.5")["Id"] for _ in range(10)]:
        done = service.ended(one)
        assert done["UpdatedAt"] - done["CreatedAt"] < 2


def test_too_many_active_statements(service: Any) -> None:
    service.api.statements.quotas.change(active_statements=20)
    started = [service.execute("SLEEP 60") for _ in range(21)]
    assert started[-1]["__type"] == "ActiveStatementsExceededException"
    assert started[-1]["Message"] == "Active statements exceeded the allowed quota (20)."
    assert "Id" in service.execute("ROWS 1", WorkgroupName=service.config.workgroups[0])  # it has a quota of its own
    service.api.stop()


def test_the_event_comes_only_when_asked_for(service: Any) -> None:
    service.ended(service.execute("ROWS 1")["Id"])
    asked = service.execute("FAIL x", WithEvent=True, StatementName="n")
    service.ended(asked["Id"])
    assert [(event.id, event.status, event.name) for event in service.events] == [(asked["Id"], "FAILED", "n")]


def test_the_same_token_gives_the_same_statement_even_a_failed_one(service: Any) -> None:
    first = service.execute("FAIL x", ClientToken="t")
    service.ended(first["Id"])
    assert service.execute("FAIL x", ClientToken="t")["Id"] == first["Id"]
    other = service.execute("FAIL y", ClientToken="t")
    assert other["__type"] == "ValidationException"
    assert "ClientToken" in other["Message"]
    assert service.execute("FAIL x", ClientToken="u")["Id"] != first["Id"]


def test_the_token_of_another_role_is_another_token(service: Any) -> None:
    first = service.execute("ROWS 1", ClientToken="t")
    assert service.execute("ROWS 1", service.gate("role/other"), ClientToken="t")["Id"] != first["Id"]


def test_a_batch_is_one_transaction_with_sub_statements(service: Any) -> None:
    target = {"ClusterIdentifier": "relay-demo", "Database": "dev"}
    good = service.call("BatchExecuteStatement", Sqls=["INSERT 2", "ROWS 3"], WithEvent=True, **target)
    done = service.ended(good["Id"])
    assert (done["Status"], done["HasResultSet"], done["ResultRows"]) == ("FINISHED", True, -1)
    assert [part["Id"] for part in done["SubStatements"]] == [f"{good['Id']}:1", f"{good['Id']}:2"]
    assert [part["HasResultSet"] for part in done["SubStatements"]] == [False, True]
    assert len(service.call("GetStatementResult", Id=f"{good['Id']}:2")["Records"]) == 3
    whole = service.call("GetStatementResult", Id=good["Id"])
    assert whole["__type"] == "ValidationException"
    assert whole["Message"] == "BatchExecuteStatement result can only be retrieved with sub-statement id."
    assert service.call("DescribeStatement", Id=f"{good['Id']}:1")["QueryString"] == "INSERT 2"
    assert len(service.events) == 1
    bad = service.call("BatchExecuteStatement", Sqls=["ROWS 1", "FAIL x", "ROWS 2"], **target)
    done = service.ended(bad["Id"])
    assert (done["Status"], done["Error"], done["HasResultSet"]) == ("FAILED", "ERROR: x", False)
    assert [part["Status"] for part in done["SubStatements"]] == ["ABORTED", "FAILED", "ABORTED"]


def test_list_shows_finished_ones_unless_asked(service: Any) -> None:
    for name, sql in (("a/load/1", "ROWS 1"), ("a/load/2", "FAIL x"), ("b/load/1", "ROWS 1")):
        service.ended(service.execute(sql, StatementName=name)["Id"])
    running = service.execute("SLEEP 60", StatementName="a/load/3")

    def names(**members: Any) -> list[str]:
        return [one["StatementName"] for one in service.call("ListStatements", **members)["Statements"]]

    assert names() == ["b/load/1", "a/load/1"]
    assert names(Status="ALL") == ["a/load/3", "b/load/1", "a/load/2", "a/load/1"]
    assert names(Status="FAILED") == ["a/load/2"]
    assert names(Status="ALL", StatementName="a/load/") == ["a/load/3", "a/load/2", "a/load/1"]
    assert names(Status="STARTED", StatementName="b") == []
    first = service.call("ListStatements", Status="ALL", MaxResults=3)
    second = service.call("ListStatements", Status="ALL", MaxResults=3, NextToken=first["NextToken"])
    assert (len(first["Statements"]), len(second["Statements"]), "NextToken" in second) == (3, 1, False)
    service.call("CancelStatement", Id=running["Id"])


def test_list_is_of_the_role_or_of_the_session(service: Any) -> None:
    service.ended(service.execute("ROWS 1")["Id"])
    same_role, other_role = service.gate(session="notify"), service.gate("role/other")
    assert len(service.call("ListStatements", same_role)["Statements"]) == 1
    assert service.call("ListStatements", same_role, RoleLevel=False)["Statements"] == []
    assert service.call("ListStatements", other_role)["Statements"] == []


@pytest.mark.parametrize("operation", ["DescribeStatement", "GetStatementResult", "CancelStatement"])
def test_only_the_role_that_submitted_may_read(service: Any, operation: str) -> None:
    started = service.execute("ROWS 1")
    service.ended(started["Id"])
    answer = service.call(operation, service.gate("role/other"), Id=started["Id"])
    assert answer == {
        "__type": "ResourceNotFoundException",
        "Message": "Query does not exist.",
        "message": "Query does not exist.",
        "ResourceId": started["Id"],
        "status": 400,
    }
    assert service.call(operation, Id=UNKNOWN)["Message"] == "Query does not exist."
    assert service.call("DescribeStatement", service.gate(session="notify"), Id=started["Id"])["Status"] == "FINISHED"


@pytest.mark.parametrize(
    ("limit", "error"),
    [
        ({"max_row_bytes": 7}, "ERROR: Packet for query is too large"),
        ({"max_result_bytes": 23}, "ERROR: Database response exceeded size limit"),
    ],
)
def test_rows_and_results_have_a_largest_size(start: Any, limit: dict[str, int], error: str) -> None:
    service = start(**limit)
    done = service.ended(service.execute("ROWS 3")["Id"])
    assert (done["Status"], done["Error"], done["HasResultSet"]) == ("FAILED", error, False)
    fits = start(**{name: number + 1 for name, number in limit.items()})
    assert fits.ended(fits.execute("ROWS 3")["Id"])["Status"] == "FINISHED"


def test_no_statement_runs_longer_than_a_day(start: Any) -> None:
    service = start(max_seconds=0.2, tidy_up_seconds=0.05)
    assert service.ended(service.execute("SLEEP 60")["Id"])["Status"] == "ABORTED"


def test_no_session_lives_longer_than_a_day(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local_cloud.redshift_data.statements.sessions.LONGEST", timedelta(seconds=0.5))
    service = start(tidy_up_seconds=0.05)
    started = service.execute("SLEEP 60", SessionKeepAliveSeconds=86400)
    assert service.ended(started["Id"])["Status"] == "ABORTED"
    answer = service.call("ExecuteStatement", Sql="ROWS 1", SessionId=started["SessionId"])
    assert answer["Message"] in ("Session is not available", f"Session with Id: {started['SessionId']} is invalid")


def test_a_target_is_looked_up_before_iam_is_asked(service: Any) -> None:
    denied = service.gate(denied={"redshift-data:ExecuteStatement"})
    answer = service.execute("ROWS 1", denied, ClusterIdentifier="another")
    assert (answer["__type"], denied.asked) == ("ValidationException", [])
