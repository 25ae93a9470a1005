"""ExecuteStatement and BatchExecuteStatement."""

from __future__ import annotations

from local_cloud.redshift_data.errors import ValidationError
from local_cloud.redshift_data.gate import Gate, owner_context
from local_cloud.redshift_data.login import authorize, check_region
from local_cloud.redshift_data.operations.operation import Pending, Service, waits
from local_cloud.redshift_data.statements.parameters import parse_parameters
from local_cloud.redshift_data.statements.sessions import KeptSession
from local_cloud.redshift_data.statements.statement import Statement
from local_cloud.redshift_data.statements.statements import Submission, fingerprint
from local_cloud.redshift_data.targets import Target, resolve
from local_cloud.redshift_data.wire.service_model import JSON


def execute(service: Service, request: JSON, gate: Gate) -> JSON | Pending:
    """Start one statement."""
    return _start("ExecuteStatement", [request["Sql"]], service, request, gate)


def batch_execute(service: Service, request: JSON, gate: Gate) -> JSON | Pending:
    """Start several statements, in one transaction or each in its own."""
    return _start("BatchExecuteStatement", request["Sqls"], service, request, gate)


def _start(action: str, sqls: list[str], service: Service, request: JSON, gate: Gate) -> JSON | Pending:
    session, target, user = _connection(action, service, request, gate)
    batch = action == "BatchExecuteStatement"
    statement = service.statements.submit(
        Submission(
            caller=gate.caller,
            target=target,
            db_user=user,
            sqls=sqls,
            batch=batch,
            auto_commit=request.get("ExecutionMode") == "AUTO_COMMIT",
            name=request.get("StatementName"),
            with_event=request.get("WithEvent", False),
            csv=request.get("ResultFormat") == "CSV",
            parameters=parse_parameters(request, sqls),
            session=session,
            keep_alive=request.get("SessionKeepAliveSeconds"),
            token=request.get("ClientToken"),
            fingerprint=fingerprint({"Action": action, **request}),
        )
    )
    return waits(service, request, statement, lambda: _started(statement, waited="WaitTimeSeconds" in request))


def _connection(action: str, service: Service, request: JSON, gate: Gate) -> tuple[KeptSession | None, Target, str]:
    """The session that the request names, its target and its user. Asks IAM."""
    if "SessionId" not in request:
        target = resolve(request, service.config)
        parse_parameters(request, request.get("Sqls") or [request["Sql"]])
        return None, target, authorize(action, target, service.config, gate)
    if any(member in request for member in ("ClusterIdentifier", "WorkgroupName")):
        raise ValidationError("Only one of ClusterIdentifier, WorkgroupName or SessionId must be specified.")
    if any(member in request for member in ("DbUser", "SecretArn")):
        raise ValidationError("DbUser and SecretArn must not be specified with SessionId.")
    check_region(service.config, gate)
    session = service.statements.sessions.find(request["SessionId"], gate.caller.owner)
    if request.get("Database", session.target.database) != session.target.database:
        raise ValidationError("Database must be the database of the session.")
    context = owner_context(session.caller.user_id)
    gate.require(f"redshift-data:{action}", session.target.arn, "redshift-data", context)
    return session, session.target, session.db_user


def _started(statement: Statement, *, waited: bool) -> JSON:
    """The answer; the state of the statement is in it only after WaitTimeSeconds."""
    target = statement.target
    state = {"Status": statement.status, "RedshiftPid": statement.pid, "HasResultSet": statement.has_result}
    return {
        "Id": statement.id,
        "CreatedAt": statement.created,
        "ClusterIdentifier": target.cluster,
        "WorkgroupName": target.workgroup,
        "Database": target.database,
        "DbUser": statement.db_user,
        "SecretArn": target.secret_arn,
        "SessionId": statement.kept.id if statement.kept else None,
        **(state if waited else {}),
    }
