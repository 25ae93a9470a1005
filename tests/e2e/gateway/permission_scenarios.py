"""What each permission of the gateway is for: scenarios that return what people would see go wrong, or nothing."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from redshift_relay.gateway_client import GatewayClient, GatewayError, get_ticket
from tests.e2e.cloud import TIMEOUT_SECONDS, until
from tests.e2e.gateway.gateways import CHANGED, Stage

NUMBERS = itertools.count(5_000_000)


def asked(stage: Stage) -> str:
    """Asks a question, and gets its answer."""
    begun = datetime.now(UTC)
    try:
        with stage.connected() as gateway:
            next(gateway.ask("one", {"n": next(NUMBERS)}, timeout=TIMEOUT_SECONDS))
    except GatewayError as failed:
        return f"{failed} {logged(stage, 'socket', begun)}"
    return ""


def cached(stage: Stage) -> str:
    """Asks what was answered before."""
    question = {"n": next(NUMBERS)}
    try:
        with stage.connected() as gateway:
            next(gateway.ask("one", question, timeout=TIMEOUT_SECONDS))
            assert next(gateway.ask("one", question, timeout=TIMEOUT_SECONDS)).complete["cached"]
    except GatewayError as failed:
        return str(failed)
    return ""


def cancelled(stage: Stage) -> str:
    """Cancels a question, and with it its statement."""
    begun = datetime.now(UTC)
    with stage.gateways.held_up(), stage.connected() as gateway:
        run = begin(gateway, "gated")
        until(lambda: states(stage, run) == ["STARTED"], "the start of the statement")
        gateway.send(action="cancel", id="x")
        answer = gateway.receive(TIMEOUT_SECONDS)
        if answer.get("type") != "cancelled":
            return str(answer["message"])
        until(lambda: states(stage, run) == ["ABORTED"] or logged(stage, "socket", begun), "the end of the statement")
        return logged(stage, "socket", begun)


def delivered(stage: Stage) -> str:
    """A run ends and its answer is delivered; by hand, so that what goes wrong is seen where it does."""
    with unheard(stage) as (gateway, run):
        (statement,) = stage.statements(run)
        detail = {"statementId": statement["Id"], "statementName": statement["StatementName"], "state": "FINISHED"}
        event = {"detail-type": "Redshift Data Statement Status Change", "detail": detail}
        answer = stage.invoke("deliver", event)
        if "errorMessage" not in answer:
            while gateway.receive(TIMEOUT_SECONDS)["type"] != "complete":
                pass
        return str(answer.get("errorMessage", ""))


def kept(stage: Stage, *, is_lost: bool = False) -> str:
    """A long answer is kept in S3, and read there for who asks next; if it `is_lost` there, it is made again."""
    question, begun = {"n": next(NUMBERS)}, datetime.now(UTC)

    def happened(what: Callable[[], bool]) -> Callable[[], bool]:
        return lambda: what() or bool(denied(stage, "deliver", begun))

    with stage.connected() as gateway:
        run = str(next(gateway.ask("long", question, timeout=TIMEOUT_SECONDS)).complete["run"])
        until(happened(lambda: stage.item(f"A#{run}", "META") is not None), "the kept answer")
        if is_lost:
            s3, bucket = stage.gateways.cloud.client("s3"), stage.outputs["answers_bucket"]
            s3.delete_object(Bucket=bucket, Key=f"answers/{run}/00000")
        gateway.send(action="query", id="again", query="long", params=question)
        while gateway.receive(TIMEOUT_SECONDS).get("type") != "accepted":
            pass  # the answer may be faster
        items = f"Q#{run.split('.')[0]}"
        until(happened(lambda: all(one["sk"]["S"] == "META" for one in stage.items(items))), "the second answer")
    return denied(stage, "deliver", begun)


def read_again(stage: Stage) -> str:
    """An answer of which S3 has lost a part is made again."""
    return kept(stage, is_lost=True)


def disconnected(stage: Stage) -> str:
    """A client leaves; by hand, so that what goes wrong is seen where it does."""
    before = [item["pk"] for item in stage.items("C#")]
    with stage.connected():
        (connection,) = [item["pk"]["S"] for item in stage.items("C#") if item["pk"] not in before]
        context = {"eventType": "DISCONNECT", "routeKey": "$disconnect", "connectionId": connection.removeprefix("C#")}
        return str(stage.invoke("socket", {"requestContext": context}).get("errorMessage", ""))


def followed(stage: Stage) -> str:
    """The data has changed, and somebody is asked to visit all live questions."""
    event = {"source": CHANGED["Source"], "detail-type": "Changed", "time": "2026-01-01T00:00:00Z"}
    return str(stage.invoke("deliver", event).get("errorMessage", ""))


def worked(stage: Stage) -> str:
    """Somebody does what the work queue asks for."""
    sqs, url, name = stage.gateways.cloud.client("sqs"), stage.outputs["work_queue_url"], "ApproximateNumberOfMessages"
    followed(stage)
    untaken = itertools.count(1)

    def is_left() -> bool:
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])
        return int(answer["Attributes"][name]) > 0 and next(untaken) > 100

    if until(lambda: "done" if not stage.is_at_work() else is_left() and "left", "the end of the work") == "done":
        return ""
    return "nobody takes the messages"


def listed(stage: Stage) -> str:
    """What is pending is found, and so is who watches."""
    failed = str(stage.sweep().get("errorMessage", ""))
    begun = {"chain": {"S": "by hand"}, "step": {"N": "0"}, "lease": {"N": "0"}, "target": {"N": "0"}}
    stage.gateways.cloud.client("dynamodb").put_item(
        TableName=stage.outputs["table_name"],
        Item={"pk": {"S": "TURN"}, "sk": {"S": "CURRENT"}, "wanted": {"N": "0"}, **begun},
    )
    turn = {"action": "turn", "chain": "by hand", "step": 0, "cursor": "0||"}
    answer = stage.invoke("worker", {"Records": [{"body": json.dumps(turn)}]})
    return failed or str(answer.get("errorMessage", ""))


def swept(stage: Stage) -> str:
    """The sweep asks API Gateway whether a connection is there, and closes it once its sign-in has ended."""
    begun = datetime.now(UTC)
    before = [item["pk"] for item in stage.items("C#")]
    with stage.connected() as gateway:
        (connection,) = [item for item in stage.items("C#") if item["pk"] not in before]
        for expression in ("SET since = :past", "SET since = :past, ends_at = :past"):
            stage.gateways.cloud.client("dynamodb").update_item(
                TableName=stage.outputs["table_name"],
                Key={"pk": connection["pk"], "sk": connection["sk"]},
                UpdateExpression=expression,
                ExpressionAttributeValues={":past": {"N": "1"}},
            )
            failed = str(stage.sweep().get("errorMessage", ""))
            if failed:
                return f"{failed} {logged(stage, 'deliver', begun)}"
        with pytest.raises(GatewayError, match="the connection ended"):
            gateway.receive(TIMEOUT_SECONDS)
    return ""


def told_or_closed(stage: Stage) -> str:
    """What reaches a connection from outside: an answer, and its end."""
    return delivered(stage) or swept(stage)


def swept_by_the_clock(stage: Stage) -> str:
    """The schedule of the sweep fires, and what nobody heard of is heard."""
    with unheard(stage) as (_, run):
        stage.let_time_pass()
        return heard_or_dead_letter(stage, run, stage.sweep_on_schedule())


def run_ended(stage: Stage) -> str:
    """The event of a statement's end reaches the gateway."""
    with stage.connected() as gateway:
        run = begin(gateway, "one")
        return heard_or_dead_letter(stage, run, run)


