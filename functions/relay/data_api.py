"""The Redshift Data API as the functions use it: no call waits for a statement, and every error has a type.

Facts are from the `redshift-data` service model of botocore and from
https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from relay.clients import LazyClient, make_client
from relay.errors import CallFailed, InputError, SettingsError, StatementNotFound
from relay.metrics import metrics
from relay.names import StatementName
from relay.result_records import Value, read_results_as_json, rows_of
from relay.settings import Target
from relay.sql_size import check_sql

if TYPE_CHECKING:
    from mypy_boto3_redshift_data import RedshiftDataAPIServiceClient as Client

MAX_BATCH = 40
"""Statements of one BatchExecuteStatement (service model, SqlList)."""
RUNNING = ("SUBMITTED", "PICKED", "STARTED")
_OF_ONE_STATEMENT = ("DescribeStatement", "GetStatementResult", "CancelStatement")

T = TypeVar("T")


@dataclass(frozen=True)
class Statement:
    """The result of DescribeStatement (without the name); `rows` is None where Redshift counts none.

    `duration_seconds` is None until Redshift knows it.
    """

    id: str
    status: str
    sql: str = ""
    error: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    duration_seconds: float | None = None
    rows: int | None = None
    session_id: int = 0
    parts: tuple["Statement", ...] = ()


@dataclass(frozen=True)
class ResultColumn:
    """A column of a result, with Redshift's type name (`int4`, `varchar`, `timestamp`, ...)."""

    name: str
    type: str


@dataclass(frozen=True)
class Page:
    """Part of a result; DECIMAL, DATE and TIMESTAMP are text, VARBYTE is base64. `last`: no page comes after it."""

    columns: list[ResultColumn]
    rows: list[tuple[Value, ...]]
    last: bool


@dataclass(frozen=True)
class Listed:
    """One entry of ListStatements."""

    id: str
    name: str
    status: str
    updated_at: datetime | None


@cache
def default_client() -> "Client":
    """One a process; standard retries cover throttling that botocore recognizes."""
    return LazyClient(_make_client)  # type: ignore[return-value]


def _make_client() -> "Client":
    client: Client = make_client("redshift-data", Config(retries={"mode": "standard", "total_max_attempts": 5}))
    read_results_as_json(client)
    return client


