"""What the tests of the notifier share."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.session import get_session
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

from notifier import handler
from notifier.announcement_table import default_dynamodb_client
from relay import data_api
from tests.unit.fake_context import FakeContext
from tests.unit.fake_data_api import FakeDataApi, conforms

BARE = "ERROR: Load into table 'staging' failed. Check 'sys_load_error_detail' system table for details."
SNAPSHOTS = Path(__file__).parent / "snapshots"


@dataclass(frozen=True)
class Topic:
    """An SNS topic and what was published to it."""

    arn: str

    @property
    def sent(self) -> list[dict[str, Any]]:
        notes = sns_backends[DEFAULT_ACCOUNT_ID][self.arn.split(":")[3]].topics[self.arn].sent_notifications
        return [
            {"subject": subject, "texts": json.loads(body), "body": body, "attributes": attributes}
            for _, body, subject, attributes, *_ in notes
        ]

    @property
    def letters(self) -> list[str]:
        """The e-mails."""
        return [note["texts"]["email"] for note in self.sent]


@dataclass
class StepsQueue:
    """The queue of delayed steps; requests are held to the sqs service model."""

    sent: list[dict[str, Any]] = field(default_factory=list)

    def send_message(self, **request: Any) -> dict[str, Any]:
        conforms(get_session().get_service_model("sqs").operation_model("SendMessage").input_shape, request)
        assert 0 <= request["DelaySeconds"] <= 900
        self.sent.append(request)
        return {"MessageId": f"m-{len(self.sent)}"}

    def records(self, number: int = -1) -> dict[str, Any]:
        """What Lambda hands over for a message."""
        position = number % len(self.sent)
        body = self.sent[position]["MessageBody"]
        return {"Records": [{"messageId": f"m-{position + 1}", "eventSource": "aws:sqs", "body": body}]}


@pytest.fixture
def topic(aws: None) -> Topic:
    return Topic(boto3.client("sns").create_topic(Name="news")["TopicArn"])


@pytest.fixture
def chat(topic: Topic, monkeypatch: pytest.MonkeyPatch) -> Topic:
    """The topic for chat, which the notifier has with this fixture only."""
    arn = boto3.client("sns").create_topic(Name="chat")["TopicArn"]
    monkeypatch.setenv("CHAT_TOPIC_ARN", arn)
    return Topic(arn)


@pytest.fixture
def steps() -> StepsQueue:
    return StepsQueue()


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
def snapshot() -> Callable[[str, str], None]:
    """Compares a text with snapshots/<name>.txt; UPDATE_SNAPSHOTS=1 writes it, for somebody to read."""

    def compare(name: str, text: str) -> None:
        path = SNAPSHOTS / f"{name}.txt"
        if os.environ.get("UPDATE_SNAPSHOTS"):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def notifier(
    redshift: FakeDataApi,
    topic: Topic,
    table: str,
    steps: StepsQueue,
    monkeypatch: pytest.MonkeyPatch,
    pauses: list[float],
) -> Iterator[Callable[..., dict[str, Any]]]:
    """The notifier's entry point, in an environment as Terraform writes it."""
    for name, value in {
        "NAME_PREFIX": "taxi",
        "TOPIC_ARN": topic.arn,
        "ANNOUNCEMENTS_TABLE": table,
        "STEPS_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/taxi-notifier-steps",
        "REDSHIFT_DATABASE": "dev",
        "REDSHIFT_CLUSTER": "warehouse",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(data_api, "default_client", lambda: redshift)
    monkeypatch.setattr(handler, "default_sqs_client", lambda: steps)
    for cached in (handler._settings, handler._sns, default_dynamodb_client):
        cached.cache_clear()
    yield lambda event, request_id="req-1": handler.handle(event, FakeContext(request_id))
    for cached in (handler._settings, handler._sns, default_dynamodb_client):
        cached.cache_clear()


@pytest.fixture
def ended(redshift: FakeDataApi, event_of: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A statement of the Data API that has ended, and its completion event."""

    def make(name: str | None = "dbt.daily_revenue", status: str = "FINISHED", **facts: Any) -> dict[str, Any]:
        known = redshift.given(name or "", status=status, **facts)
        event: dict[str, Any] = event_of(statementName=name, statementId=known.id, state=status)
        return event

    return make


@pytest.fixture
def copy_failed(redshift: FakeDataApi, event_of: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """The event of a load whose COPY failed, and its statement."""
    known = redshift.given("taxi/load/trips/2024-05-01T03:00:00Z/3", status="FAILED", error=BARE, pid=4242)
    event: dict[str, Any] = event_of("load_failed", statement_id=known.id, error=BARE)
    return event
