"""The request id of asynchronous invocations."""

from __future__ import annotations

from typing import Any

CODE = """
import boto3, os

def handle(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=context.aws_request_id)
    raise ValueError("failed on purpose")
"""


def test_all_attempts_of_an_invocation_have_one_request_id(cloud: Any) -> None:
    queue, arn = cloud.queue("request-ids")
    role = cloud.role("request-ids", "lambda.amazonaws.com", {"Action": "sqs:SendMessage", "Resource": arn})
    cloud.function("request-ids", role, CODE, QUEUE=queue)
    for _ in range(2):
        cloud.client("lambda").invoke(FunctionName="request-ids", InvocationType="Event", Payload=b"{}")
    ids = [message["Body"] for message in cloud.messages(queue, 6, 60)]
    assert sorted(map(ids.count, set(ids))) == [3, 3]