def data_changed(stage: Stage) -> str:
    """So does the event that data changed."""
    before, mark = stage.version(), uuid4().hex
    stage.gateways.cloud.client("events").put_events(Entries=[{**CHANGED, "Detail": json.dumps({"mark": mark})}])
    letters: list[str] = []
    until(lambda: stage.version() > before or letters or letters.extend(dead_letters(stage, mark)), "the event")
    return " ".join(letters)


def left(stage: Stage) -> str:
    """A client leaves, and nothing of it stays."""
    log = stage.gateways.cloud.local.log
    begun = log.stat().st_size
    with stage.connected():
        (connection,) = [item["pk"]["S"] for item in stage.items("C#") if item["sk"]["S"] == "META"]

    def refused() -> list[str]:
        with log.open("rb") as file:
            file.seek(begun)
            return re.findall(r"\$disconnect: .*", file.read().decode(errors="replace"))

    until(lambda: not stage.item(connection, "META") or refused(), "the end of the connection")
    return " ".join(refused())


def said(**message: Any) -> Callable[[Stage], str]:
    """A message is answered by the gateway, be it with an error."""

    def say(stage: Stage) -> str:
        with stage.connected() as gateway:
            gateway.socket.raw.send(json.dumps(message))  # type: ignore[attr-defined]
            answer = gateway.receive(TIMEOUT_SECONDS)
            return "" if "type" in answer else str(answer["message"])

    return say


