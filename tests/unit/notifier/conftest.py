"""What the tests of the notifier share."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

from notifier import handler
from notifier.announcement_table import default_dynamodb_client
from relay import bus, data_api
from tests.unit.fake_context import FakeContext
from tests.unit.fake_data_api import FakeDataApi

SNAPSHOTS = Path(__file__).parent / "snapshots"


@dataclass(frozen=True)
class Topic:
    """An SNS topic and what was published to it."""

    arn: str

    @property
    def sent(self) -> list[dict[str, Any]]:
        notes = sns_backends[DEFAULT_ACCOUNT_ID][self.arn.split(":")[3]].topics[self.arn].sent_notifications
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
