"""ListStatements."""

from __future__ import annotations

from local_cloud.redshift_data.caller import Caller
from local_cloud.redshift_data.gate import Gate, owner_context
from local_cloud.redshift_data.operations.operation import Service
from local_cloud.redshift_data.pagination import next_token, offset_of
from local_cloud.redshift_data.statements.statement import Statement
from local_cloud.redshift_data.wire.service_model import JSON


def list_statements(service: Service, request: JSON, gate: Gate) -> JSON:
    """The newest statements first; only finished ones unless Status says otherwise."""
    gate.require("redshift-data:ListStatements", "*", "redshift-data", owner_context(gate.caller.user_id))
    wanted = request.get("Status", "FINISHED")
    below = offset_of(request.get("NextToken"), "ListStatements")
    found = [
        one
        for one in service.statements.newest_first()
        if _listed(one, request, gate.caller)
        and (wanted in ("ALL", one.status))
        and (not below or one.sequence < below)
    ]
    size = request.get("MaxResults") or 100
    page = found[:size]
    return {
        "Statements": [_summary(one) for one in page],
        "NextToken": next_token("ListStatements", page[-1].sequence) if len(found) > size else None,
    }


def _summary(statement: Statement) -> JSON:
    return {
        "Id": statement.id,
        "IsBatchStatement": statement.batch,
        "QueryString": None if statement.batch else statement.sql,
        "QueryStrings": [part.sql for part in statement.parts] if statement.batch else None,
        "QueryParameters": [{"name": key, "value": value} for key, value in statement.parameters.items()] or None,
        "SecretArn": statement.target.secret_arn,
        "StatementName": statement.name,
        "Status": statement.status,
        "CreatedAt": statement.created,
        "UpdatedAt": statement.updated,
        "ResultFormat": statement.result_format,
        "SessionId": statement.kept.id if statement.kept else None,
    }


def _listed(statement: Statement, request: JSON, caller: Caller) -> bool:
    """RoleLevel (default true): all statements of the caller's role, else only those of the caller's session."""
    if request.get("RoleLevel", True):
        mine = statement.caller.owner == caller.owner
    else:
        mine = statement.caller.arn == caller.arn
    target = statement.target
    return (
        mine
        and (statement.name or "").startswith(request.get("StatementName", ""))
        and request.get("Database", target.database) == target.database
        and request.get("ClusterIdentifier", target.cluster) == target.cluster
        and request.get("WorkgroupName", target.workgroup) == target.workgroup
    )
