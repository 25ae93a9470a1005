"""The table of what was announced: one owner at a time, and nothing told twice."""

import threading
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from notifier import announcement_table
from notifier.announcement_table import KEEP_SECONDS, LEASE_SECONDS, AnnouncementTable

NOW = 1_700_000_000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The clock of the package; `clock.now` can be set."""

    class Clock:
        now = NOW

        def time(self) -> float:
            return self.now

    made = Clock()
    monkeypatch.setattr(announcement_table, "time", made)
    return made


@pytest.fixture
def client(aws: None) -> Any:
    return boto3.client("dynamodb")


@pytest.fixture
def told(client: Any, table: str, clock: Any) -> AnnouncementTable:
    return AnnouncementTable(client, table)


def test_the_first_owner_gets_it(told: AnnouncementTable) -> None:
    assert told.claim("s1", "a")
    assert not told.claim("s1", "b")
    assert told.claim("s2", "b")


def test_what_was_told_nobody_gets(told: AnnouncementTable, clock: Any) -> None:
    assert told.claim("s1", "a")
    told.mark_announced("s1")
    clock.now += LEASE_SECONDS * 10
    assert not told.claim("s1", "a")
    assert not told.claim("s1", "b")


def test_the_same_owner_takes_over_at_once(told: AnnouncementTable) -> None:
    """A retry by Lambda has the id of the invocation that was killed."""
    assert told.claim("s1", "a")
    assert told.claim("s1", "a")


def test_another_owner_takes_over_after_the_lease(told: AnnouncementTable, clock: Any) -> None:
    assert told.claim("s1", "a")
    clock.now += LEASE_SECONDS
    assert not told.claim("s1", "b")
    clock.now += 1
    assert told.claim("s1", "b")
    assert not told.claim("s1", "c")  # b has a lease of its own
    assert not told.claim("s1", "a")


def test_the_lease_is_longer_than_the_function_may_run() -> None:
    assert LEASE_SECONDS > 60


def test_what_is_untold(told: AnnouncementTable) -> None:
    told.claim("claimed", "a")
    told.claim("told", "a")
    told.mark_announced("told")
    assert told.unannounced(["claimed", "told", "new", "new"]) == {"claimed", "new"}
    assert told.unannounced([]) == set()
    assert told.unannounced([f"s{n}" for n in range(100)]) == {f"s{n}" for n in range(100)}


def test_what_dynamodb_left_for_later_is_asked_again(told: AnnouncementTable, client: Any, monkeypatch: Any) -> None:
    told.mark_announced("told")
    real, calls = client.batch_get_item, []

    def half(RequestItems: Any) -> Any:  # noqa: N803
        calls.append(RequestItems)
        (table,) = RequestItems
        first, *rest = RequestItems[table]["Keys"]
        answer = real(RequestItems={table: {"Keys": [first], "ConsistentRead": True}})
        return answer | {"UnprocessedKeys": {table: {"Keys": rest, "ConsistentRead": True}} if rest else {}}

    monkeypatch.setattr(client, "batch_get_item", half)
    assert told.unannounced(["a", "told", "b"]) == {"a", "b"}
    assert len(calls) == 3
    assert all(items["announcements"]["ConsistentRead"] for items in calls)


def test_items_expire(told: AnnouncementTable, client: Any) -> None:
    """TTL needs a number of seconds; events may be a day late."""
    told.claim("s1", "a")
    told.mark_announced("s2")
    for item in client.scan(TableName="announcements")["Items"]:
        assert item["expires_at"] == {"N": str(int(NOW) + KEEP_SECONDS)}
    assert KEEP_SECONDS >= 2 * 24 * 3600


def test_another_error_is_not_taken_for_an_answer(client: Any, clock: Any) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        AnnouncementTable(client, "no-such-table").claim("s1", "a")


class Atomic:
    """DynamoDB's conditional writes are atomic, moto's are not; and all threads come to the write at the same time."""

    def __init__(self, client: Any, parties: int) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._barrier = threading.Barrier(parties)

    def put_item(self, **request: Any) -> Any:
        if "ConditionExpression" in request:
            self._barrier.wait(10)
        with self._lock:
            return self._client.put_item(**request)


def test_in_parallel_one_gets_it(client: Any, table: str, clock: Any) -> None:
    threads, won = 8, []
    told = AnnouncementTable(Atomic(client, threads), table)  # type: ignore[arg-type]
    running = [
        threading.Thread(target=lambda owner=str(n): won.append(owner) if told.claim("s1", owner) else None)
        for n in range(threads)
    ]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(20)
    assert len(won) == 1
