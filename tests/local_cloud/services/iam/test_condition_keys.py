"""Condition keys of PutEvents and of DynamoDB's items."""

from __future__ import annotations

import itertools
import json
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
    entries = [{"Source": source, "DetailType": "t", "Detail": "{}"} for source in event["put"]]
    return boto3.client("events").put_events(Entries=entries)["FailedEntryCount"]
"""
_NUMBERS = itertools.count(1)


@pytest.fixture
def function(cloud: Any) -> str:
    """A function that may put events of one source and items of some keys."""
    name = f"requests-{next(_NUMBERS)}"
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
    role = cloud.role(name, "lambda.amazonaws.com", put, write)
    cloud.function(name, role, CODE, TABLE=name)
    return name


@pytest.mark.parametrize(("sources", "allowed"), [(["mine"], True), (["yours"], False), (["mine", "yours"], False)])
def test_put_events_is_allowed_by_its_source(cloud: Any, function: str, sources: list[str], allowed: bool) -> None:
    answer = cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps({"put": sources}))
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
def test_items_are_written_by_their_leading_key(cloud: Any, function: str, items: list[str], allowed: bool) -> None:
    answer = cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps({"items": items}))
    said = answer["Payload"].read().decode()
    assert said == "0" if allowed else "AccessDenied" in said
