"""Sessions that outlive a statement: SessionKeepAliveSeconds, SessionId and ListSessions."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.setting import Setting, invoke
from tests.local_cloud.waiting import until


def code_of(call: Any, **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**members)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_temporary_tables_and_transactions_last_from_statement_to_statement(api: Any) -> None:
    first = api.start("CREATE TEMP TABLE kept (n INTEGER)", SessionKeepAliveSeconds=60)
    session = first["SessionId"]
    assert api.ended(first["Id"])["SessionId"] == session
    pids = {api.run(sql, SessionId=session)["RedshiftPid"] for sql in ("BEGIN", "INSERT INTO kept VALUES (1)")}
    assert len(pids) == 1
    assert api.rows(api.run("SELECT COUNT(*) FROM kept", SessionId=session)["Id"]) == [[1]]
    assert api.run("ROLLBACK", SessionId=session)["Status"] == "FINISHED"
    done = api.batch("SELECT COUNT(*) FROM kept", "SELECT 2", SessionId=session)
    assert (done["SessionId"], api.rows(f"{done['Id']}:1")) == (session, [[0]])
    assert api.run("SELECT * FROM kept")["Error"] == 'ERROR: relation "kept" does not exist'


def test_a_session_is_listed_until_its_time_is_up(api: Any) -> None:
    started = api.start("SELECT 1", SessionKeepAliveSeconds=2)
    api.ended(started["Id"])
    session = started["SessionId"]
    (listed,) = [one for one in api.client.list_sessions()["Sessions"] if one["SessionId"] == session]
    assert (listed["Status"], listed["DbUser"], listed["Database"]) == ("AVAILABLE", "awsuser", "dev")
    assert listed["SessionAliveSeconds"] == 2
    assert 0 < (listed["SessionTtl"] - listed["UpdatedAt"]).total_seconds() <= 2
    pid = api.ended(started["Id"])["RedshiftPid"]

    def backends() -> Any:
        return api.rows(api.run(f"SELECT COUNT(*) FROM pg_stat_activity WHERE pid = {pid}")["Id"])

    assert backends() == [[1]]
    until(lambda: api.client.list_sessions(SessionId=session)["Sessions"][0]["Status"], lambda s: s == "CLOSED")
    until(backends, lambda got: got == [[0]])
    assert session not in [one["SessionId"] for one in api.client.list_sessions()["Sessions"]]
    assert session in [one["SessionId"] for one in api.client.list_sessions(Status="CLOSED")["Sessions"]]
    refused = code_of(api.client.execute_statement, Sql="SELECT 1", SessionId=session)
    assert refused == ("ValidationException", "Session is not available")


def test_each_statement_prolongs_its_session(api: Any) -> None:
    session = api.start("SELECT 1", SessionKeepAliveSeconds=2)["SessionId"]
    for _ in range(3):
        time.sleep(1)
        assert api.run("SELECT 1", SessionId=session)["Status"] == "FINISHED"
    api.run("SELECT 1", SessionId=session, SessionKeepAliveSeconds=0)
    assert api.client.list_sessions(SessionId=session)["Sessions"][0]["Status"] == "CLOSED"


def test_a_busy_session_takes_no_statement_and_can_be_cancelled(api: Any) -> None:
    api.run("CREATE TABLE locked_by_a_session (n INTEGER)")
    holder = api.start("BEGIN", SessionKeepAliveSeconds=60)["SessionId"]
    until(lambda: status(api, holder), lambda got: got == "AVAILABLE")
    api.run("LOCK locked_by_a_session", SessionId=holder)
    waiting = api.start("SELECT * FROM locked_by_a_session", SessionKeepAliveSeconds=60)
    session = waiting["SessionId"]
    (busy,) = api.client.list_sessions(SessionId=session)["Sessions"]
    assert (busy["Status"], busy["CurrentStatementId"]) == ("BUSY", waiting["Id"])
    assert code_of(api.client.execute_statement, Sql="SELECT 1", SessionId=session)[0] == "ValidationException"
    api.client.cancel_statement(Id=waiting["Id"])
    assert api.ended(waiting["Id"])["Status"] == "ABORTED"
    assert api.rows(api.run("SELECT 5", SessionId=session)["Id"]) == [[5]]
    api.run("ROLLBACK", SessionId=holder, SessionKeepAliveSeconds=0)


def status(api: Any, session: str) -> str:
    return str(api.client.list_sessions(SessionId=session)["Sessions"][0]["Status"])


def test_an_unknown_session(api: Any) -> None:
    unknown = "00000000-0000-0000-0000-000000000000"
    refused = code_of(api.client.execute_statement, Sql="SELECT 1", SessionId=unknown)
    assert refused == ("ValidationException", f"Session with Id: {unknown} is invalid")
    assert code_of(api.client.list_sessions, SessionId=unknown)[0] == "ResourceNotFoundException"
    assert code_of(api.client.list_sessions, SessionId=unknown, Status="BUSY")[0] == "ValidationException"


def test_a_session_is_of_the_role_that_opened_it(api: Any, setting: Setting) -> None:
    session = api.start("SELECT 1", SessionKeepAliveSeconds=30)["SessionId"]
    use = {"Sql": "SELECT 1", "SessionId": session}
    with pytest.raises(RuntimeError, match="is invalid"):
        invoke(setting.cloud, setting.name, call=["redshift-data", "execute_statement", use])


def test_sessions_that_cannot_log_in_are_closed(api: Any) -> None:
    target = {**api.target, "DbUser": "nobody"}
    started = api.client.execute_statement(Sql="SELECT 1", SessionKeepAliveSeconds=30, **target)
    assert api.ended(started["Id"])["Status"] == "FAILED"
    assert status(api, started["SessionId"]) == "CLOSED"


def test_the_number_of_sessions_is_limited(api: Any, quotas: Any) -> None:
    quotas(active_sessions=0)
    refused = code_of(api.client.execute_statement, Sql="SELECT 1", SessionKeepAliveSeconds=1, **api.target)
    assert refused[0] == "ActiveSessionsExceededException"
    assert api.run("SELECT 1")["Status"] == "FINISHED"
