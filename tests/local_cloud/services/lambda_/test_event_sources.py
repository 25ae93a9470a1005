"""Event source mappings of queues: batches, windows, delays, failures, permissions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local_cloud.waiting import until

# Tells another queue which messages each invocation got; fails those whose body is "bad".
CODE = """
import boto3, json, os

def handle(event, context):
    bodies = [record["body"] for record in event["Records"]]
    boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(bodies))
    failed = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}
"""


class Source:
    """A queue that feeds a function."""

    def __init__(self, cloud: Any, name: str, *, batch: int, window: int, permitted: bool = True) -> None:
        self.cloud = cloud
        self.seen, seen_arn = cloud.queue(f"{name}-seen")
        self.dead, dead_arn = cloud.queue(f"{name}-dead")
        self.url, self.arn = cloud.queue(f"{name}-source")
        redrive = {"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2}
        attributes = {"VisibilityTimeout": "6", "RedrivePolicy": json.dumps(redrive)}
        cloud.client("sqs").set_queue_attributes(QueueUrl=self.url, Attributes=attributes)
        polling = {
            "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
            "Resource": self.arn,
        }
        sending = {"Action": "sqs:SendMessage", "Resource": seen_arn}
        self.role = f"{name}-role"
        self.rights = [sending, polling]
        arn = cloud.role(self.role, "lambda.amazonaws.com", *(self.rights if permitted else [sending]))
        function = cloud.function(name, arn, CODE, SEEN=self.seen)
        self.mapping = cloud.client("lambda").create_event_source_mapping(
            EventSourceArn=self.arn,
            FunctionName=function,
            BatchSize=batch,
            MaximumBatchingWindowInSeconds=window,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )["UUID"]

    def send(self, *bodies: str, delay: int = 0) -> None:
        for start in range(0, len(bodies), 10):
            entries = [
                {"Id": str(index), "MessageBody": body, "DelaySeconds": delay}
                for index, body in enumerate(bodies[start : start + 10])
            ]
            self.cloud.client("sqs").send_message_batch(QueueUrl=self.url, Entries=entries)

    def batches(self, count: int) -> list[list[str]]:
        return [json.loads(message["Body"]) for message in self.cloud.messages(self.seen, count, 60)]


@pytest.fixture
def source(cloud: Any, request: pytest.FixtureRequest) -> Source:
    options: dict[str, Any] = getattr(request, "param", {"batch": 100, "window": 2})
    name = request.node.name.replace("[", "-").replace("]", "").replace("_", "-")[:40]
    return Source(cloud, name, **options)


def test_a_batch_waits_for_its_window_and_holds_more_than_ten(source: Source) -> None:
    sent = [f"m{number}" for number in range(40)]
    source.send(*sent[:20])
    source.send(*sent[20:])
    (batch,) = source.batches(1)
    assert sorted(batch) == sorted(sent)


@pytest.mark.parametrize("source", [{"batch": 20, "window": 300}], indirect=True)
def test_a_full_batch_does_not_wait_for_the_window(source: Source) -> None:
    source.send(*[f"m{number}" for number in range(20)])
    assert len(source.batches(1)[0]) == 20


@pytest.mark.parametrize("source", [{"batch": 2, "window": 2}], indirect=True)
def test_only_failed_messages_come_again_and_end_in_the_dead_letter_queue(source: Source) -> None:
    source.send("good", "bad")
    first, second = sorted(source.batches(2), key=len, reverse=True)
    assert (sorted(first), second) == (["bad", "good"], ["bad"])
    (dead,) = source.cloud.messages(source.dead, 1, 60)
    assert dead["Body"] == "bad"


@pytest.mark.parametrize("source", [{"batch": 1, "window": 0}], indirect=True)
def test_delayed_messages_come_after_the_others(source: Source) -> None:
    source.send("late", delay=3)
    source.send("early")
    assert source.batches(2) == [["early"], ["late"]]


@pytest.mark.parametrize("source", [{"batch": 1, "window": 0, "permitted": False}], indirect=True)
def test_a_role_without_permission_gets_no_messages(source: Source) -> None:
    source.send("m")
    sqs = source.cloud.client("sqs")

    def waiting() -> str:
        names = ["ApproximateNumberOfMessages"]
        return str(sqs.get_queue_attributes(QueueUrl=source.url, AttributeNames=names)["Attributes"][names[0]])

    source.send("again")
    assert waiting() == "2"
    source.cloud.allow(source.role, *source.rights)
    assert sorted(source.batches(2)) == [["again"], ["m"]]
    until(waiting, lambda count: count == "0")
