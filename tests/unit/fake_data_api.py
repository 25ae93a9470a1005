"""The Data API of the unit tests; it knows botocore's model."""

import base64
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from botocore.session import get_session
from botocore.validate import ParamValidator

MODEL = get_session().get_service_model("redshift-data")


def check(shape: Any, value: Any, path: str) -> None:
    """The rules of a shape that botocore leaves to the service: patterns, longest lengths and enumerations."""
    if shape.type_name == "structure":
        for name, member in value.items():
            check(shape.members[name], member, f"{path}.{name}")
    elif shape.type_name == "list":
        assert len(value) <= shape.metadata.get("max", len(value)), f"{path}: too many"
        for item in value:
            check(shape.member, item, path)
    elif shape.type_name == "string":
        assert len(value) <= shape.metadata.get("max", len(value)), f"{path}: too long"
        assert re.fullmatch(shape.metadata.get("pattern", ".*"), value, re.DOTALL), f"{path}: {value!r}"
        assert value in (shape.enum or [value]), f"{path}: {value!r}"
    elif shape.type_name in ("integer", "long"):
        assert value <= shape.metadata.get("max", value), f"{path}: too large"


def conforms(shape: Any, value: dict[str, Any]) -> None:
    """The value is what the service model says, without members that it does not know."""
    report = ParamValidator().validate(value, shape)
    assert not report.has_errors(), report.generate_report()
    check(shape, value, shape.name)


@dataclass
class Known:
    """A statement as the service knows it."""

    id: str
    sqls: list[str]
    name: str = ""
    status: str = "SUBMITTED"
    error: str = ""
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    duration: int = -1
    rows: int = -1
    pid: int = 0
    table: list[dict[str, Any]] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)


