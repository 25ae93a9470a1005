"""Every permission is needed: taken away one by one, each is missed by something that people can see.

The policies are those that Terraform applied, read back from IAM. What the local cloud does not enforce is listed, with
the test in tests/modules that holds the JSON to its exact ARNs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from other_sessions import locked, wait_in_line
from testbed import CALL, ROOT, Pipeline, trips, until
from unheard import long_ago, lost_load, only_by_hand


@pytest.fixture(autouse=True, scope="module")
def _sweep_only_by_hand(pipeline: Pipeline) -> Iterator[None]:
    with only_by_hand(pipeline):
        yield


# --- what needs the permissions; each returns what people would see go wrong, or nothing


def load(pipeline: Pipeline) -> str:
    """Starts a load, and hears of its end."""
    answer = pipeline.invoke("scheduler", {"action": "execute_sql", "sql": CALL})
    if "errorMessage" not in answer:
        pipeline.cloud.letter(answer["statement_id"])
    return str(answer.get("errorMessage", ""))


def status(pipeline: Pipeline) -> str:
    """Asks for a statement."""
    return str(pipeline.status(pipeline.statement_id(_latest(pipeline))).get("errorMessage", ""))


def not_started(pipeline: Pipeline) -> str:
    """A second load while the first one runs: the refusal is told by an event."""
    with locked(pipeline.cloud):
        running = pipeline.invoke("scheduler", {"action": "execute_sql", "sql": CALL})["statement_id"]
        wait_in_line(pipeline.cloud, 1)
        answer = pipeline.invoke("scheduler", {"action": "execute_sql", "sql": CALL, "schedule": "second"})
    pipeline.cloud.letter(running)
    message = str(answer["errorMessage"])
    return "" if "has not ended yet" in message else message


def objects(pipeline: Pipeline) -> str:
    """Makes a warehouse object."""
    file = {"name": "R__permission.sql", "sql": f"COMMENT ON TABLE public.nyc_yellow_taxi IS '{uuid4().hex}'"}
    return _apply(pipeline, file)


def slow_objects(pipeline: Pipeline) -> str:
    """An object that takes too long is cancelled before the function's time is up."""
    file = {"name": "R__permission.sql", "sql": f"DELETE FROM public.nyc_yellow_taxi_staging -- {uuid4().hex}"}
    client, name = pipeline.cloud.client("lambda"), pipeline.outputs["function_names"]["warehouse_objects"]
    timeout = client.get_function_configuration(FunctionName=name)["Timeout"]
    client.update_function_configuration(FunctionName=name, Timeout=17)
    try:
        with locked(pipeline.cloud):
            message = _apply(pipeline, file)
            if "was cancelled" in message:
                return ""
        unfinished = f"{pipeline.prefix}/objects/"
        until(lambda: all(one["Status"] != "STARTED" for one in pipeline.statements(unfinished)), "the end of it")
        return message
    finally:
        client.update_function_configuration(FunctionName=name, Timeout=timeout)


def announce(pipeline: Pipeline) -> str:
    """Tells how a load ended."""
    name, statement = lost_load(pipeline)
    event = {
        "detail-type": "Redshift Data Statement Status Change",
        "detail": {"statementId": statement, "statementName": name, "state": "FINISHED", "principal": ""},
    }
    answer = pipeline.invoke("notifier", event)
    return str(answer.get("errorMessage", ""))


def load_errors(pipeline: Pipeline) -> str:
    """Tells why a COPY failed."""
    with pipeline.data({"bad.psv.gz": trips("x")}):
        body = pipeline.load().body
    return "" if "bad.psv.gz, line 1" in body else body


def sweep(pipeline: Pipeline) -> str:
    """Looks for loads whose event never came."""
    _, statement = lost_load(pipeline)
    long_ago(pipeline, statement)
    return str(pipeline.invoke("notifier", {"action": "sweep"}).get("errorMessage", ""))


def schedule(pipeline: Pipeline) -> str:
    """A schedule fires."""
    name = pipeline.load_at()
    occurrence = name.rpartition("/")[2]

    def seen() -> str | None:
        if pipeline.cloud.letters(name):
            return "a letter"
        return _dead_letter(pipeline, "scheduler", occurrence)

    found = until(seen, "a letter or a dead letter")
    return "" if found == "a letter" else found


