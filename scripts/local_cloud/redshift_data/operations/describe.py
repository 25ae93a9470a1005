"""DescribeStatement."""

from __future__ import annotations

from local_cloud.redshift_data.gate import Gate
from local_cloud.redshift_data.operations.operation import Pending, Service, find_statement, waits
from local_cloud.redshift_data.statements.statement import Part, Statement
from local_cloud.redshift_data.wire.service_model import JSON


def describe(service: Service, request: JSON, gate: Gate) -> JSON | Pending:
    """The state of a statement, of a batch with its parts, or of one part."""
    statement, part = find_statement(service, "DescribeStatement", request, gate)
    return waits(service, request, part, lambda: _members(statement, part))


def _members(statement: Statement, part: Part) -> JSON:
    target = statement.target
    whole = part is statement
    return {
        **_described(part),
        "HasResultSet": statement.has_result if whole else part.records is not None,
        "ClusterIdentifier": target.cluster,
        "WorkgroupName": target.workgroup,
        "Database": target.database,
        "DbUser": statement.db_user,
        "SecretArn": target.secret_arn,
        "RedshiftPid": statement.pid,
        "QueryString": None if statement.batch and whole else part.sql,
        "QueryParameters": [{"name": key, "value": value} for key, value in statement.parameters.items()] or None,
        "SubStatements": [_described(one) for one in statement.parts] if statement.batch and whole else None,
        "ResultFormat": statement.result_format,
        "SessionId": statement.kept.id if statement.kept else None,
        "ExecutionMode": statement.execution_mode,
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
