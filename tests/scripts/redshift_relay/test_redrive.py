"""`redshift-relay redrive`: reads every kind of letter, and deletes only what Lambda has accepted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from redshift_relay import redrive as command
from redshift_relay.command_line import main
from redshift_relay.redrive import redrive

LOAD = {"action": "execute_sql", "sql": "CALL load()"}
OF_LAMBDA = {
    "requestContext": {"condition": "RetriesExhausted", "functionArn": "arn:aws:lambda:x:1:function:taxi-scheduler"},
    "requestPayload": LOAD,
    "responsePayload": {"errorMessage": "no such cluster", "errorType": "CallFailed"},
}
OF_RULE = {"detail-type": "Redshift Data Statement Status Change", "detail": {"state": "FINISHED"}}


class Queue:
    """SQS with one queue: a received message is hidden until it is deleted."""

    def __init__(self, *bodies: Any, attributes: dict[str, str] | None = None) -> None:
        given = {name: {"StringValue": value} for name, value in (attributes or {}).items()}
        self.messages = {
            f"m{number}": {
                "MessageId": f"m{number}",
                "ReceiptHandle": f"r{number}",
                "Body": body if isinstance(body, str) else json.dumps(body),
                "MessageAttributes": given,
            }
            for number, body in enumerate(bodies)
        }
        self.hidden: set[str] = set()

    def get_queue_url(self, QueueName: str) -> dict[str, str]:  # noqa: N803 - as boto3 has it
        assert QueueName == "taxi-scheduler-failures"
        return {"QueueUrl": "url"}

    def receive_message(self, **given: Any) -> dict[str, Any]:
        visible = [message for name, message in self.messages.items() if name not in self.hidden]
        taken = visible[: min(2, given["MaxNumberOfMessages"])]  # SQS may return fewer
        self.hidden |= {message["MessageId"] for message in taken}
        return {"Messages": taken} if taken else {}

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803
        assert QueueUrl == "url"
        del self.messages[ReceiptHandle.replace("r", "m")]


class Function:
    """Lambda, which refuses after `accepts` invocations."""

    def __init__(self, accepts: int = 99) -> None:
        self.accepts = accepts
        self.events: list[Any] = []

    def invoke(self, FunctionName: str, InvocationType: str, Payload: bytes) -> None:  # noqa: N803
        assert (FunctionName, InvocationType) == ("taxi-scheduler", "Event")
        if len(self.events) == self.accepts:
            raise RuntimeError("TooManyRequestsException")
        self.events.append(json.loads(Payload))


def run(queue: Queue, function: Function, *, only: tuple[str, ...] = (), act: bool = True) -> int:
    return redrive(queue, function, "taxi-scheduler", only=frozenset(only), act=act)


def test_each_kind_of_letter_gives_its_event(capsys: pytest.CaptureFixture[str]) -> None:
    queue, function = Queue(OF_LAMBDA, OF_RULE, LOAD), Function()
    assert run(queue, function) == 0
    assert function.events == [LOAD, OF_RULE, LOAD]
    assert queue.messages == {}
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "m0  execute_sql  no such cluster"
    assert said[-1] == "3 redriven, 0 kept."


def test_without_yes_nothing_changes(capsys: pytest.CaptureFixture[str]) -> None:
    queue, function = Queue(OF_LAMBDA, OF_RULE), Function()
    assert run(queue, function, act=False) == 0
    assert function.events == []
    assert len(queue.messages) == 2
    assert "2 to redrive, 0 to read by hand. Nothing was changed" in capsys.readouterr().out


def test_what_lambda_does_not_accept_stays() -> None:
    queue, function = Queue(OF_LAMBDA, OF_RULE, LOAD), Function(accepts=1)
    with pytest.raises(RuntimeError):
        run(queue, function)
    assert sorted(queue.messages) == ["m1", "m2"]


@pytest.mark.parametrize("body", ["no json", [1], {"requestContext": {}, "requestPayload": "text"}])
def test_what_cannot_be_read_is_kept(capsys: pytest.CaptureFixture[str], body: Any) -> None:
    queue, function = Queue(body, LOAD), Function()
    assert run(queue, function) == 1
    assert function.events == [LOAD]
    assert list(queue.messages) == ["m0"]
    assert capsys.readouterr().err.startswith("m0  kept: ")


def test_a_cut_payload_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    queue, function = Queue(LOAD, attributes={"IS_PAYLOAD_TRUNCATED": "true"}), Function()
    assert run(queue, function) == 1
    assert function.events == []
    assert "has cut the payload" in capsys.readouterr().err


def test_one_letter_of_several() -> None:
    queue, function = Queue(OF_LAMBDA, OF_RULE, LOAD), Function()
    assert run(queue, function, only=("m1",)) == 0
    assert function.events == [OF_RULE]
    assert sorted(queue.messages) == ["m0", "m2"]


def test_errors_of_aws_are_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def no_client(service: str, region: str | None) -> Any:
        raise RuntimeError(f"{service} {region}")

    monkeypatch.setattr(command, "client", no_client)
    assert main(["redrive", "taxi-scheduler", "--region", "eu-west-1"]) == 1
    told = "taxi-scheduler: RuntimeError: sqs eu-west-1. Check the name, credentials and region.\n"
    assert capsys.readouterr().err == told
