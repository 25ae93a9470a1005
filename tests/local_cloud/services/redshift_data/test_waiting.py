"""WaitTimeSeconds: the answer comes with the end of the statement, and nobody else waits for it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

MANY = 60  # more than the threads that serve the Data API


@pytest.fixture
def stuck(api: Any) -> Any:
    """A statement that runs until the end of the test."""
    api.run("CREATE TABLE IF NOT EXISTS waited_for (n INTEGER)")
    holder = api.start("BEGIN", SessionKeepAliveSeconds=120, WaitTimeSeconds=10)["SessionId"]
    api.run("LOCK waited_for", SessionId=holder)
    started = api.start("SELECT COUNT(*) FROM waited_for")
    yield started["Id"]
    if api.client.describe_statement(Id=started["Id"])["Status"] == "STARTED":
        api.client.cancel_statement(Id=started["Id"])
    api.run("ROLLBACK", SessionId=holder, SessionKeepAliveSeconds=0)


def test_execute_answers_with_the_end(api: Any) -> None:
    started = api.start("SELECT 7", WaitTimeSeconds=20)
    assert (started["Status"], started["HasResultSet"], started["RedshiftPid"] > 0) == ("FINISHED", True, True)
    assert api.rows(started["Id"]) == [[7]]
    failed = api.start("SELECT * FROM nowhere", WaitTimeSeconds=20)
    assert (failed["Status"], failed["HasResultSet"]) == ("FAILED", False)
    batch = api.client.batch_execute_statement(
        Sqls=["CREATE TEMP TABLE t (n INTEGER)", "SELECT * FROM t"], **api.target, WaitTimeSeconds=20
    )
    assert (batch["Status"], batch["HasResultSet"]) == ("FINISHED", True)
    assert "Status" not in api.start("SELECT 7")


def test_what_still_runs_is_told_after_the_time(api: Any, stuck: str) -> None:
    begun = time.monotonic()
    assert api.client.describe_statement(Id=stuck, WaitTimeSeconds=1)["Status"] == "STARTED"
    assert 1 <= time.monotonic() - begun < 5
    with pytest.raises(ClientError, match="Query does not have result"):
        api.client.get_statement_result(Id=stuck, WaitTimeSeconds=1)


def test_results_come_with_the_end(api: Any) -> None:
    started = api.start(
        "WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 500000) SELECT COUNT(*) FROM g"
    )
    answer = api.client.get_statement_result(Id=started["Id"], WaitTimeSeconds=30)
    assert answer["Records"] == [[{"longValue": 500000}]]
    assert api.client.describe_statement(Id=started["Id"], WaitTimeSeconds=20)["Status"] == "FINISHED"
    in_csv = api.start("SELECT 7 AS n", ResultFormat="CSV")
    pages = api.client.get_statement_result_v2(Id=in_csv["Id"], WaitTimeSeconds=20)
    assert pages["Records"] == [{"CSVRecords": "n\r\n7\r\n"}]


def test_many_wait_without_keeping_others_waiting(api: Any, stuck: str) -> None:
    client = api.cloud.client("redshift-data", config=Config(max_pool_connections=MANY))
    with ThreadPoolExecutor(MANY) as pool:
        waits = [pool.submit(client.describe_statement, Id=stuck, WaitTimeSeconds=30) for _ in range(MANY)]
        time.sleep(2)
        begun = time.monotonic()
        assert api.run("SELECT 1")["Status"] == "FINISHED"
        assert time.monotonic() - begun < 5
        assert not any(one.done() for one in waits)
        api.client.cancel_statement(Id=stuck)
        assert {one.result(20)["Status"] for one in waits} == {"ABORTED"}


def test_the_requests_that_wait_for_a_statement_can_be_limited(api: Any, stuck: str, quotas: Any) -> None:
    quotas(waiting_requests=1)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(api.client.describe_statement, Id=stuck, WaitTimeSeconds=3)
        time.sleep(1)
        with pytest.raises(ClientError, match="ActiveWaitingRequestsExceededException"):
            api.cloud.client("redshift-data").describe_statement(Id=stuck, WaitTimeSeconds=1)
        assert first.result(20)["Status"] == "STARTED"
    assert api.client.describe_statement(Id=stuck, WaitTimeSeconds=1)["Status"] == "STARTED"
