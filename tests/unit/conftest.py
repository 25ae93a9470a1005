"""What the unit tests share; fake_data_api.py beside this file is the Data API, moto the rest of AWS."""

import itertools
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

from notifier import handler
from notifier.announcements import default_dynamodb_client
from relay import bus, data_api
from relay.data_api import DataApi
from relay.settings import Target
from tests.unit.fake_data_api import FakeDataApi
from warehouse_objects import handler as objects_handler

HERE = Path(__file__).parent
REGION = "eu-central-1"


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