def ticket(stage: Stage) -> str:
    """A token gets a ticket."""
    try:
        get_ticket(stage.outputs["ticket_url"], stage.gateways.sign_in.token)
    except GatewayError as failed:
        return str(failed)
    return ""


# --- what these share


def begin(gateway: GatewayClient, query: str) -> str:
    """Asks a question that nobody has asked, as `x`; its run."""
    gateway.send(action="query", id="x", query=query, params={"n": next(NUMBERS)})
    while (message := gateway.receive(TIMEOUT_SECONDS)).get("type") in ("rows", "complete"):
        pass  # it may be faster than the answer to the request
    assert message.get("type") == "accepted", message
    return str(message["run"])


@contextmanager
def unheard(stage: Stage) -> Iterator[tuple[GatewayClient, str]]:
    """A client whose run has ended without an event, and the run."""
    with stage.connected() as gateway:
        with stage.gateways.cloud.events("drop"):
            run = begin(gateway, "one")
            until(lambda: states(stage, run) == ["FINISHED"], "the end of the statement")
        yield gateway, run


def states(stage: Stage, run: str) -> list[str]:
    return [str(statement["Status"]) for statement in stage.statements(run)]


def logged(stage: Stage, function: str, since: datetime) -> str:
    """The reasons that a function's log gives for what went wrong."""
    lines = stage.gateways.cloud.log_lines(stage.outputs["log_group_names"][function], since)
    return " ".join(str(line.get("reason") or line.get("error")) for line in lines if {"reason", "error"} & set(line))


def denied(stage: Stage, function: str, since: datetime) -> str:
    """What a function's log says of permissions that it lacks."""
    found = stage.gateways.cloud.client("logs").get_paginator("filter_log_events")
    pages = found.paginate(
        logGroupName=stage.outputs["log_group_names"][function],
        filterPattern='"not authorized to perform"',
        startTime=int(since.timestamp() * 1000),
    )
    return " ".join(event["message"] for page in pages for event in page["events"])


def heard_or_dead_letter(stage: Stage, run: str, about: str) -> str:
    """Nothing once the gateway knows of a run's end; what a dead letter says if there is one."""
    letters: list[str] = []
    until(
        lambda: stage.meta(run)["state"]["S"] == "FINISHED" or letters or letters.extend(dead_letters(stage, about)),
        "the end of the run",
    )
    return " ".join(letters)


def dead_letters(stage: Stage, about: str) -> list[str]:
    """Dead letters that mention something; they are taken out of the queue."""
    sqs, url, found = stage.gateways.cloud.client("sqs"), stage.outputs["failure_queue_url"], []
    answer = sqs.receive_message(
        QueueUrl=url, VisibilityTimeout=0, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    for message in answer.get("Messages", []):
        text = message["Body"] + json.dumps(message.get("MessageAttributes", {}))
        if about in text:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(text)
    return found
