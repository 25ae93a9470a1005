"""The operations of the Redshift Data API: who may, what it does, what it answers.

Nothing here knows ministack: a `Gate` (emulator_data_api.py) says who calls, asks IAM and reads secrets.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift_data import catalog, statements
from local_cloud.redshift_data import service_model as model
from local_cloud.redshift_data.service_model import JSON, ApiError, ValidationError
from local_cloud.redshift_data.statements import Part, Statement, Statements
from local_cloud.redshift_data.targets import NO_ENDPOINT, Caller, CloudConfig, Target, resolve

if TYPE_CHECKING:
    from local_cloud.redshift.warehouse import Warehouse

_FIELD_BYTES = 20  # what a value's name and punctuation take in JSON
_NO_QUERY = "Query does not exist."
_NO_RESULT = "Query does not have result. Please check query status with DescribeStatement."
# Everything in which a colon is no parameter: strings, names, comments, dollar quotes, casts.
_PARAMETERS = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|::|:=|(?<!\w):(?P<name>\w+)", re.DOTALL
)


class Gate(Protocol):
    """One request's way to IAM and Secrets Manager."""

    @property
    def caller(self) -> Caller:
        """Who signed the request."""

    def require(self, action: str, resource: str, service: str, context: Mapping[str, str] | None = None) -> None:
        """Raise AccessDeniedException unless IAM allows the action."""

    def secret(self, arn: str) -> str | None:
        """The text of a secret; None when there is none."""


