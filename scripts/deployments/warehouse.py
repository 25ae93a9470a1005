"""Queries the warehouse through the Data API as its administrator, and waits for the rows."""

import time
from typing import Any

from local_cloud.process import LocalCloud


class QueryFailed(Exception):
    """The statement failed. The message is Redshift's."""


def query(cloud: LocalCloud, sql: str, *, user: str | None = None, database: str | None = None) -> list[dict[str, Any]]:
    """Runs a statement as `user` (default: the admin) and returns its rows as {column: value}; raises QueryFailed."""
    client = cloud.client("redshift-data")
    started = client.execute_statement(
        ClusterIdentifier=cloud.ready["cluster"],
        Database=database or cloud.ready["databases"][0],
        DbUser=user or cloud.ready["admin"],
        Sql=sql,
    )
    while (statement := client.describe_statement(Id=started["Id"]))["Status"] not in ("FINISHED", "FAILED", "ABORTED"):
        time.sleep(0.02)
    if statement["Status"] != "FINISHED":
        raise QueryFailed(statement.get("Error", statement["Status"]))
    if not statement.get("HasResultSet"):
        return []
    rows: list[dict[str, Any]] = []
    for page in client.get_paginator("get_statement_result").paginate(Id=started["Id"]):
        columns = [column["name"] for column in page["ColumnMetadata"]]
        rows += [dict(zip(columns, map(_value, record), strict=True)) for record in page["Records"]]
    return rows


def _value(field: dict[str, Any]) -> Any:
    return None if field.get("isNull") else next(iter(field.values()))