class DataApi:
    """Statements at one warehouse; without a target they can be described, not started."""

    def __init__(self, target: Target | None, client: "Client | None" = None) -> None:
        self._target = target
        self._client = client or default_client()

    def execute(self, sql: str, name: StatementName, token: str, parameters: Mapping[str, str] | None = None) -> str:
        """Starts one statement and returns its id; an event reports its end. Raises CallFailed or InputError.

        The same token starts nothing twice for 8 hours, and returns the same id even if that statement failed.
        """
        check_sql(sql)
        arguments: dict[str, Any] = {
            **self._where(),
            "Sql": sql,
            "StatementName": str(name),
            "ClientToken": token,
            "WithEvent": True,
        }
        if parameters:
            arguments["Parameters"] = [{"name": key, "value": value} for key, value in parameters.items()]
        return call("ExecuteStatement", partial(self._client.execute_statement, **arguments))["Id"]

    def execute_batch(self, sqls: Sequence[str], name: StatementName, token: str, *, with_event: bool = False) -> str:
        """Starts up to 40 statements as one transaction and returns the id. Raises CallFailed or InputError.

        With `with_event`, an event reports the end.
        """
        if not 1 <= len(sqls) <= MAX_BATCH:
            raise InputError("sqls", f"1 to {MAX_BATCH} statements, not {len(sqls)}")
        for sql in sqls:
            check_sql(sql)
        arguments: dict[str, Any] = {
            **self._where(),
            "Sqls": list(sqls),
            "StatementName": str(name),
            "ClientToken": token,
            "WithEvent": with_event,
        }
        return call("BatchExecuteStatement", partial(self._client.batch_execute_statement, **arguments))["Id"]

    def _where(self) -> dict[str, str]:
        if self._target is None:
            raise SettingsError("REDSHIFT_DATABASE is not set: this function has no warehouse to run statements in")
        return self._target.arguments()

    def describe(self, statement_id: str) -> Statement:
        """The state of a statement. Raises StatementNotFound for another role's statement too."""
        return _statement(call("DescribeStatement", partial(self._client.describe_statement, Id=statement_id)))

    def cancel(self, statement_id: str) -> None:
        """Cancels a statement. Raises CallFailed, also if the statement has already ended."""
        call("CancelStatement", partial(self._client.cancel_statement, Id=statement_id))

    def results(self, statement_id: str) -> Iterator[Page]:
        """The result of a finished statement, page by page. Raises StatementNotFound if Redshift no longer keeps it."""
        token: dict[str, str] = {}
        columns: list[ResultColumn] = []
        while True:
            arguments: dict[str, Any] = {"Id": statement_id, **token}
            page = call("GetStatementResult", partial(self._client.get_statement_result, **arguments))
            described = page.get("ColumnMetadata", [])
            columns = [ResultColumn(one.get("name", ""), one.get("typeName", "")) for one in described] or columns
            more = page.get("NextToken")
            yield Page(columns, rows_of(page["Records"]), last=not more)
            if not more:
                return
            token = {"NextToken": more}

    def rows(self, statement_id: str) -> Iterator[dict[str, Value]]:
        """The rows of a finished statement as {column: value}."""
        for page in self.results(statement_id):
            names = [column.name for column in page.columns]
            yield from (dict(zip(names, row, strict=True)) for row in page.rows)

    def listed(self, prefix: str, statuses: Sequence[str]) -> Iterator[Listed]:
        """This role's statements of the last day whose name starts with `prefix`, newest first for each status.

        ListStatements lists only finished statements unless a status is given, one at a time or `ALL`.
        """
        for status in statuses:
            token: dict[str, str] = {}
            while True:
                arguments: dict[str, Any] = {"StatementName": prefix, "Status": status, "MaxResults": 100, **token}
                page = call("ListStatements", partial(self._client.list_statements, **arguments))
                for found in page["Statements"]:
                    yield Listed(found["Id"], found.get("StatementName", ""), found["Status"], found.get("UpdatedAt"))
                if not page.get("NextToken"):
                    break
                token = {"NextToken": page["NextToken"]}


def call(operation: str, make: Callable[[], T]) -> T:
    """Makes one call; retries throttling that arrives as a ValidationException for up to three seconds.

    Raises CallFailed, with the code `ThrottlingException` for such a ValidationException.
    """
    for attempt in range(5):
        try:
            return make()
        except BotoCoreError as error:
            raise CallFailed(operation, type(error).__name__, str(error)) from error
        except ClientError as error:
            code = error.response["Error"].get("Code", "")
            reason = error.response["Error"].get("Message", "")
            disguised = code == "ValidationException" and "ThrottlingException" in reason
            if disguised or code == "ThrottlingException":
                metrics.add("Throttles")
            if not disguised or attempt == 4:
                gone = operation in _OF_ONE_STATEMENT and _says_gone(code, reason)
                kind = StatementNotFound if gone else CallFailed
                raise kind(operation, "ThrottlingException" if disguised else code, reason) from error
        time.sleep(random.uniform(0.1, 0.2) * 2**attempt)  # noqa: S311 - spreads retries, guards no secret
    raise AssertionError("the last attempt returns or raises")


def _says_gone(code: str, reason: str) -> bool:
    """An expired statement may be a ValidationException ("... it has expired after 1658071606."), as a malformed id is.

    https://github.com/pulumi/pulumi-aws/issues/2055
    """
    return code == "ResourceNotFoundException" or (code == "ValidationException" and "has expired" in reason)


def _statement(answer: Mapping[str, Any]) -> Statement:
    rows, duration = answer.get("ResultRows", -1), answer.get("Duration", -1)
    parts = tuple(map(_statement, answer.get("SubStatements", [])))
    return Statement(
        id=answer["Id"],
        status=answer["Status"],
        sql=answer.get("QueryString", ""),
        error=answer.get("Error") or next((part.error for part in parts if part.error), ""),
        created_at=answer.get("CreatedAt"),
        updated_at=answer.get("UpdatedAt"),
        duration_seconds=duration / 1e9 if duration >= 0 else None,  # nanoseconds; -1 means unknown
        rows=rows if rows >= 0 else None,
        session_id=answer.get("RedshiftPid", 0),
        parts=parts,
    )
