"""Every permission of the gateway is needed: taken away one by one, each is missed by something that people can see.

As in tests/e2e/test_permissions.py: policies are read back from IAM and Lambda; what the local cloud does not enforce
is listed with the run in tests/modules that holds the JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.cloud import until
from tests.e2e.gateway.gateways import Gateways, Stage
from tests.e2e.gateway.permission_scenarios import (
    asked,
    cached,
    cancelled,
    data_changed,
    delivered,
    disconnected,
    followed,
    kept,
    left,
    listed,
    run_ended,
    said,
    swept_by_the_clock,
    ticket,
    told_or_closed,
    worked,
)
from tests.e2e.iam_policies import held_to_its_json, permitted, without


@pytest.fixture(autouse=True)
def _tidy(gateways: Gateways) -> Iterator[None]:
    """What a test has left undone is made good, so that no other test meets it."""
    yield
    stage = gateways.open
    for connection in [item["pk"]["S"].removeprefix("C#") for item in stage.items("C#") if item["sk"]["S"] == "META"]:
        context = {"eventType": "DISCONNECT", "routeKey": "$disconnect", "connectionId": connection}
        assert "errorMessage" not in stage.invoke("socket", {"requestContext": context})
    if pending(stage) or stage.is_at_work():
        stage.let_time_pass()
        until(lambda: "errorMessage" not in stage.sweep() and not pending(stage), "the end of all that was open")
        until(lambda: not stage.is_at_work(), "the end of the work")


def pending(stage: Stage) -> list[str]:
    """Runs and waiters that somebody has to look after."""
    return [item["pk"]["S"] for item in stage.items("Q#") if "pending" in item]


# --- the permissions of roles

NEEDED: dict[tuple[str, str, str], Callable[[Stage], str]] = {
    ("gateway", "Submit", "redshift-data:ExecuteStatement"): asked,
    ("gateway", "Read", "redshift-data:CancelStatement"): cancelled,
    ("gateway", "Read", "redshift-data:DescribeStatement"): delivered,
    ("gateway", "Read", "redshift-data:GetStatementResult"): delivered,
    ("gateway", "CredentialsOfRole", "redshift:GetClusterCredentialsWithIAM"): asked,
    ("gateway", "TableWrites", "dynamodb:BatchWriteItem"): asked,
    ("gateway", "TableWrites", "dynamodb:DeleteItem"): disconnected,
    ("gateway", "Table", "dynamodb:GetItem"): asked,
    ("gateway", "TableWrites", "dynamodb:PutItem"): asked,
    ("gateway", "Table", "dynamodb:Query"): asked,
    ("gateway", "TableWrites", "dynamodb:UpdateItem"): asked,
    ("gateway", "Indexes", "dynamodb:Query"): listed,
    ("gateway", "Answers", "s3:GetObject"): kept,
    ("gateway", "Answers", "s3:PutObject"): kept,
    ("gateway", "Connections", "execute-api:ManageConnections"): told_or_closed,
    ("gateway", "Deliver", "lambda:InvokeFunction"): cached,
    ("gateway", "Work", "sqs:SendMessage"): followed,
    ("gateway", "Work", "sqs:DeleteMessage"): worked,
    ("gateway", "Work", "sqs:GetQueueAttributes"): worked,
    ("gateway", "Work", "sqs:ReceiveMessage"): worked,
    ("gateway-sweep", "Invoke", "lambda:InvokeFunction"): swept_by_the_clock,
}
SEEN = {
    # What is seen where it is not the name of the action: what the client is told.
    ("TableWrites", "dynamodb:BatchWriteItem"): "Internal server error",
    ("Table", "dynamodb:GetItem"): "Internal server error",
    ("Table", "dynamodb:Query"): "Internal server error",
    ("TableWrites", "dynamodb:PutItem"): "the gateway refused the connection",
    ("TableWrites", "dynamodb:UpdateItem"): "Internal server error",
    ("Deliver", "lambda:InvokeFunction"): "Internal server error",
    **{
        ("Work", f"sqs:{action}"): "nobody takes the messages"
        for action in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
    },
}
NOT_ENFORCED = {
    # (role, statement, action): (why, file and run in tests/modules that hold the JSON)
    ("gateway", "Logs", "logs:CreateLogStream"): (
        "ministack writes a function's log itself",
        "lambda_function/policies.tftest.hcl",
        "with_failure_queue_and_rules",
    ),
    ("gateway", "Logs", "logs:PutLogEvents"): (
        "ministack writes a function's log itself",
        "lambda_function/policies.tftest.hcl",
        "with_failure_queue_and_rules",
    ),
    ("gateway", "MissingAnswers", "s3:ListBucket"): (
        "the local cloud says that an object is missing to whoever may not list the bucket, too",
        "websocket_gateway/policies.tftest.hcl",
        "policies",
    ),
    ("gateway", "Failures", "sqs:SendMessage"): (
        "ministack sends to an on-failure destination without asking the function's role",
        "lambda_function/policies.tftest.hcl",
        "with_failure_queue_and_rules",
    ),
    ("gateway-sweep", "DeadLetters", "sqs:SendMessage"): (
        "the local cloud sends a schedule's dead letters as root",
        "lambda_function/policies.tftest.hcl",
        "with_schedule_role",
    ),
    ("deliver-failures", "DeadLettersOfRules", "sqs:SendMessage"): (
        "the local cloud sends a rule's dead letters as root",
        "lambda_function/policies.tftest.hcl",
        "with_failure_queue_and_rules",
    ),
}


def test_every_permission_is_taken_away_somewhere_or_listed_as_not_enforced(gateways: Gateways) -> None:
    stage = gateways.open
    found = set(permitted(gateways.cloud, stage.outputs["prefix"]))
    queue = gateways.cloud.client("sqs").get_queue_attributes(
        QueueUrl=stage.outputs["failure_queue_url"], AttributeNames=["Policy"]
    )
    for statement in json.loads(queue["Attributes"]["Policy"])["Statement"]:
        found.add(("deliver-failures", statement["Sid"], statement["Action"]))
    assert found == set(NEEDED) | set(NOT_ENFORCED)
    assert not set(NEEDED) & set(NOT_ENFORCED)


@pytest.mark.parametrize("permission", NOT_ENFORCED, ids="-".join)
def test_what_is_not_enforced_is_held_to_its_json(permission: tuple[str, str, str]) -> None:
    _, file, run = NOT_ENFORCED[permission]
    held_to_its_json(permission, file, run)


@pytest.mark.parametrize("scenario", sorted(set(NEEDED.values()), key=str), ids=lambda scenario: scenario.__name__)
def test_with_all_permissions_nothing_is_missed(gateways: Gateways, scenario: Callable[[Stage], str]) -> None:
    """Otherwise the tests below would prove nothing."""
    assert scenario(gateways.open) == ""


@pytest.mark.parametrize("permission", NEEDED, ids="-".join)
def test_each_permission_is_missed(gateways: Gateways, permission: tuple[str, str, str]) -> None:
    prefix = gateways.open.outputs["prefix"]
    _, sid, action = permission
    for resource in sorted(permitted(gateways.cloud, prefix)[permission]):
        with without(gateways.cloud, prefix, permission, resource):
            seen = NEEDED[permission](gateways.open)
        assert SEEN.get((sid, action), action) in seen, resource


def test_the_schedule_needs_the_trust_of_its_role(gateways: Gateways) -> None:
    iam, name = gateways.cloud.client("iam"), f"{gateways.open.outputs['prefix']}-gateway-sweep"
    trust = json.dumps(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"])
    iam.update_assume_role_policy(
        RoleName=name, PolicyDocument=trust.replace("scheduler.amazonaws", "lambda.amazonaws")
    )
    try:
        assert "may not assume" in swept_by_the_clock(gateways.open)
    finally:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)


# --- what API Gateway and EventBridge may do

PERMISSIONS: dict[tuple[str, str, str], tuple[Callable[[Stage], str], str]] = {
    # (gateway, function, statement): what needs it, and what is seen without
    ("open", "socket", "websocket-connect"): (asked, "the gateway refused the connection: 500"),
    ("open", "socket", "websocket-disconnect"): (left, "does not allow"),
    ("open", "socket", "websocket-query"): (asked, "Internal server error"),
    ("open", "socket", "websocket-cancel"): (said(action="cancel", id="y"), "Internal server error"),
    ("open", "socket", "websocket-catalog"): (said(action="catalog"), "Internal server error"),
    ("open", "socket", "websocket-default"): (said(action="unheard of"), "Internal server error"),
    ("signed", "socket", "tickets"): (ticket, "no ticket: 500"),
    ("open", "deliver", "rule-run_ended"): (run_ended, "NO_PERMISSIONS"),
    ("open", "deliver", "rule-tests"): (data_changed, "NO_PERMISSIONS"),
}


def test_the_functions_let_nobody_else_in(gateways: Gateways) -> None:
    found = {
        (name, function, purpose(statement))
        for name, stage in (("open", gateways.open), ("signed", gateways.signed))
        for function in ("socket", "deliver", "worker")
        for statement in permissions(stage, function)
    }
    same = {("signed", function, sid) for name, function, sid in PERMISSIONS if name == "open"}
    assert found == set(PERMISSIONS) | same


def permissions(stage: Stage, function: str) -> list[dict[str, Any]]:
    """The statements of a function's policy."""
    client = stage.gateways.cloud.client("lambda")
    try:
        answer = client.get_policy(FunctionName=stage.outputs["function_names"][function])
    except client.exceptions.ResourceNotFoundException:
        return []
    statements: list[dict[str, Any]] = json.loads(answer["Policy"])["Statement"]
    return statements


def purpose(statement: dict[str, Any]) -> str:
    """The id of a statement without the suffix that the provider generates."""
    return re.sub(r"-[0-9a-f]{26}$", "", statement["Sid"])


@pytest.mark.parametrize("permission", PERMISSIONS, ids="-".join)
def test_each_permission_of_a_caller_is_missed(gateways: Gateways, permission: tuple[str, str, str]) -> None:
    name, function, sid = permission
    stage: Stage = getattr(gateways, name)
    scenario, missed = PERMISSIONS[permission]
    assert scenario(stage) == ""
    client, function_name = gateways.cloud.client("lambda"), stage.outputs["function_names"][function]
    (statement,) = [one for one in permissions(stage, function) if purpose(one) == sid]
    client.remove_permission(FunctionName=function_name, StatementId=statement["Sid"])
    try:
        assert missed in scenario(stage)
    finally:
        client.add_permission(
            FunctionName=function_name,
            StatementId=statement["Sid"],
            Action=statement["Action"],
            Principal=statement["Principal"]["Service"],
            SourceArn=statement["Condition"]["ArnLike"]["AWS:SourceArn"],
        )
    assert statement in permissions(stage, function)
