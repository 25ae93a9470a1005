"""Results: in CSV, of batches, and after they have expired."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError


def test_csv_has_a_header_and_ends_rows_with_cr_lf(api: Any) -> None:
    done = api.run("SELECT 1 AS a, 'x,\"y\"' AS b, NULL::int AS c, true AS d", ResultFormat="CSV")
    assert done["ResultFormat"] == "CSV"
    answer = api.client.get_statement_result_v2(Id=done["Id"])
    assert answer["Records"] == [{"CSVRecords": 'a,b,c,d\r\n1,"x,""y""",,true\r\n'}]
    assert (answer["TotalNumRows"], answer["ResultFormat"]) == (1, "CSV")
    assert [column["name"] for column in answer["ColumnMetadata"]] == ["a", "b", "c", "d"]
    with pytest.raises(ClientError, match=r"ValidationException.*GetStatementResultV2"):
        api.client.get_statement_result(Id=done["Id"])
    with pytest.raises(ClientError, match=r"ValidationException.*JSON"):
        api.client.get_statement_result_v2(Id=api.run("SELECT 1")["Id"])


def test_csv_comes_in_pages_of_a_megabyte(api: Any) -> None:
    done = api.run(
        "WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 30000)"
        " SELECT n, REPEAT('x', 100) AS t FROM g",
        ResultFormat="CSV",
    )
    assert done["Status"] == "FINISHED", done
    pages = list(api.client.get_paginator("get_statement_result_v2").paginate(Id=done["Id"]))
    texts = [page["Records"][0]["CSVRecords"] for page in pages]
    assert [len(text) <= 1024 * 1024 for text in texts] == [True] * 4
    rows = list(csv.reader(io.StringIO("".join(texts))))
    assert (rows[0], len(rows)) == (["n", "t"], 30001)


def test_a_batch_has_results_only_by_its_sub_statements(api: Any) -> None:
    done = api.batch("SELECT 1", "SELECT 2")
    with pytest.raises(ClientError) as refused:
        api.client.get_statement_result(Id=done["Id"])
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert error["Message"] == "BatchExecuteStatement result can only be retrieved with sub-statement id."
    assert api.rows(f"{done['Id']}:2") == [[2]]


@pytest.mark.parametrize("operation", ["describe_statement", "get_statement_result", "cancel_statement"])
def test_an_expired_statement_says_when_it_expired(api: Any, operation: str) -> None:
    done = api.run("SELECT 1")
    api.cloud.switch("expire", id=done["Id"])
    with pytest.raises(ClientError) as refused:
        getattr(api.client, operation)(Id=done["Id"])
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException"
    expired = int(done["CreatedAt"].timestamp())
    assert error["Message"] == f"Could not retrieve the query result as it has expired after {expired}."


def test_an_aged_statement_has_not_expired(api: Any) -> None:
    done = api.run("SELECT 1")
    api.cloud.switch("age", id=done["Id"], seconds=timedelta(hours=23).total_seconds())
    assert api.rows(done["Id"]) == [[1]]


def test_columns_have_their_defaults(api: Any) -> None:
    api.run("CREATE TABLE with_defaults (a INTEGER DEFAULT 7, b VARCHAR(5) DEFAULT 'x', c DATE)")
    columns = api.client.describe_table(**api.target, Table="with_defaults")["ColumnList"]
    assert columns[0]["columnDefault"] == "7"
    assert columns[1]["columnDefault"].startswith("'x'")
    assert "columnDefault" not in columns[2]
