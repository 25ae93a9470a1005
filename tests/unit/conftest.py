"""What the unit tests share: a Data API that knows botocore's model, and the rest of AWS from moto."""

import itertools
import json
import os
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.session import get_session
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, settings
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

from notifier import handler
from notifier.announcements import default_dynamodb_client
from relay import bus, data_api
from relay.data_api import DataApi
from relay.settings import Target
from warehouse_objects import handler as objects_handler

HERE = Path(__file__).parent
REGION = "eu-central-1"
settings.register_profile(
    "unit",
    deadline=None,  # machines that run this are slow and shared
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    database=None,
)
settings.load_profile("unit")
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
            if known.name.startswith(StatementName) and known.status == Status
        ]
        end = int(NextToken) + MaxResults
        answer: dict[str, Any] = {"Statements": found[int(NextToken) : end]}
        return answer | ({"NextToken": str(end)} if end < len(found) else {})


def _field(value: Any) -> dict[str, Any]:
    if value is None:
        return {"isNull": True}
    member = {bool: "booleanValue", int: "longValue", float: "doubleValue", str: "stringValue", bytes: "blobValue"}[
        type(value)
    ]
    return {member: value}


class FakeContext:
    """What the functions use of Lambda's context; the time left runs down with every look at it."""

    def __init__(self, request_id: str = "req-1", times_left: tuple[int, ...] = (60_000,)) -> None:
        self.aws_request_id = request_id
        self._left = itertools.chain(times_left, itertools.repeat(times_left[-1]))

    def get_remaining_time_in_millis(self) -> int:
        return next(self._left)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches AWS, nor a local cloud that happens to run."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "REDSHIFT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody sleeps in a unit test; how long they would have is kept."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        assert len(slept) < 1000, "this waits for something that never comes"

    monkeypatch.setattr("time.sleep", sleep)
    return slept


@pytest.fixture
def redshift() -> FakeDataApi:
    return FakeDataApi()


@pytest.fixture
def api(redshift: FakeDataApi) -> DataApi:
    return DataApi(Target("dev", cluster="warehouse"), redshift)  # type: ignore[arg-type]


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture
def context() -> type[FakeContext]:
    return FakeContext


@dataclass(frozen=True)
class Topic:
    """An SNS topic and what was published to it."""

    arn: str

    @property
    def sent(self) -> list[dict[str, Any]]:
        notes = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics[self.arn].sent_notifications
        return [
            {"subject": subject, "texts": json.loads(body), "attributes": attributes}
            for _, body, subject, attributes, *_ in notes
        ]

    @property
    def letters(self) -> list[str]:
        """The e-mails."""
        return [note["texts"]["email"] for note in self.sent]


@pytest.fixture
def topic(aws: None) -> Topic:
    return Topic(boto3.client("sns").create_topic(Name="news")["TopicArn"])


@pytest.fixture
def table(aws: None) -> str:
    boto3.client("dynamodb").create_table(
        TableName="announcements",
        KeySchema=[{"AttributeName": "statement", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "statement", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return "announcements"


@pytest.fixture
def heard(aws: None) -> Callable[..., Callable[[], list[dict[str, Any]]]]:
    """For a detail-type of ours: what a rule for it took since the last look."""

    def rule(detail_type: str) -> Callable[[], list[dict[str, Any]]]:
        events, sqs = boto3.client("events"), boto3.client("sqs")
        queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        pattern = {"source": ["redshift-relay"], "detail-type": [detail_type], "detail": {"name_prefix": ["taxi"]}}
        events.put_rule(Name="r", EventPattern=json.dumps(pattern))
        events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": arn}])

        def receive() -> list[dict[str, Any]]:
            messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
            for message in messages:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            return [json.loads(message["Body"])["detail"] for message in messages]

        return receive

    return rule


@pytest.fixture
def event_of() -> Callable[..., dict[str, Any]]:
    """An event from tests/unit/events, with parts of its detail replaced."""

    def read(file: str = "finished", **detail: Any) -> dict[str, Any]:
        event: dict[str, Any] = json.loads((HERE / "events" / f"{file}.json").read_text(encoding="utf-8"))
        event["detail"] |= detail
        return event

    return read


@pytest.fixture
def snapshot() -> Callable[[str, str], None]:
    """Compares a text with tests/unit/snapshots/<name>.txt; UPDATE_SNAPSHOTS=1 writes it, for somebody to read."""

    def compare(name: str, text: str) -> None:
        path = HERE / "snapshots" / f"{name}.txt"
        if os.environ.get("UPDATE_SNAPSHOTS"):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def ago() -> Callable[..., datetime]:
    """A moment in the past."""
    return lambda **length: datetime.now(UTC) - timedelta(**length)


@pytest.fixture
def notifier(
    redshift: FakeDataApi, topic: Topic, table: str, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> Iterator[Callable[..., dict[str, Any]]]:
    """The notifier's entry point, in an environment as Terraform writes it."""
    for name, value in {
        "NAME_PREFIX": "taxi",
        "TOPIC_ARN": topic.arn,
        "ANNOUNCEMENTS_TABLE": table,
        "EVENT_BUS": "default",
        "REDSHIFT_DATABASE": "dev",
        "REDSHIFT_CLUSTER": "warehouse",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(data_api, "default_client", lambda: redshift)
    for cached in (handler._settings, handler._sns, default_dynamodb_client, bus.default_events_client):
        cached.cache_clear()
    yield lambda event, request_id="req-1": handler.handle(event, FakeContext(request_id))
    for cached in (handler._settings, handler._sns, default_dynamodb_client, bus.default_events_client):
        cached.cache_clear()


@pytest.fixture
def ended(redshift: FakeDataApi, event_of: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A statement of the Data API that has ended, and its event."""

    def make(
        name: str | None = "taxi/load/nightly/2024-05-01T03:00:00Z", status: str = "FINISHED", **facts: Any
    ) -> dict[str, Any]:
        known = redshift.given(name or "", status=status, **facts)
        event: dict[str, Any] = event_of(statementName=name, statementId=known.id, state=status)
        return event

    return make


@pytest.fixture
def apply(redshift: Any, context: type, monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> Any:
    """The entry point of warehouse_objects, in an environment as Terraform writes it."""
    for name, value in {"NAME_PREFIX": "taxi", "REDSHIFT_DATABASE": "dev", "REDSHIFT_WORKGROUP": "analytics"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(data_api, "default_client", lambda: redshift)
    objects_handler._api.cache_clear()

    def run(*files: dict[str, Any], **changes: Any) -> dict[str, Any]:
        made = changes.pop("context", context())
        event = {"action": "apply_objects", "files": list(files), "history_table": "public.redshift_relay_history"}
        return objects_handler.handle(event | changes, made)

    yield run
    objects_handler._api.cache_clear()
