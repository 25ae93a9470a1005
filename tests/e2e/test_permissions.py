"""Every permission is needed: taken away one by one, each is missed by something that people can see.

The policies are those that Terraform applied, read back from IAM. What the local cloud does not enforce is listed, with
the test in tests/modules that holds the JSON to its exact ARNs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from tests.e2e.cloud import until
from tests.e2e.iam_policies import held_to_its_json, permitted, without
from tests.e2e.locks import locked, wait_in_line
from tests.e2e.lost_events import long_ago, lost_load, only_by_hand
from tests.e2e.pipeline import CALL, Pipeline, trips


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
    """Makes a warehouse object; a missing permission is waited for as long as the function's time allows."""
    file = {"name": "R__permission.sql", "sql": f"COMMENT ON TABLE public.nyc_yellow_taxi IS '{uuid4().hex}'"}
    with _timeout(pipeline, 25):
        return _apply(pipeline, file)


def slow_objects(pipeline: Pipeline) -> str:
    """An object that takes too long is cancelled before the function's time is up."""
    file = {"name": "R__permission.sql", "sql": f"DELETE FROM public.nyc_yellow_taxi_staging -- {uuid4().hex}"}
    with _timeout(pipeline, 17):
        with locked(pipeline.cloud):
            message = _apply(pipeline, file)
            if "was cancelled" in message:
                return ""
        unfinished = f"{pipeline.prefix}/objects/"
        until(lambda: all(one["Status"] != "STARTED" for one in pipeline.statements(unfinished)), "the end of it")
        return message


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


@contextmanager
def _timeout(pipeline: Pipeline, seconds: int) -> Iterator[None]:
    """Applies have only so many seconds meanwhile."""
    client, name = pipeline.cloud.client("lambda"), pipeline.outputs["function_names"]["warehouse_objects"]
    timeout = client.get_function_configuration(FunctionName=name)["Timeout"]
    client.update_function_configuration(FunctionName=name, Timeout=seconds)
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=name, Timeout=timeout)


def _apply(pipeline: Pipeline, file: dict[str, str]) -> str:
    payload = {"action": "apply_objects", "files": [file], "history_table": "public.redshift_relay_history_relay_test"}
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
    ("statements", "LoadEnded", "events:PutEvents"): sweep,
    ("statements", "Publish", "sns:Publish"): announce,
    ("statements", "Announcements", "dynamodb:PutItem"): announce,
    ("statements", "Announcements", "dynamodb:BatchGetItem"): sweep,
    ("schedules", "Invoke", "lambda:InvokeFunction"): schedule,
    ("sweep", "Invoke", "lambda:InvokeFunction"): sweep_schedule,
}
SEEN = {
    # What is seen where it is not the name of the action.
    "redshift-data:CancelStatement": "could not be cancelled",
    "redshift-data:GetStatementResult": "Check 'sys_load_error_detail'",
}

NOT_ENFORCED = {
    # (role, statement, action): (why, run in tests/modules that holds the JSON)
    ("statements", "Logs", "logs:CreateLogStream"): (
        "ministack writes a function's log itself",
        "lambda_function/policies.tftest.hcl",
        "with_failure_queue_and_rules",
    ),
    ("statements", "Logs", "logs:PutLogEvents"): (
        "ministack writes a function's log itself",
        "lambda_function/policies.tftest.hcl",
        "with_failure_queue_and_rules",
    ),
    ("statements", "Failures", "sqs:SendMessage"): (
        "ministack sends to an on-failure destination without asking the function's role",
        "lambda_function/policies.tftest.hcl",
        "with_failure_queue_and_rules",
    ),
    ("schedules", "DeadLetters", "sqs:SendMessage"): (
        "the local cloud sends a schedule's dead letters as root",
        "lambda_function/policies.tftest.hcl",
        "with_schedule_role",
    ),
    ("sweep", "DeadLetters", "sqs:SendMessage"): (
        "the local cloud sends a schedule's dead letters as root",
        "lambda_function/policies.tftest.hcl",
        "with_schedule_role",
    ),
}


def test_every_permission_is_taken_away_somewhere_or_listed_as_not_enforced(pipeline: Pipeline) -> None:
    assert set(permitted(pipeline.cloud, pipeline.prefix)) == set(NEEDED) | set(NOT_ENFORCED)
    assert not set(NEEDED) & set(NOT_ENFORCED)


@pytest.mark.parametrize("permission", NOT_ENFORCED, ids="-".join)
def test_what_is_not_enforced_is_held_to_its_json(permission: tuple[str, str, str]) -> None:
    _, file, run = NOT_ENFORCED[permission]
    held_to_its_json(permission, file, run)


@pytest.mark.parametrize("scenario", sorted(set(NEEDED.values()), key=str), ids=lambda scenario: scenario.__name__)
def test_with_all_permissions_nothing_is_missed(pipeline: Pipeline, scenario: Callable[[Pipeline], str]) -> None:
    """Otherwise the tests below would prove nothing."""
    assert scenario(pipeline) == ""


@pytest.mark.parametrize("permission", NEEDED, ids="-".join)
def test_each_permission_is_missed(pipeline: Pipeline, permission: tuple[str, str, str]) -> None:
    resources = permitted(pipeline.cloud, pipeline.prefix)[permission]
    before = {statement["Id"] for statement in pipeline.statements(f"{pipeline.prefix}/load/")}
    for resource in sorted(resources):
        with without(pipeline.cloud, pipeline.prefix, permission, resource):
            seen = NEEDED[permission](pipeline)
        assert SEEN.get(permission[2], permission[2]) in seen, resource
    # What was missed is made good, so that no other test hears of it.
    for statement in pipeline.statements(f"{pipeline.prefix}/load/"):
        if statement["Id"] not in before:
            long_ago(pipeline, statement["Id"])
    pipeline.invoke("notifier", {"action": "sweep"})
