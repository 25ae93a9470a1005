"""What people see of loads beside the e-mails: chat, filtered subscriptions, alarms, and scripts/relay loads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from tests.e2e.cloud import ROOT, Cloud, until
from tests.e2e.locks import locked, wait_in_line
from tests.e2e.lost_events import sweep
from tests.e2e.pipeline import Pipeline


@contextmanager
def subscriber(cloud: Cloud, topic_arn: str, filter_policy: dict[str, Any] | None = None) -> Iterator[Received]:
    """A queue that receives what a topic delivers meanwhile."""
    sqs, sns = cloud.client("sqs"), cloud.client("sns")
    url = sqs.create_queue(QueueName=f"subscriber-{uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = {"ArnEquals": {"aws:SourceArn": topic_arn}}
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**allow, "Resource": arn, "Condition": topic}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    attributes = {"RawMessageDelivery": "true"}
    if filter_policy:
        attributes["FilterPolicy"] = json.dumps(filter_policy)
    subscription = sns.subscribe(
        TopicArn=topic_arn, Protocol="sqs", Endpoint=arn, Attributes=attributes, ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    try:
        yield Received(sqs, url)
    finally:
        sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=url)


class Received:
    """The messages of a queue."""

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs = sqs
        self._url = url
        self._bodies: list[str] = []

    def look(self) -> list[dict[str, Any]]:
        """All messages so far."""
        found = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", [])
        self._bodies.extend(message["Body"] for message in found)
        for message in found:
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(body) for body in self._bodies]


def relay(pipeline: Pipeline, *arguments: str) -> subprocess.CompletedProcess[str]:
    """scripts/relay loads, as somebody with the variables of the deployment runs it."""
    environment = {**os.environ, **pipeline.deployment.exports(), "PYTHONPATH": str(ROOT / "scripts"), "COLUMNS": "160"}
    command = [sys.executable, "-m", "redshift_relay", "loads", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_chat_channel_gets_a_custom_notification(pipeline: Pipeline, cloud: Cloud) -> None:
    with subscriber(cloud, pipeline.outputs["chat_topic_arn"]) as received:
        letter = pipeline.load("CALL no_such_procedure()")
        (notification,) = until(received.look, "the notification")
    assert (notification["version"], notification["source"]) == ("1.0", "custom")
    assert notification["content"]["title"] == "\u274c relay-test by_test: the load failed"
    assert "no_such_procedure" in notification["content"]["description"]
    assert letter.line("Statement") in notification["content"]["description"]


def test_a_subscription_hears_of_its_load_only(pipeline: Pipeline, cloud: Cloud) -> None:
    with subscriber(cloud, pipeline.outputs["topic_arn"], {"load": ["other"]}) as received:
        pipeline.load(load="by_test")
        pipeline.load(load="other")
        (facts,) = until(received.look, "the message")
    assert (facts["load"], facts["state"], facts["started_by"]["kind"]) == ("other", "FINISHED", "hand")


def test_the_alarm_of_a_load_watches_what_the_sweep_measures(pipeline: Pipeline, cloud: Cloud) -> None:
    names = {f"{pipeline.prefix}-load-flaky-waiting", f"{pipeline.prefix}-load-flaky-overdue"}
    alarms = cloud.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{pipeline.prefix}-load-")["MetricAlarms"]
    assert {alarm["AlarmName"] for alarm in alarms} == names
    sweep(pipeline)

    def measured() -> list[dict[str, Any]]:
        lines = cloud.log_lines(pipeline.outputs["log_group_names"]["scheduler"])
        return [line for line in lines if "_aws" in line]

    line = until(measured, "the measures")[-1]
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    for alarm in alarms:
        assert alarm["Namespace"] == directive["Namespace"]
        assert [{"Name": alarm["MetricName"]}] == [
            metric for metric in directive["Metrics"] if metric["Name"] == alarm["MetricName"]
        ]
        assert {one["Name"]: one["Value"] for one in alarm["Dimensions"]} == {
            name: line[name] for name in directive["Dimensions"][0]
        }
        assert line[alarm["MetricName"]] < alarm["Threshold"]


def test_relay_loads_shows_and_steers_a_deployment(pipeline: Pipeline, cloud: Cloud) -> None:
    with locked(cloud):
        started = relay(pipeline, "run", "trips", "--json")
        assert (started.returncode, started.stderr) == (0, "")
        run = json.loads(started.stdout)
        assert run["state"] == "RUNNING"
        wait_in_line(cloud, 1)
        shown = relay(pipeline)
        assert shown.returncode == 0, shown.stderr
        (line,) = [line for line in shown.stdout.splitlines() if "RUNNING" in line]
        assert "trips" in line
        assert "hand run" in line
        cancelled = relay(pipeline, "cancel", "trips")
        assert cancelled.returncode == 0, cancelled.stderr
    assert cloud.letter(run["statement_id"]).subject == "[relay-test] trips: the load was cancelled"
    (newest, *_) = json.loads(relay(pipeline, "list", "trips", "--json").stdout)["loads"][0]["ended"]
    assert (newest["occurrence"], newest["state"]) == (run["occurrence"], "ABORTED")


def test_relay_loads_says_what_is_wrong(pipeline: Pipeline) -> None:
    refused = relay(pipeline, "run", "tirps")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "load: 'tirps' is not a load." in refused.stderr
