"""What goes along with a request: the request id of a retried invocation, and condition keys."""

from __future__ import annotations

import itertools
import json
import urllib.error
from typing import Any

import pytest

CODE = """
import boto3, json, os

def handle(event, context):
    if "items" in event:
        puts = [{"TableName": os.environ["TABLE"], "Item": {"pk": {"S": pk}}} for pk in event["items"]]
        client = boto3.client("dynamodb")
        if len(puts) == 1:
            client.put_item(**puts[0])
        else:
            client.transact_write_items(TransactItems=[{"Put": put} for put in puts])
        return 0
    if "put" in event:
        entries = [{"Source": source, "DetailType": "t", "Detail": "{}"} for source in event["put"]]
        return boto3.client("events").put_events(Entries=entries)["FailedEntryCount"]
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=context.aws_request_id)
    raise ValueError("failed on purpose")
"""
_NUMBERS = itertools.count(1)


@pytest.fixture
def function(cloud: Any) -> tuple[str, str]:
    """A function and the queue that it sends to."""
    name = f"requests-{next(_NUMBERS)}"
    url, arn = cloud.queue(name)
    bus = f"arn:aws:events:{cloud.facts['region']}:{cloud.facts['account_id']}:event-bus/default"
    mine = {"StringEquals": {"events:source": "mine"}}
    put = {"Action": "events:PutEvents", "Resource": bus, "Condition": mine}
    table = cloud.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]["TableArn"]
    some = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["Q#*", "VERSION"]}}
    write = {"Action": "dynamodb:PutItem", "Resource": table, "Condition": some}
    role = cloud.role(name, "lambda.amazonaws.com", {"Action": "sqs:SendMessage", "Resource": arn}, put, write)
    cloud.function(name, role, CODE, QUEUE=url, TABLE=name)
    return name, url


def test_all_attempts_of_an_invocation_have_one_request_id(cloud: Any, function: tuple[str, str]) -> None:
    name, queue = function
    for _ in range(2):
        cloud.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")
    ids = [message["Body"] for message in cloud.messages(queue, 6, 60)]
    assert sorted(map(ids.count, set(ids))) == [3, 3]


@pytest.mark.parametrize(("sources", "allowed"), [(["mine"], True), (["yours"], False), (["mine", "yours"], False)])
def test_put_events_is_allowed_by_its_source(
    cloud: Any, function: tuple[str, str], sources: list[str], allowed: bool
) -> None:
    answer = cloud.client("lambda").invoke(FunctionName=function[0], Payload=json.dumps({"put": sources}))
    said = answer["Payload"].read().decode()
    assert said == "0" if allowed else "AccessDenied" in said


@pytest.mark.parametrize(
    ("items", "allowed"),
    [
        (["Q#1"], True),
        (["VERSION"], True),
        (["CATALOG"], False),
        (["VERSIONS"], False),
        (["Q#1", "Q#2"], True),
        (["Q#1", "CATALOG"], False),
    ],
)
def test_items_are_written_by_their_leading_key(
    cloud: Any, function: tuple[str, str], items: list[str], allowed: bool
) -> None:
    answer = cloud.client("lambda").invoke(FunctionName=function[0], Payload=json.dumps({"items": items}))
    said = answer["Payload"].read().decode()
    assert said == "0" if allowed else "AccessDenied" in said


def test_a_statement_can_be_made_older(cloud: Any) -> None:
    done = cloud.run("SELECT 1")
    cloud.switch("age", id=done["Id"], seconds=600)
    older = cloud.client("redshift-data").describe_statement(Id=done["Id"])
    assert (done["UpdatedAt"] - older["UpdatedAt"]).total_seconds() == pytest.approx(600)
    assert older["CreatedAt"] == done["CreatedAt"]
    with pytest.raises(urllib.error.HTTPError, match="400"):
        cloud.switch("age", id="unknown", seconds=1)
    with pytest.raises(urllib.error.HTTPError, match="405"):
        cloud.switch("age", "DELETE")


def test_the_process_of_a_statement_is_the_session_of_its_system_rows(cloud: Any) -> None:
    cloud.run("CREATE TABLE loaded_with_pid (n INTEGER)")
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="pids")
    s3.put_object(Bucket="pids", Key="bad", Body=b"x\n")
    allowed = [{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::pids/*"}]
    allowed.append({"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::pids"})
    role = cloud.role("reads-pids", "redshift.amazonaws.com", *allowed)
    failed = cloud.run(f"COPY loaded_with_pid FROM 's3://pids/bad' IAM_ROLE '{role}'")
    assert failed["Status"] == "FAILED"
    rows = cloud.rows(f"SELECT COUNT(*) FROM sys_load_error_detail WHERE session_id = {failed['RedshiftPid']}")
    assert rows == [[1]]
