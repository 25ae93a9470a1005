"""The walk: each stage proves one promise, and measures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from account_check.deployment import Deployment, Message
from account_check.leftovers import remove_run
from account_check.workspace import Run
from deployments.output import Output
from redshift_relay.gateway_client import Answer, GatewayClient, get_ticket

LEAD = timedelta(seconds=15)
"""How far ahead the first load is scheduled: a time in the past is refused."""
LOAD_SECONDS = 300.0
IAM_SECONDS = 180.0
"""A policy takes up to two minutes to be known everywhere."""
QUERY, SINCE = "per_day", {"since": "2026-01-01"}
FIRST = ("2026-01-30|a|10.50", "2026-01-30|b|2.00", "2026-01-31|a|7.25")
SECOND = (*FIRST, "2026-02-01|a|1.00")
FIRST_ROWS = [["2026-01-30", 2, "12.50"], ["2026-01-31", 1, "7.25"]]
SECOND_ROWS = [*FIRST_ROWS, ["2026-02-01", 1, "1.00"]]
T = TypeVar("T")


def walk(run: Run, output: Output) -> None:
    """Runs all stages up to the removal; raises at the first that cannot go on."""
    deployment = Deployment(run)
    with output.stage("The warehouse is found") as stage:
        redshift, copy_role = run.warehouse.describe()
        stage.result = f"{run.warehouse.name}; COPY reads with {copy_role.rsplit('/', 1)[-1]}"
    with output.stage("Terraform applies the modules") as stage:
        stage.result = f"{deployment.apply(redshift, copy_role)} resources"
    with output.stage("A second plan is empty") as stage:
        stage.problems += deployment.terraform.planned_changes()
        stage.result = "no changes"
    _scheduled_load(deployment, output)
    with _client(deployment, output) as gateway:
        answers = gateway.ask(QUERY, SINCE, live=True, timeout=LOAD_SECONDS)
        _first_answer(answers, output)
        _new_version(deployment, answers, output)
    _failed_load(deployment, output)
    _denied_load(deployment, output)
    _page(deployment, output)


def remove(run: Run, output: Output) -> None:
    """The last stage: destroys everything and drops the objects, also after a stage that failed."""
    with output.stage("Everything is removed") as stage:
        stage.problems += remove_run(run)
        stage.result = "resources destroyed, objects dropped, nothing left by tag or name"


def _scheduled_load(deployment: Deployment, output: Output) -> None:
    with output.stage("A schedule starts a load") as stage:
        deployment.put_trips(*FIRST)
        due = (datetime.now(UTC) + LEAD).replace(microsecond=0)
        deployment.reschedule(due)
        started = _wait(lambda: deployment.load_started(due), "no load started", seconds=LOAD_SECONDS)
        stage.result = f"schedule to statement: {(started - due).total_seconds():.1f} s"
    with output.stage("A notification tells that the data are ready") as stage:
        message = deployment.message(lambda body: body.get("state") in _ENDED, seconds=LOAD_SECONDS)
        stage.result = f"statement end to message: {_after_end(message)}"
        stage.problems += _unless(message.body["state"] == "FINISHED", message.body)


@contextmanager
def _client(deployment: Deployment, output: Output) -> Iterator[GatewayClient]:
    with output.stage("A user signs in and connects with a ticket") as stage:
        ticket = get_ticket(deployment.outputs["ticket_url"], deployment.sign_in())
        connection = GatewayClient.connect(deployment.outputs["websocket_url"], ticket)
        gateway = connection.__enter__()
        stage.result = "the token never appears in a URL"
    try:
        yield gateway
    finally:
        connection.__exit__(None, None, None)


def _first_answer(answers: Iterator[Answer], output: Output) -> None:
    with output.stage("A query is answered over the WebSocket") as stage:
        asked = time.time()
        answer = next(answers)
        warehouse = answer.complete["elapsed_seconds"]
        stage.result = f"question to rows: {answer.last_row_at - asked:.1f} s, of which {warehouse} s in the warehouse"
        stage.problems += _unless(answer.rows == FIRST_ROWS, answer.rows)


def _new_version(deployment: Deployment, answers: Iterator[Answer], output: Output) -> None:
    with output.stage("A load pushes the new answer") as stage:
        deployment.put_trips(*SECOND)
        deployment.load("second")
        answer = next(answers)
        message = deployment.message(lambda body: _is_load(body, "second"), seconds=LOAD_SECONDS)
        after = answer.last_row_at - message.ended_at.timestamp()
        stage.result = f"load's end to rows: {after:.1f} s, with this machine's clock"
        stage.problems += _unless(answer.rows == SECOND_ROWS, answer.rows)


def _failed_load(deployment: Deployment, output: Output) -> None:
    with output.stage("A load that fails says why and changes nothing") as stage:
        deployment.put_trips(*FIRST, "2026-01-31|a|many", name="bad.psv")
        deployment.load("bad")
        message = deployment.message(lambda body: _is_load(body, "bad"), seconds=LOAD_SECONDS)
        reasons = message.body.get("load_errors") or []
        stage.result = f"statement end to message: {_after_end(message)}"
        stage.problems += _unless(message.body["state"] == "FAILED", message.body["state"])
        stage.problems += _unless(any("bad.psv" in str(reason) for reason in reasons), message.body)
        ticket = get_ticket(deployment.outputs["ticket_url"], deployment.sign_in())
        with GatewayClient.connect(deployment.outputs["websocket_url"], ticket) as gateway:
            rows = next(gateway.ask(QUERY, SINCE, timeout=LOAD_SECONDS)).rows
        stage.problems += _unless(rows == SECOND_ROWS, rows)


def _denied_load(deployment: Deployment, output: Output) -> None:
    with output.stage("A load without permission is told as not started") as stage:
        deployment.put_trips(*SECOND)
        deployment.deny("redshift-data:ExecuteStatement")
        try:
            denied_at = time.monotonic()
            message = _until_told(deployment, "denied", "NOT_STARTED")
        finally:
            deployment.allow_again()
        stage.result = f"policy to message: {time.monotonic() - denied_at:.0f} s"
        named = "redshift-data:ExecuteStatement" in message.body["error"]
        stage.problems += _unless(named, message.body["error"])
    with output.stage("With the permission, loads start again") as stage:
        allowed_at = time.monotonic()
        _until_told(deployment, "allowed", "FINISHED")
        stage.result = f"policy to message: {time.monotonic() - allowed_at:.0f} s"


def _until_told(deployment: Deployment, name: str, state: str) -> Message:
    """Repeats a load until its notification has the state: changes of policies take their time."""
    deadline = time.monotonic() + IAM_SECONDS
    attempt = 0
    while True:
        attempt += 1
        occurrence = f"{name}-{attempt}"
        deployment.load(occurrence)

        def of_it(body: dict[str, Any], occurrence: str = occurrence) -> bool:
            return _is_load(body, occurrence)

        message = deployment.message(of_it, seconds=LOAD_SECONDS)
        if message.body["state"] == state or time.monotonic() > deadline:
            if message.body["state"] != state:
                raise TimeoutError(f"the load is still {message.body['state']}, not {state}: {message.body['error']}")
            return message


def _page(deployment: Deployment, output: Output) -> None:
    with output.stage("CloudFront serves the page") as stage:
        status, headers, body = deployment.page("/")
        stage.problems += _unless(status == 200 and b"<title>" in body, f"status {status}")
        policy = headers.get("content-security-policy")
        stage.problems += _unless(policy == deployment.outputs["page_policy"], f"Content-Security-Policy: {policy}")
        stage.result = deployment.outputs["console_url"]


_ENDED = ("FINISHED", "FAILED", "ABORTED")


def _is_load(body: dict[str, Any], occurrence: str) -> bool:
    return str(body.get("statement_name", "")).endswith(f"/trips/{occurrence}")


def _after_end(message: Message) -> str:
    return f"{(message.arrived_at - message.ended_at).total_seconds():.1f} s"


def _unless(holds: bool, found: object) -> list[str]:
    return [] if holds else [f"found: {found}"]


def _wait(look: Callable[[], T | None], otherwise: str, *, seconds: float) -> T:
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{otherwise} within {seconds:.0f} s")
        time.sleep(0.5)
    return found
