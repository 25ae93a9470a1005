"""ListSessions."""

from __future__ import annotations

from local_cloud.redshift_data.errors import ApiError, ValidationError
from local_cloud.redshift_data.gate import Gate, owner_context
from local_cloud.redshift_data.operations.operation import Service
from local_cloud.redshift_data.pagination import next_token, offset_of
from local_cloud.redshift_data.statements.sessions import KeptSession
from local_cloud.redshift_data.wire.service_model import JSON

_FILTERS = ("Status", "ClusterIdentifier", "WorkgroupName", "Database")


def list_sessions(service: Service, request: JSON, gate: Gate) -> JSON:
    """The caller's sessions, the newest first; closed ones only when Status or SessionId asks for them."""
    gate.require("redshift-data:ListSessions", "*", "redshift-data", owner_context(gate.caller.user_id))
    if "SessionId" in request and any(member in request for member in _FILTERS):
        raise ValidationError(f"{', '.join(_FILTERS)} must not be specified with SessionId.")
    if "ClusterIdentifier" in request and "WorkgroupName" in request:
        raise ValidationError("Only one of ClusterIdentifier or WorkgroupName must be specified.")
    owned = service.statements.sessions.owned(gate.caller, role_level=request.get("RoleLevel", True))
    found = [one for one in owned if _wanted(one, request)]
    if "SessionId" in request and not found:
        session_id = request["SessionId"]
        raise ApiError("ResourceNotFoundException", f"Session {session_id} does not exist.", ResourceId=session_id)
    start = offset_of(request.get("NextToken"), "ListSessions")
    end = start + (request.get("MaxResults") or 100)
    return {
        "Sessions": [_described(one) for one in found[start:end]],
        "NextToken": next_token("ListSessions", end) if end < len(found) else None,
    }


def _wanted(session: KeptSession, request: JSON) -> bool:
    if "SessionId" in request:
        return bool(session.id == request["SessionId"])
    target = session.target
    statuses = (request["Status"],) if "Status" in request else ("AVAILABLE", "BUSY")
    return (
        session.status in statuses
        and request.get("Database", target.database) == target.database
        and request.get("ClusterIdentifier", target.cluster) == target.cluster
        and request.get("WorkgroupName", target.workgroup) in (target.workgroup, target.arn)
    )


def _described(session: KeptSession) -> JSON:
    target = session.target
    return {
        "SessionId": session.id,
        "Status": session.status,
        "CreatedAt": session.created,
        "UpdatedAt": session.updated,
        "Database": target.database,
        "DbUser": session.db_user,
        "ClusterIdentifier": target.cluster,
        "WorkgroupName": target.workgroup,
        "SessionAliveSeconds": session.keep_alive,
        "SessionTtl": session.expires,
        "CurrentStatementId": session.statement_id,
    }
