"""ExecuteStatement and BatchExecuteStatement."""

from __future__ import annotations

import re

from local_cloud.redshift_data.errors import ValidationError
from local_cloud.redshift_data.gate import Gate
from local_cloud.redshift_data.login import authorize
from local_cloud.redshift_data.operations.operation import Service
from local_cloud.redshift_data.statements import fingerprint
from local_cloud.redshift_data.targets import resolve
from local_cloud.redshift_data.wire.service_model import JSON

# Everything in which a colon is no parameter: strings, names, comments, dollar quotes, casts.
_PARAMETERS = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|::|:=|(?<!\w):(?P<name>\w+)", re.DOTALL
)


def execute(service: Service, request: JSON, gate: Gate) -> JSON:
    """Start one statement."""
    return _start("ExecuteStatement", [request["Sql"]], service, request, gate, batch=False)


def batch_execute(service: Service, request: JSON, gate: Gate) -> JSON:
    """Start several statements in one transaction."""
    if request.get("Parameters"):
        raise ValidationError("Parameters of BatchExecuteStatement is not emulated")
    return _start("BatchExecuteStatement", request["Sqls"], service, request, gate, batch=True)


def _start(action: str, sqls: list[str], service: Service, request: JSON, gate: Gate, *, batch: bool) -> JSON:
    target = resolve(request, service.config)
    parameters = _parameters(request, sqls[0])
    user = authorize(action, target, service.config, gate)
    statement = service.statements.submit(
        gate.caller,
        target,
        user,
        sqls,
        batch=batch,
        name=request.get("StatementName"),
        with_event=request.get("WithEvent", False),
        parameters=parameters,
        token=request.get("ClientToken"),
        fingerprint=fingerprint({"Action": action, **request}),
    )
    return {
        "Id": statement.id,
        "CreatedAt": statement.created,
        "ClusterIdentifier": target.cluster,
        "WorkgroupName": target.workgroup,
        "Database": target.database,
        "DbUser": statement.db_user,
        "SecretArn": target.secret_arn,
    }


def _parameters(request: JSON, sql: str) -> dict[str, str]:
    """The named parameters; the SQL must use each of them, and each `:name` must have a value."""
    given = {one["name"]: one["value"] for one in request.get("Parameters", [])}
    if len(given) != len(request.get("Parameters", [])):
        raise ValidationError("Parameters list contains duplicate names.")
    if "Parameters" not in request:
        return {}
    used = {match["name"] for match in _PARAMETERS.finditer(sql) if match["name"]}
    if unused := sorted(set(given) - used):
        raise ValidationError(f"Parameters list contains unused parameters. Unused parameters: [{', '.join(unused)}]")
    if missing := sorted(used - set(given)):
        raise ValidationError(f"Cannot find parameter: {missing[0]}")
    return given
