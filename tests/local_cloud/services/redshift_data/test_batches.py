"""BatchExecuteStatement with Parameters and ExecutionMode."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError


def test_parameters_are_for_all_statements(api: Any) -> None:
    values = [{"name": "a", "value": "1"}, {"name": "b", "value": "x"}]
    done = api.batch("SELECT :a::int", "SELECT :b || :a", "SELECT 3", Parameters=values)
    assert [api.rows(f"{done['Id']}:{n}") for n in (1, 2, 3)] == [[[1]], [["x1"]], [[3]]]
    assert done["QueryParameters"] == values
    with pytest.raises(ClientError, match=r"Unused parameters: \[b\]"):
        api.batch("SELECT :a::int", Parameters=values)
    with pytest.raises(ClientError, match="Cannot find parameter: c"):
        api.batch("SELECT :a", "SELECT :b || :c", Parameters=values)


def test_auto_commit_keeps_what_succeeded(api: Any) -> None:
    api.run("CREATE TABLE committed_alone (n INTEGER)")
    sqls = ("INSERT INTO committed_alone VALUES (1)", "SELECT * FROM nowhere", "INSERT INTO committed_alone VALUES (3)")
    done = api.batch(*sqls, "SELECT SUM(n) FROM committed_alone", ExecutionMode="AUTO_COMMIT")
    assert [part["Status"] for part in done["SubStatements"]] == ["FINISHED", "FAILED", "FINISHED", "FINISHED"]
    assert (done["ExecutionMode"], done["HasResultSet"]) == ("AUTO_COMMIT", True)
    assert api.rows(f"{done['Id']}:4") == [[4]]
    values = [{"name": "n", "value": "5"}]
    api.batch("INSERT INTO committed_alone VALUES (:n)", "SELECT 1", Parameters=values, ExecutionMode="AUTO_COMMIT")
    together = api.batch(*sqls, ExecutionMode="TRANSACTION")
    assert [part["Status"] for part in together["SubStatements"]] == ["ABORTED", "FAILED", "ABORTED"]
    assert together["ExecutionMode"] == "TRANSACTION"
    assert api.rows(api.run("SELECT SUM(n) FROM committed_alone")["Id"]) == [[9]]
    assert "ExecutionMode" not in api.run("SELECT 1")


def test_a_cancelled_batch_runs_no_further_statement(api: Any) -> None:
    api.run("CREATE TABLE after_the_cancel (n INTEGER)")
    endless = "WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n FROM g) SELECT COUNT(*) FROM g"
    started = api.client.batch_execute_statement(
        Sqls=[endless, "INSERT INTO after_the_cancel VALUES (1)"],
        ExecutionMode="AUTO_COMMIT",
        **api.target,
    )
    api.client.cancel_statement(Id=started["Id"])
    done = api.ended(started["Id"])
    assert [done["Status"], *(part["Status"] for part in done["SubStatements"])] == ["ABORTED"] * 3
    assert api.rows(api.run("SELECT COUNT(*) FROM after_the_cancel")["Id"]) == [[0]]
