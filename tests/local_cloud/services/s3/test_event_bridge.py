"""Events of S3 on EventBridge: patterns with wildcards, queues as targets."""

from __future__ import annotations

import json
from typing import Any

import pytest


class Landing:
    """A bucket whose events a rule sends to a queue."""

    def __init__(self, cloud: Any, name: str, *, allowed: bool = True) -> None:
        self.cloud, self.bucket = cloud, name
        self.s3 = cloud.client("s3")
        self.s3.create_bucket(Bucket=name)
        self.s3.put_bucket_notification_configuration(
            Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        self.queue, arn = cloud.queue(f"{name}-queue")
        self.dead, dead_arn = cloud.queue(f"{name}-dead")
        events = cloud.client("events")
        pattern = {
            "source": ["aws.s3"],
            "detail-type": ["Object Created"],
            "detail": {"bucket": {"name": [name]}, "object": {"key": [{"wildcard": "orders/*/day-*.csv"}]}},
        }
        rule = events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
        transformer = {"InputPathsMap": {}, "InputTemplate": '{"load":"orders","event":<aws.events.event.json>}'}
        target = {"Id": "1", "Arn": arn, "InputTransformer": transformer, "DeadLetterConfig": {"Arn": dead_arn}}
        events.put_targets(Rule=name, Targets=[target])
        if allowed:
            statement = {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
            }
            policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            cloud.client("sqs").set_queue_attributes(QueueUrl=self.queue, Attributes={"Policy": policy})


def test_a_rule_with_a_wildcard_sends_what_landed_to_its_queue(cloud: Any) -> None:
    landing = Landing(cloud, "landing-one")
    keys = ['orders/2026/day-1 "ü".csv', "orders/2026/day-1.csv.tmp", "other/day-1.csv", "orders/a/b/day-2.csv"]
    for key in keys:
        landing.s3.put_object(Bucket=landing.bucket, Key=key, Body=b"12345")
    messages = [json.loads(message["Body"]) for message in cloud.messages(landing.queue, 2, 60)]
    assert [message["load"] for message in messages] == ["orders", "orders"]
    events = [message["event"] for message in messages]
    assert sorted(event["detail"]["object"]["key"] for event in events) == sorted([keys[0], keys[3]])
    for event in events:
        detail = event["detail"]
        assert (event["source"], event["detail-type"]) == ("aws.s3", "Object Created")
        assert (detail["bucket"]["name"], detail["object"]["size"], detail["reason"]) == (
            landing.bucket,
            5,
            "PutObject",
        )
        assert int(detail["object"]["sequencer"], 16)


def test_an_overwritten_key_has_a_later_sequencer(cloud: Any) -> None:
    landing = Landing(cloud, "landing-two")
    for body in (b"1", b"22"):
        landing.s3.put_object(Bucket=landing.bucket, Key="orders/x/day-1.csv", Body=body)
    messages = [json.loads(message["Body"])["event"] for message in cloud.messages(landing.queue, 2, 60)]
    objects = sorted((one["detail"]["object"] for one in messages), key=lambda one: one["size"])
    assert objects[0]["sequencer"] < objects[1]["sequencer"]


def test_a_bucket_without_eventbridge_sends_nothing(cloud: Any) -> None:
    landing = Landing(cloud, "landing-three")
    landing.s3.put_bucket_notification_configuration(Bucket=landing.bucket, NotificationConfiguration={})
    landing.s3.put_object(Bucket=landing.bucket, Key="orders/x/day-1.csv", Body=b"1")
    landing.s3.put_bucket_notification_configuration(
        Bucket=landing.bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    landing.s3.put_object(Bucket=landing.bucket, Key="orders/x/day-2.csv", Body=b"1")
    (message,) = cloud.messages(landing.queue, 1, 60)
    assert json.loads(message["Body"])["event"]["detail"]["object"]["key"] == "orders/x/day-2.csv"


@pytest.mark.parametrize("allowed", [True, False])
def test_a_queue_takes_only_what_its_policy_allows(cloud: Any, *, allowed: bool) -> None:
    landing = Landing(cloud, f"landing-four-{str(allowed).lower()}", allowed=allowed)
    landing.s3.put_object(Bucket=landing.bucket, Key="orders/x/day-1.csv", Body=b"1")
    (message,) = cloud.messages(landing.queue if allowed else landing.dead, 1, 60)
    assert "day-1" in message["Body"]