def sweep_schedule(pipeline: Pipeline) -> str:
    """The schedule of the sweep fires."""
    scheduler = pipeline.cloud.client("scheduler")
    group, name = pipeline.outputs["sweep_schedule_name"].split("/")
    target = scheduler.get_schedule(GroupName=group, Name=name)["Target"]
    _, statement = lost_load(pipeline)
    long_ago(pipeline, statement)
    pipeline.load_at(Target=target, GroupName=group)

    def seen() -> str | None:
        if pipeline.cloud.letters(statement):
            return "a letter"
        return _dead_letter(pipeline, "notifier", "sweep")

    found = until(seen, "a letter or a dead letter")
    return "" if found == "a letter" else found


def _apply(pipeline: Pipeline, file: dict[str, str]) -> str:
    payload = {"action": "apply_objects", "files": [file], "history_table": "public.redshift_relay_history"}
    return str(pipeline.invoke("warehouse_objects", payload).get("errorMessage", ""))


def _latest(pipeline: Pipeline) -> str:
    return str(pipeline.started()[-1]["statement_name"])


def _dead_letter(pipeline: Pipeline, function: str, about: str) -> str | None:
    sqs, url = pipeline.cloud.client("sqs"), pipeline.outputs["failure_queue_urls"][function]
    # Other tests' messages may lie there too.
    found = sqs.receive_message(
        QueueUrl=url, VisibilityTimeout=0, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    ).get("Messages", [])
    for message in found:
        if about in message["Body"]:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return json.dumps(message["MessageAttributes"])
    return None


# --- the permissions

NEEDED: dict[tuple[str, str, str], Callable[[Pipeline], str]] = {
    ("statements", "Submit", "redshift-data:ExecuteStatement"): load,
    ("statements", "Submit", "redshift-data:BatchExecuteStatement"): objects,
    ("statements", "Read", "redshift-data:CancelStatement"): slow_objects,
    ("statements", "Read", "redshift-data:DescribeStatement"): status,
    ("statements", "Read", "redshift-data:GetStatementResult"): load_errors,
    ("statements", "Read", "redshift-data:ListStatements"): load,
    ("statements", "CredentialsOfUser", "redshift:GetClusterCredentials"): load,
    ("statements", "LoadNotStarted", "events:PutEvents"): not_started,
    ("statements", "Publish", "sns:Publish"): announce,
    ("statements", "Announcements", "dynamodb:PutItem"): announce,
    ("statements", "Announcements", "dynamodb:BatchGetItem"): sweep,
    ("schedules", "Invoke", "lambda:InvokeFunction"): schedule,
    ("sweep", "Invoke", "lambda:InvokeFunction"): sweep_schedule,
}
SEEN = {
    # What is seen where it is not the name of the action.
    "redshift-data:CancelStatement": "was not cancelled",
    "redshift-data:GetStatementResult": "Check 'sys_load_error_detail'",
}

NOT_ENFORCED = {
    # (role, statement, action): (why, run in tests/modules that holds the JSON)
    ("statements", "Logs", "logs:CreateLogStream"): (
        "ministack writes a function's log itself",
        "lambda_function.tftest.hcl",
        "with_failure_queue_and_rules",
    ),
    ("statements", "Logs", "logs:PutLogEvents"): (
        "ministack writes a function's log itself",
        "lambda_function.tftest.hcl",
        "with_failure_queue_and_rules",
    ),
    ("statements", "Failures", "sqs:SendMessage"): (
        "ministack sends to an on-failure destination without asking the function's role",
        "lambda_function.tftest.hcl",
        "with_failure_queue_and_rules",
    ),
    ("schedules", "DeadLetters", "sqs:SendMessage"): (
        "the local cloud sends a schedule's dead letters as root",
        "scheduler.tftest.hcl",
        "policies",
    ),
    ("sweep", "DeadLetters", "sqs:SendMessage"): (
        "the local cloud sends a schedule's dead letters as root",
        "notifier.tftest.hcl",
        "policies",
    ),
}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def policies(pipeline: Pipeline) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(role, policy, document) of every inline policy of every role of the pipeline."""
    iam = pipeline.cloud.client("iam")
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            name = role["RoleName"]
            if name.startswith(f"{pipeline.prefix}-"):
                assert not iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
                for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
                    document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                    yield name, policy, document


def found(pipeline: Pipeline) -> set[tuple[str, str, str]]:
    """All that the pipeline's roles may do."""
    return {
        (role.removeprefix(f"{pipeline.prefix}-"), statement["Sid"], action)
        for role, _, document in policies(pipeline)
        for statement in document["Statement"]
        for action in _listed(statement["Action"])
    }


