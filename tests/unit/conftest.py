"""What the unit tests share; fake_data_api.py beside this file is the Data API, moto the rest of AWS."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from relay.data_api import DataApi
from relay.settings import Target
from tests.unit.fake_context import FakeContext
from tests.unit.fake_data_api import FakeDataApi

HERE = Path(__file__).parent
REGION = "eu-central-1"


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
def ago() -> Callable[..., datetime]:
    """A moment in the past."""
    return lambda **length: datetime.now(UTC) - timedelta(**length)
