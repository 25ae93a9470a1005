"""DescribeStatement."""

from __future__ import annotations

from local_cloud.redshift_data.gate import Gate
from local_cloud.redshift_data.operations.operation import Service, find_statement
from local_cloud.redshift_data.statement import Part
from local_cloud.redshift_data.wire.service_model import JSON


def describe(service: Service, request: JSON, gate: Gate) -> JSON:
    """The state of a statement, of a batch with its parts, or of one part."""
    statement, part = find_statement(service, "DescribeStatement", request, gate)
    target = statement.target
    return {
        **_described(part),
        "HasResultSet": any(one.records is not None for one in [part, *(statement.parts if part is statement else [])]),
        "ClusterIdentifier": target.cluster,
        "WorkgroupName": target.workgroup,
        "Database": target.database,
        "DbUser": statement.db_user,
        "SecretArn": target.secret_arn,
        "RedshiftPid": statement.pid,
        "QueryString": None if statement.batch and part is statement else part.sql,
        "QueryParameters": [{"name": key, "value": value} for key, value in statement.parameters.items()] or None,
        "SubStatements": [_described(one) for one in statement.parts]
        if part is statement and statement.batch
        else None,
        "ResultFormat": "JSON",
    }


def _described(part: Part) -> JSON:
    return {
        "Id": part.id,
        "Status": part.status,
        "CreatedAt": part.created,
        "UpdatedAt": part.updated,
        "Duration": part.duration,
        "Error": part.error,
        "HasResultSet": part.records is not None,
        "QueryString": part.sql,
        "RedshiftQueryId": part.query_id,
        "ResultRows": part.rows,
        "ResultSize": part.size,
    }
