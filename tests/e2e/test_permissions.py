"""Every permission is needed: taken away one by one, each is missed by something that people can see.

The policies are those that Terraform applied, read back from IAM. What the local cloud does not enforce is listed, with
the test in tests/modules that holds the JSON to its exact ARNs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.cloud import until
from tests.e2e.iam_policies import held_to_its_json, permitted, without
from tests.e2e.locks import locked
from tests.e2e.lost_events import lost_load, only_by_hand
from tests.e2e.pipeline import CALL, Pipeline, trips


@pytest.fixture(autouse=True, scope="module")
def _sweep_only_by_hand(pipeline: Pipeline) -> Iterator[None]:
    with only_by_hand(pipeline):
        yield


_FAILED: list[dict[str, Any]] = []
"""A failed COPY, whose reason can be queried again and again."""


@pytest.fixture(autouse=True, scope="module")
def _failed_copy(pipeline: Pipeline) -> None:
    with pipeline.data({"bad.psv.gz": trips("x")}):
        _FAILED.append(pipeline.status(pipeline.load().line("Statement")))


# --- what needs the permissions; each returns what people would see go wrong, or nothing


def load(pipeline: Pipeline) -> str:
    """Starts a load, and hears of its end."""
    answer = pipeline.invoke("scheduler", {"action": "execute_sql", "sql": CALL})
    return _to_its_end(pipeline, answer)


def status(pipeline: Pipeline) -> str:
    """Asks for a statement."""
    return str(pipeline.status(pipeline.statement_id(_latest(pipeline))).get("errorMessage", ""))


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
    return _told(pipeline, "Load Finished", state="FINISHED", statement_id=str(uuid4()))


def reason(pipeline: Pipeline) -> str:
    """Queries why a COPY failed, and goes on when the answer is there."""
    failed = _FAILED[0]
    return _told(pipeline, "Load Failed", state="FAILED", statement_id=failed["statement_id"], error=failed["error"])


def _told(pipeline: Pipeline, detail_type: str, **changes: str) -> str:
    """What the notifier says to an event of the scheduler."""
    occurrence = uuid4().hex
    detail = {
        "name_prefix": pipeline.prefix,
        "load": "announced",
        "occurrence": occurrence,
        "scheduled_time": None,
        "started_by": {"kind": "hand", "name": "run"},
        "attempt": 1,
        "attempts": 1,
        "requested_at": "2026-01-01T00:00:00+00:00",
        "started_at": "2026-01-01T00:00:00+00:00",
        "ended_at": "2026-01-01T00:00:01+00:00",
        "waited_seconds": 0.0,
        "duration_seconds": 1.0,
        "statement_name": pipeline.load_name("announced", occurrence),
        "rows": None,
        "error": None,
        "field": None,
        "recovered": False,
        "failures": 0,
        "files": None,
        "follows": [],
    }
    answer = pipeline.invoke("notifier", {"detail-type": detail_type, "detail": {**detail, **changes}})
    return str(answer.get("errorMessage", ""))


def load_errors(pipeline: Pipeline) -> str:
    """Tells why a COPY failed."""
    with pipeline.data({"bad.psv.gz": trips("x")}):
        body = pipeline.load().body
    return "" if "bad.psv.gz, line 1" in body else body


def sweep(pipeline: Pipeline) -> str:
    """Looks for loads whose event never came."""
    lost_load(pipeline)
    return str(pipeline.invoke("scheduler", {"action": "sweep"}).get("errorMessage", ""))


def repeated_claim(pipeline: Pipeline) -> str:
    """A claim whose function has died is repeated: its statement is looked for by name."""
    function = pipeline.outputs["function_names"]["scheduler"]
    with pipeline.cloud.kill("redshift-data:ExecuteStatement", when="before", function=function):
        pipeline.invoke("scheduler", {"action": "execute_sql", "sql": CALL})
    return str(pipeline.invoke("scheduler", {"action": "sweep"}).get("errorMessage", ""))


def retry(pipeline: Pipeline) -> str:
    """Redshift does not accept a statement yet: a timer is to ring later."""
    with _denied_credentials(pipeline):
        answer = pipeline.invoke("scheduler", {"action": "execute_sql", "load": "timed", "sql": CALL})
    message = str(answer.get("errorMessage", ""))
    pipeline.invoke("scheduler", {"action": "sweep"})
    listed = pipeline.invoke("scheduler", {"action": "list", "load": "timed"})["loads"][0]
    latest = (listed["open"] or listed["ended"])[0]["occurrence"]
    pipeline.cloud.letter(pipeline.load_name("timed", latest))
    return message


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


def _to_its_end(pipeline: Pipeline, answer: dict[str, Any]) -> str:
    """Waits for the letter about a load; what the function said, or why it was not started."""
    if "errorMessage" in answer:
        return str(answer["errorMessage"])
    if answer["state"] == "CLAIMED":  # the permission may be one that IAM does not know everywhere yet
        return str(_claimed(pipeline, answer)["error"])
    name = pipeline.load_name(answer["load"], answer["occurrence"])
    letter = pipeline.cloud.letter(name)
    return "" if "the data is ready" in letter.subject else letter.body


def _claimed(pipeline: Pipeline, answer: dict[str, Any]) -> dict[str, Any]:
    listed = pipeline.invoke("scheduler", {"action": "list", "load": answer["load"]})["loads"][0]["open"]
    return next(one for one in listed if one["occurrence"] == answer["occurrence"])


@contextmanager
def _denied_credentials(pipeline: Pipeline) -> Iterator[None]:
    """Statements cannot sign in meanwhile, as while IAM does not know a new policy everywhere yet."""
    permission = ("statements", "CredentialsOfUser", "redshift:GetClusterCredentials")
    resource = min(permitted(pipeline.cloud, pipeline.prefix)[permission])
    with without(pipeline.cloud, pipeline.prefix, permission, resource):
        yield


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


def _make_good(pipeline: Pipeline) -> None:
    """Whatever was missed is done, so that no other test hears of it."""

    def settled() -> bool:
        swept = pipeline.invoke("scheduler", {"action": "sweep"})
        lanes = pipeline.invoke("scheduler", {"action": "list"})["lanes"]
        return swept.get("ended") == 0 and all(lane["head"] is None and not lane["waiting"] for lane in lanes)

    until(settled, "the end of it")


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
    ("statements", "Read", "redshift-data:ListStatements"): repeated_claim,
    ("statements", "CredentialsOfUser", "redshift:GetClusterCredentials"): load,
    ("statements", "LoadEvents", "events:PutEvents"): sweep,
    ("statements", "Loads", "dynamodb:GetItem"): load,
    ("statements", "Loads", "dynamodb:Query"): load,
    ("statements", "LoadsWrites", "dynamodb:PutItem"): load,
    ("statements", "LoadsWrites", "dynamodb:UpdateItem"): load,
    ("statements", "LoadsWrites", "dynamodb:DeleteItem"): load,
    ("statements", "Timers", "sqs:SendMessage"): retry,
    ("statements", "Steps", "sqs:SendMessage"): reason,
    ("statements", "Publish", "sns:Publish"): announce,
    ("statements", "Announcements", "dynamodb:PutItem"): announce,
    ("statements", "Announcements", "dynamodb:BatchGetItem"): reason,
    ("schedules", "Invoke", "lambda:InvokeFunction"): schedule,
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
    **{
        ("statements", "Timers", action): (
            "ministack reads a queue for a function without asking the function's role",
            "scheduler/policies.tftest.hcl",
            "policies",
        )
        for action in ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
    },
    **{
        ("statements", "Steps", action): (
            "ministack reads a queue for a function without asking the function's role",
            "notifier/policies.tftest.hcl",
            "policies",
        )
        for action in ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
    },
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
    for resource in sorted(resources):
        try:
            with without(pipeline.cloud, pipeline.prefix, permission, resource):
                seen = NEEDED[permission](pipeline)
        finally:
            _make_good(pipeline)
        assert SEEN.get(permission[2], permission[2]) in seen, resource