class FakeDataApi:
    """A `redshift-data` client: requests and answers are held to botocore's model, statements end as they are told."""

    def __init__(self) -> None:
        self.statements: dict[str, Known] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.page_size = 2
        self.becomes: list[tuple[str, dict[str, Any]]] = []
        self._tokens: dict[str, str] = {}
        self._refusals: dict[str, list[Exception]] = {}
        self._always: dict[str, Exception] = {}

    # What a test says.

    def given(self, name: str = "", **facts: Any) -> Known:
        """A statement that is there already."""
        sql = facts.pop("sql", "CALL public.execute_elt_process()")
        known = Known(id=facts.pop("id", str(uuid.uuid4())), sqls=[sql], name=name, **facts)
        self.statements[known.id] = known
        return known

    def when(self, part_of_sql: str, **facts: Any) -> None:
        """Statements with this text will be like this, the first rule that fits."""
        self.becomes.append((part_of_sql, facts))

    def refuse(self, operation: str, code: str, message: str = "", times: int | None = None) -> None:
        """Refuses an operation, always or a number of times."""
        self.fail(operation, ClientError({"Error": {"Code": code, "Message": message}}, operation), times)

    def fail(self, operation: str, error: Exception, times: int | None = None) -> None:
        """Raises, always or a number of times."""
        if times is None:
            self._always[operation] = error
        else:
            self._refusals.setdefault(operation, []).extend([error] * times)

    def allow(self, operation: str) -> None:
        """Ends a refusal."""
        self._always.pop(operation, None)

    def made(self, operation: str) -> list[dict[str, Any]]:
        """The requests of an operation."""
        return [request for name, request in self.calls if name == operation]

    # What the functions call.

    def execute_statement(self, **request: Any) -> dict[str, Any]:
        return self._answer("ExecuteStatement", request, self._execute)

    def batch_execute_statement(self, **request: Any) -> dict[str, Any]:
        return self._answer("BatchExecuteStatement", request, self._execute)

    def describe_statement(self, **request: Any) -> dict[str, Any]:
        return self._answer("DescribeStatement", request, self._describe)

    def get_statement_result(self, **request: Any) -> dict[str, Any]:
        return self._answer("GetStatementResult", request, self._result)

    def cancel_statement(self, **request: Any) -> dict[str, Any]:
        return self._answer("CancelStatement", request, self._cancel)

    def list_statements(self, **request: Any) -> dict[str, Any]:
        return self._answer("ListStatements", request, self._list)

    def _answer(self, operation: str, request: dict[str, Any], make: Callable[..., dict[str, Any]]) -> dict[str, Any]:
        model = MODEL.operation_model(operation)
        conforms(model.input_shape, request)
        self.calls.append((operation, request))
        if waiting := self._refusals.get(operation):
            raise waiting.pop(0)
        if operation in self._always:
            raise self._always[operation]
        answer = make(**request)
        conforms(model.output_shape, answer)
        return answer

    def _execute(self, ClientToken: str, StatementName: str = "", **request: Any) -> dict[str, Any]:  # noqa: N803
        if ClientToken not in self._tokens:
            sqls = request.get("Sqls") or [request["Sql"]]
            facts = next((facts for part, facts in self.becomes if any(part in sql for sql in sqls)), {})
            known = Known(id=str(uuid.uuid4()), sqls=sqls, name=StatementName, **facts)
            self.statements[known.id] = known
            self._tokens[ClientToken] = known.id
        return {"Id": self._tokens[ClientToken], "Database": request["Database"]}

    def _known(self, statement_id: str) -> Known:
        if statement_id not in self.statements:
            error = {"Code": "ResourceNotFoundException", "Message": "Query does not exist."}
            raise ClientError({"Error": error}, "DescribeStatement")
        return self.statements[statement_id]

    def _describe(self, Id: str) -> dict[str, Any]:  # noqa: N803
        known = self._known(Id)
        answer = {
            "Id": known.id,
            "Status": known.status,
            "QueryString": known.sqls[0],
            "CreatedAt": known.created_at,
            "UpdatedAt": known.updated_at,
            "Duration": known.duration,
            "ResultRows": known.rows,
            "RedshiftPid": known.pid,
            "HasResultSet": bool(known.table),
        }
        if known.error:
            answer["Error"] = known.error
        if known.parts:
            answer["SubStatements"] = [{"Id": f"{known.id}:{n}", **part} for n, part in enumerate(known.parts, 1)]
        return answer

    def _result(self, Id: str, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        table, start = self._known(Id).table, int(NextToken)
        end = start + self.page_size
        columns = list(table[0]) if table else ["nothing"]
        answer: dict[str, Any] = {
            "ColumnMetadata": [{"name": column, "label": column} for column in columns],
            "Records": [[_field(row[column]) for column in columns] for row in table[start:end]],
            "TotalNumRows": len(table),
        }
        return answer | ({"NextToken": str(end)} if end < len(table) else {})

    def _cancel(self, Id: str) -> dict[str, Any]:  # noqa: N803
        self._known(Id).status = "ABORTED"
        return {"Status": True}

    def _list(
        self,
        StatementName: str = "",  # noqa: N803
        Status: str = "FINISHED",  # noqa: N803
        MaxResults: int = 100,  # noqa: N803
        NextToken: str = "0",  # noqa: N803
    ) -> dict[str, Any]:
        found = [
            {"Id": known.id, "StatementName": known.name, "Status": known.status, "UpdatedAt": known.updated_at}
            for known in self.statements.values()
            if known.name.startswith(StatementName) and Status in (known.status, "ALL")
        ]
        end = int(NextToken) + MaxResults
        answer: dict[str, Any] = {"Statements": found[int(NextToken) : end]}
        return answer | ({"NextToken": str(end)} if end < len(found) else {})


def _field(value: Any) -> dict[str, Any]:
    if value is None:
        return {"isNull": True}
    if isinstance(value, bytes):  # as in the body, which the functions read without botocore's parser
        return {"blobValue": base64.b64encode(value).decode()}
    member = {bool: "booleanValue", int: "longValue", float: "doubleValue", str: "stringValue"}[type(value)]
    return {member: value}