class DataApi:
    """The service: one instance for the whole local cloud; requests come from many threads."""

    def __init__(self, warehouse: Warehouse, config: CloudConfig, announce: Callable[[Statement], None]) -> None:
        self._warehouse = warehouse
        self._config = config
        self.statements = Statements(warehouse, config, announce)
        self._operations: dict[str, Callable[[JSON, Gate], JSON]] = {
            "ExecuteStatement": self._execute,
            "BatchExecuteStatement": self._batch_execute,
            "DescribeStatement": self._describe,
            "GetStatementResult": self._result,
            "CancelStatement": self._cancel,
            "ListStatements": self._list,
            **{name: self._catalog(name, ask) for name, ask in catalog.OPERATIONS.items()},
        }

    def stop(self) -> None:
        """Cancel what runs."""
        self.statements.stop()

    def handle(self, name: str, body: bytes, gate: Gate) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body that answer one request."""
        try:
            request = model.parse_request(name, body)
            return model.answer(name, self._operations[name](request, gate))
        except ApiError as error:
            return error.answer()

    # --- starting

    def _execute(self, request: JSON, gate: Gate) -> JSON:
        return self._start("ExecuteStatement", [request["Sql"]], request, gate, batch=False)

    def _batch_execute(self, request: JSON, gate: Gate) -> JSON:
        if request.get("Parameters"):
            raise ValidationError("Parameters of BatchExecuteStatement is not emulated")
        return self._start("BatchExecuteStatement", request["Sqls"], request, gate, batch=True)

    def _start(self, action: str, sqls: list[str], request: JSON, gate: Gate, *, batch: bool) -> JSON:
        target = resolve(request, self._config)
        parameters = _parameters(request, sqls[0])
        user = self._login(action, target, gate)
        statement = self.statements.submit(
            gate.caller,
            target,
            user,
            sqls,
            batch=batch,
            name=request.get("StatementName"),
            with_event=request.get("WithEvent", False),
            parameters=parameters,
            token=request.get("ClientToken"),
            fingerprint=statements.fingerprint({"Action": action, **request}),
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

    def _login(self, action: str, target: Target, gate: Gate) -> str:
        """Ask IAM for the operation and for the credentials path; the database user that AWS would use."""
        if (gate.caller.account_id, gate.caller.region) != (self._config.account_id, self._config.region):
            raise ValidationError(NO_ENDPOINT)
        gate.require(f"redshift-data:{action}", target.arn, "redshift-data")
        for check in target.checks:
            gate.require(check.action, check.resource, check.service)
        if target.secret_arn:
            return _secret_user(gate.secret(target.secret_arn), target.secret_arn)
        return target.db_user or gate.caller.database_user

    # --- reading

    def _find(self, action: str, request: JSON, gate: Gate) -> tuple[Statement, Part]:
        found = self.statements.find(request["Id"])
        owner_id = found[0].caller.user_id if found else gate.caller.user_id
        gate.require(f"redshift-data:{action}", "*", "redshift-data", _owner_context(owner_id))
        # Same-role rule: to anyone else the statement does not exist.
        if found is None or found[0].caller.owner != gate.caller.owner:
            raise ApiError("ResourceNotFoundException", _NO_QUERY, ResourceId=request["Id"])
        return found

    def _describe(self, request: JSON, gate: Gate) -> JSON:
        statement, part = self._find("DescribeStatement", request, gate)
        target = statement.target
        return {
            **_described(part),
            "HasResultSet": any(
                one.records is not None for one in [part, *(statement.parts if part is statement else [])]
            ),
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

    def _result(self, request: JSON, gate: Gate) -> JSON:
        _, part = self._find("GetStatementResult", request, gate)
        if part.status != "FINISHED" or part.records is None:
            raise ApiError("ResourceNotFoundException", _NO_RESULT, ResourceId=request["Id"])
        start = _offset(request.get("NextToken"), request["Id"])
        end, size = start, 0
        while end < len(part.records) and end - start < self._config.page_rows:
            size += statements.row_bytes(part.records[end]) + _FIELD_BYTES * len(part.columns)
            if size > self._config.page_bytes and end > start:
                break
            end += 1
        return {
            "Records": [[model.field(value) for value in row] for row in part.records[start:end]],
            "ColumnMetadata": [_column(one) for one in part.columns],
            "TotalNumRows": len(part.records),
            "NextToken": _token(request["Id"], end) if end < len(part.records) else None,
        }

    def _cancel(self, request: JSON, gate: Gate) -> JSON:
        statement, _ = self._find("CancelStatement", request, gate)
        self.statements.cancel(statement)
        return {"Status": True}

    def _list(self, request: JSON, gate: Gate) -> JSON:
        gate.require("redshift-data:ListStatements", "*", "redshift-data", _owner_context(gate.caller.user_id))
        wanted = request.get("Status", "FINISHED")
        below = _offset(request.get("NextToken"), "ListStatements")
        found = [
            one
            for one in self.statements.newest_first()
            if _listed(one, request, gate.caller)
            and (wanted in ("ALL", one.status))
            and (not below or one.sequence < below)
        ]
        size = request.get("MaxResults") or 100
        page = found[:size]
        return {
            "Statements": [_summary(one) for one in page],
            "NextToken": _token("ListStatements", page[-1].sequence) if len(found) > size else None,
        }

    # --- the catalogue of the database, asked as the user

    def _catalog(self, name: str, ask: catalog.Question) -> Callable[[JSON, Gate], JSON]:
        def run(request: JSON, gate: Gate) -> JSON:
            if "ConnectedDatabase" in request and request["ConnectedDatabase"] != request["Database"]:
                raise ValidationError("ConnectedDatabase (another database than Database) is not emulated")
            target = resolve(request, self._config)
            user = self._login(name, target, gate)
            start = _offset(request.get("NextToken"), name)
            try:
                session = statements.connect(self._warehouse, target.database, user)
                try:
                    key, rows, extra = ask(session, request)
                finally:
                    session.close()
            except statements.LoginRefused as error:
                raise ApiError("DatabaseConnectionException", str(error)) from error
            except SqlError as error:
                raise ValidationError(error.message) from error
            end = start + (request.get("MaxResults") or 1000)
            return {key: rows[start:end], "NextToken": _token(name, end) if end < len(rows) else None, **extra}

        return run


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
        "ResultFormat": "JSON",
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


def _column(column: Any) -> JSON:
    numeric = column.type in ("int2", "int4", "int8", "float4", "float8", "numeric")
    return {
        "isCaseSensitive": column.type in ("varchar", "bpchar", "text", "name"),
        "isCurrency": False,
        "isSigned": numeric,
        "label": column.name,
        "name": column.name,
        "nullable": int(column.nullable),
        "precision": column.precision,
        "scale": column.scale,
        "schemaName": column.schema,
        "tableName": column.table,
        "typeName": column.type,
        "length": column.length,
    }


def _parameters(request: JSON, sql: str) -> dict[str, str]:
    """The named parameters; each must stand in the SQL and each `:name` must have a value."""
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


def _secret_user(text: str | None, arn: str) -> str:
    if text is None:
        raise ValidationError(f"Secrets Manager can't find the specified secret: {arn}")
    try:
        secret = json.loads(text)
    except ValueError:
        secret = None
    if not isinstance(secret, dict) or not secret.get("username") or not secret.get("password"):
        raise ValidationError("username and password in secret cannot be empty")
    return str(secret["username"])


def _owner_context(user_id: str) -> dict[str, str]:
    """The service's condition keys (service authorization reference, Redshift Data API)."""
    return {
        "redshift-data:statement-owner-iam-userid": user_id,
        "redshift-data:session-owner-iam-userid": user_id,
    }


def _token(scope: str, offset: int) -> str:
    return base64.urlsafe_b64encode(f"{scope} {offset}".encode()).decode()


def _offset(token: str | None, scope: str) -> int:
    if not token:
        return 0
    try:
        given, _, offset = base64.urlsafe_b64decode(token.encode()).decode().rpartition(" ")
        if given == scope and offset.isdigit():
            return int(offset)
    except (binascii.Error, ValueError):
        pass
    raise ValidationError("Invalid NextToken.")
