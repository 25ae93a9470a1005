"""The warehouse of the gateway's tests: the Redshift Data API in memory."""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError


def refusal(status: int, code: str) -> ClientError:
    """An error of AWS."""
    response = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "Operation")  # type: ignore[arg-type]


@dataclass
class Statement:
    """A statement of the warehouse."""

    id: str
    name: str
    sql: str
    rows: list[list[Any]]
    status: str = "STARTED"
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def question(self) -> str:
        return self.name.split("/")[-1].split(".")[0]

    def event(self) -> dict[str, Any]:
        """Its completion event."""
        detail = {"statementId": self.id, "statementName": self.name, "state": self.status}
        return {"detail-type": "Redshift Data Statement Status Change", "source": "aws.redshift-data", "detail": detail}


class Warehouse:
    """A `redshift-data` client; a statement ends when it is told to."""

    def __init__(self) -> None:
        self.statements: dict[str, Statement] = {}
        self.rows: Callable[[Statement], list[list[Any]]] = lambda statement: [[n, statement.id] for n in range(5)]
        self.page = 2
        self.most_at_once = 0
        self.trouble: dict[str, list[Exception]] = {}
        self._tokens: dict[str, str] = {}
        self._lock = threading.Lock()

    def check(self, operation: str) -> None:
        if self.trouble.get(operation):
            raise self.trouble[operation].pop(0)

    def execute_statement(self, **request: Any) -> Any:
        with self._lock:
            self.check("execute_statement")
            token = request["ClientToken"]
            assert len(token) <= 64
            assert request["WithEvent"]
            if token not in self._tokens:
                parameters = {one["name"]: one["value"] for one in request.get("Parameters", [])}
                statement = Statement(
                    str(uuid.uuid4()), request["StatementName"], request["Sql"], [], parameters=parameters
                )
                statement.rows = self.rows(statement)
                self.statements[statement.id] = statement
                self._tokens[token] = statement.id
                at_once = [one for one in self.running() if one.question == statement.question]
                self.most_at_once = max(self.most_at_once, len(at_once))
            return {"Id": self._tokens[token]}

    def describe_statement(self, **request: Any) -> Any:
        self.check("describe_statement")
        statement = self._found(request["Id"])
        return {"Id": statement.id, "Status": statement.status, "Duration": 1_500_000_000}

    def get_statement_result(self, **request: Any) -> Any:
        self.check("get_statement_result")
        rows, start = self._found(request["Id"]).rows, int(request.get("NextToken", 0))
        end = start + self.page
        kinds = {str: "stringValue", int: "longValue", float: "doubleValue", bool: "booleanValue"}
        answer = {
            "ColumnMetadata": [{"name": "n", "typeName": "int8"}, {"name": "statement", "typeName": "varchar"}],
            "Records": [
                [{"isNull": True} if cell is None else {kinds[type(cell)]: cell} for cell in row]
                for row in rows[start:end]
            ],
        }
        return answer | ({"NextToken": str(end)} if end < len(rows) else {})

    def cancel_statement(self, **request: Any) -> Any:
        with self._lock:
            self.check("cancel_statement")
            statement = self._found(request["Id"])
            if statement.status != "STARTED":
                raise refusal(400, "ValidationException")
            statement.status = "ABORTED"
            return {"Status": True}

    def _found(self, statement_id: str) -> Statement:
        if statement_id not in self.statements:
            raise refusal(400, "ResourceNotFoundException")
        return self.statements[statement_id]

    def running(self) -> list[Statement]:
        return [one for one in self.statements.values() if one.status == "STARTED"]
