"""A message comes once, however often its event comes and wherever the function is killed."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from notifier import announcer, handler
from notifier.announcement_table import LEASE_SECONDS


class Killed(BaseException):
    """Lambda ended the process."""


def later(monkeypatch: pytest.MonkeyPatch, **length: float) -> None:
    """Time passes, for the leases of announcements."""
    import time

    from notifier import announcement_table

    now = time.time() + timedelta(**length).total_seconds()
    monkeypatch.setattr(announcement_table, "time", type("Clock", (), {"time": staticmethod(lambda: now)}))


@pytest.mark.parametrize("file", ["load_finished", "load_failed", "not_started"])
def test_a_repeated_event_of_a_load_is_told_once(file: str, notifier: Any, event_of: Any, topic: Any) -> None:
    results = [notifier(event_of(file), f"req-{n}")["announced"] for n in range(3)]
    assert results == [True, False, False]
    assert len(topic.sent) == 1


@pytest.mark.parametrize(
    "other", [{"occurrence": "2024-05-02T03:00:00Z"}, {"attempt": 2}, {"load": "orders"}, {"name_prefix": "taxi2"}]
)
def test_another_end_is_told_too(other: dict[str, Any], notifier: Any, event_of: Any, topic: Any) -> None:
    notifier(event_of("load_finished"))
    assert notifier(event_of("load_finished", **other))["announced"] is True
    assert len(topic.sent) == 2


def test_a_repeated_event_is_told_once(notifier: Any, ended: Any, topic: Any) -> None:
    event = ended()
    results = [notifier(event, f"req-{n}")["announced"] for n in range(3)]
    assert results == [True, False, False]
    assert len(topic.sent) == 1


def test_in_parallel_it_is_told_once(notifier: Any, ended: Any, topic: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = 6
    client, lock, barrier = boto3.client("dynamodb"), threading.Lock(), threading.Barrier(threads)

    class Atomic:
        """As DynamoDB is and moto is not; and all come to the write at the same time."""

        def put_item(self, **request: Any) -> Any:
            if ":owner" in str(request.get("ExpressionAttributeValues", ":owner")) and "announcing" in str(
                request["Item"]
            ):
                barrier.wait(10)
            with lock:
                return client.put_item(**request)

    monkeypatch.setattr(handler, "default_dynamodb_client", Atomic)
    event, results, errors = ended(), [], []

    def run(owner: str) -> None:
        try:
            results.append(notifier(event, owner)["announced"])
        except Exception as error:
            errors.append(error)

    running = [threading.Thread(target=run, args=(f"req-{n}",)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(30)
    assert errors == []
    assert sorted(results) == [False] * (threads - 1) + [True]
    assert len(topic.sent) == 1


def kill(monkeypatch: pytest.MonkeyPatch, *, published: bool) -> Callable[[], None]:
    """The next publish ends the process, before or after SNS has it; returns what ends that."""
    real = announcer.Announcer._publish

    def publish(self: announcer.Announcer, topic_arn: str, message: Any) -> str:
        if published:
            real(self, topic_arn, message)
        raise Killed

    monkeypatch.setattr(announcer.Announcer, "_publish", publish)
    return lambda: monkeypatch.setattr(announcer.Announcer, "_publish", real)


def test_killed_before_publishing_the_retry_tells_it(
    notifier: Any, ended: Any, topic: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, live = ended(), kill(monkeypatch, published=False)
    with pytest.raises(Killed):
        notifier(event, "req-1")
    live()
    assert notifier(event, "req-2")["announced"] is False  # another event: the first may be at work
    assert notifier(event, "req-1")["announced"] is True  # Lambda's retry keeps the id
    assert len(topic.sent) == 1


def test_killed_before_publishing_another_tells_it_after_the_lease(
    notifier: Any, ended: Any, topic: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, live = ended(), kill(monkeypatch, published=False)
    with pytest.raises(Killed):
        notifier(event, "req-1")
    live()
    later(monkeypatch, seconds=LEASE_SECONDS + 2)
    assert notifier(event, "req-2")["announced"] is True
    assert len(topic.sent) == 1


def test_killed_between_publishing_and_remembering_it_repeats_itself_once(
    notifier: Any, ended: Any, topic: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, live = ended(), kill(monkeypatch, published=True)
    with pytest.raises(Killed):
        notifier(event, "req-1")
    live()
    assert [notifier(event, "req-1")["announced"] for _ in range(3)] == [True, False, False]
    statement_id = event["detail"]["statementId"]
    assert [statement_id in letter for letter in topic.letters] == [True, True]


def test_a_topic_that_refuses_leaves_it_to_the_retry(
    notifier: Any, ended: Any, topic: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = ended()
    real = handler._sns().publish

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "KMSAccessDenied", "Message": "no"}}, "Publish")

    monkeypatch.setattr(handler._sns(), "publish", refuse)
    with pytest.raises(ClientError, match="KMSAccessDenied"):
        notifier(event, "req-1")
    monkeypatch.setattr(handler._sns(), "publish", real)
    assert notifier(event, "req-1")["announced"] is True
    assert len(topic.sent) == 1