def test_every_permission_is_taken_away_somewhere_or_listed_as_not_enforced(pipeline: Pipeline) -> None:
    assert found(pipeline) == set(NEEDED) | set(NOT_ENFORCED)
    assert not set(NEEDED) & set(NOT_ENFORCED)


@pytest.mark.parametrize("permission", NOT_ENFORCED, ids="-".join)
def test_what_is_not_enforced_is_held_to_its_json(permission: tuple[str, str, str]) -> None:
    _, sid, action = permission
    _, file, run = NOT_ENFORCED[permission]
    text = (ROOT / "tests" / "modules" / file).read_text(encoding="utf-8")
    body = re.search(rf'^run "{run}" {{\n(.*?)^}}', text, re.MULTILINE | re.DOTALL)
    assert body, f"{file} has no run {run}"
    assert f'Sid = "{sid}"' in body[1]
    assert action in body[1]


@pytest.mark.parametrize("scenario", sorted(set(NEEDED.values()), key=str), ids=lambda scenario: scenario.__name__)
def test_with_all_permissions_nothing_is_missed(pipeline: Pipeline, scenario: Callable[[Pipeline], str]) -> None:
    """Otherwise the tests below would prove nothing."""
    assert scenario(pipeline) == ""


@contextmanager
def without(pipeline: Pipeline, role: str, sid: str, action: str, resource: str) -> Iterator[None]:
    """The role may not do this to this resource meanwhile."""
    iam, changed = pipeline.cloud.client("iam"), []
    for name, policy, document in list(policies(pipeline)):
        left = [part for one in document["Statement"] for part in _without(one, sid, action, resource)]
        if name == f"{pipeline.prefix}-{role}" and left != document["Statement"]:
            changed.append((name, policy, document))
            if left:
                less = json.dumps({**document, "Statement": left})
                iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=less)
            else:
                iam.delete_role_policy(RoleName=name, PolicyName=policy)
    assert len(changed) == 1
    try:
        yield
    finally:
        for name, policy, document in changed:
            iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))


def _without(statement: dict[str, Any], sid: str, action: str, resource: str) -> list[dict[str, Any]]:
    actions, resources = _listed(statement["Action"]), _listed(statement["Resource"])
    if statement["Sid"] != sid or action not in actions or resource not in resources:
        return [statement]
    parts = []
    if others := [one for one in actions if one != action]:
        parts.append({**statement, "Action": others})
    if elsewhere := [one for one in resources if one != resource]:
        parts.append({**statement, "Sid": f"{sid}Elsewhere", "Action": action, "Resource": elsewhere})
    return parts


@pytest.mark.parametrize("permission", NEEDED, ids="-".join)
def test_each_permission_is_missed(pipeline: Pipeline, permission: tuple[str, str, str]) -> None:
    role, sid, action = permission
    resources = {
        resource
        for name, _, document in policies(pipeline)
        for statement in document["Statement"]
        if (name, statement["Sid"]) == (f"{pipeline.prefix}-{role}", sid) and action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    }
    assert resources
    before = {statement["Id"] for statement in pipeline.statements(f"{pipeline.prefix}/load/")}
    for resource in sorted(resources):
        with without(pipeline, role, sid, action, resource):
            seen = NEEDED[permission](pipeline)
        assert SEEN.get(action, action) in seen, resource
    # What was missed is made good, so that no other test hears of it.
    for statement in pipeline.statements(f"{pipeline.prefix}/load/"):
        if statement["Id"] not in before:
            long_ago(pipeline, statement["Id"])
    pipeline.invoke("notifier", {"action": "sweep"})
