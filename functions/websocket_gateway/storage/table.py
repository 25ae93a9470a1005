"""Reads and writes the gateway's one DynamoDB table: keys `pk` and `sk`, TTL `expires_at`. keys.py lists the items."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.config import Config
from botocore.exceptions import ClientError as AwsError

from relay.clients import lazy_client
from relay.errors import RelayError
from websocket_gateway.storage.items import expressions, from_item, key_of, to_item, values
from websocket_gateway.storage.keys import LIVE, Key, Pending, question_of, spread_all

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")

DAY = 24 * 3600
"""Seconds."""
ATTEMPTS = 8
"""Attempts of one call, about two seconds in all."""
BATCH = 25
"""Writes of one BatchWriteItem:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
"""
PAGE = 100
"""Live waiters of one read."""
Item = Mapping[str, Any]


@cache
def default_dynamodb_client() -> "DynamoDBClient":
    """One a process; as many connections as threads push at once.

    botocore retries once, for network failures. Table retries the rest; both together take less time than a lease.
    """
    return lazy_client(  # type: ignore[no-any-return]
        "dynamodb", Config(max_pool_connections=64, retries={"mode": "standard", "total_max_attempts": 2})
    )


class TableBusy(RelayError):
    """DynamoDB throttles writes for longer than a function can wait."""


class Table:
    """Reads and writes items as plain Python values; strings, bytes, whole numbers, booleans, sets of strings."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self.client = client
        self.name = name

    def get(self, key: Key) -> dict[str, Any] | None:
        """An item, by a consistent read, or None."""
        answer = self._retry(lambda: self.client.get_item(TableName=self.name, Key=key_of(key), ConsistentRead=True))
        return from_item(answer["Item"]) if "Item" in answer else None

    def partition(self, pk: str, prefix: str = "") -> Iterator[dict[str, Any]]:
        """Items of a partition whose sort key starts with `prefix`, by consistent reads."""
        # DynamoDB rejects an empty string as the value of a key.
        condition, given = (
            ("pk = :pk AND begins_with(sk, :prefix)", {":prefix": prefix}) if prefix else ("pk = :pk", {})
        )
        yield from self._query(
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values({":pk": pk, **given}),
            ConsistentRead=True,
        )

    def has_any(self, pk: str, prefix: str) -> bool:
        """Whether a partition has an item whose sort key starts with `prefix`, by a consistent read of one item."""
        return bool(self.some(pk, prefix, limit=1))

    def some(self, pk: str, prefix: str, *, after: str = "", limit: int) -> list[dict[str, Any]]:
        """Up to `limit` items of a partition whose sort key starts with `prefix`, those after a sort key, by consistent
        reads."""
        start: dict[str, Any] = {"ExclusiveStartKey": key_of(Key(pk, after))} if after else {}
        found: list[dict[str, Any]] = []
        while True:
            page = self._retry(
                partial(
                    self.client.query,
                    TableName=self.name,
                    KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                    ExpressionAttributeValues=values({":pk": pk, ":prefix": prefix}),
                    ConsistentRead=True,
                    Limit=limit - len(found),
                    **start,
                )
            )
            found.extend(map(from_item, page["Items"]))
            if len(found) >= limit or "LastEvaluatedKey" not in page:
                return found
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def pending(self, kind: Pending) -> Iterator[dict[str, Any]]:
        """Keys of the items of a kind that the sweep has to check by now."""
        for key in spread_all(kind):
            yield from self._query(
                IndexName="pending",
                KeyConditionExpression="pending = :kind AND since <= :now",
                ExpressionAttributeValues=values({":kind": key, ":now": int(time.time())}),
            )

    def live_questions(self, cursor: str) -> Iterator[tuple[str, str]]:
        """The question of each live waiter after a cursor (`0||` at first), and the cursor after it.

        The index may lag behind by a second, and the sweep catches up.
        """
        number, pk, sk = cursor.split("|")
        for key in spread_all(LIVE)[int(number) :]:
            start = {"ExclusiveStartKey": {"live": {"S": key}, **key_of(Key(pk, sk))}} if pk else {}
            found = self._query(
                start,
                IndexName="live",
                KeyConditionExpression="live = :live",
                ExpressionAttributeValues=values({":live": key}),
                Limit=PAGE,
            )
            for item in found:
                yield question_of(item), f"{key.rpartition('#')[2]}|{item['pk']}|{item['sk']}"
            pk = ""

    def put(self, key: Key, attributes: Mapping[str, Any]) -> None:
        """Writes a whole item."""
        self._retry(lambda: self.client.put_item(TableName=self.name, Item=to_item(key, attributes)))

    def update(self, key: Key, change: str, given: Mapping[str, Any], *, condition: str) -> dict[str, Any] | None:
        """Updates an item and returns the whole item; None if the condition does not hold."""
        try:
            return self.upsert(key, change, given, condition=condition)
        except AwsError as error:
            if error.response["Error"].get("Code") == "ConditionalCheckFailedException":
                return None
            raise

    def upsert(
        self, key: Key, change: str, given: Mapping[str, Any], *, condition: str | None = None
    ) -> dict[str, Any]:
        """Updates an item, or creates it, and returns the whole item."""
        parts = expressions(change, condition, given)
        answer = self._retry(
            lambda: self.client.update_item(
                TableName=self.name, Key=key_of(key), ReturnValues="ALL_NEW", UpdateExpression=change, **parts
            )
        )
        return from_item(answer["Attributes"])

    def delete(self, key: Key, *, condition: str | None = None, given: Item | None = None) -> Item | None:
        """Deletes an item and returns it; None if there was none or the condition does not hold."""
        parts = expressions("", condition, given or {}) if condition else {}
        try:
            answer = self._retry(
                lambda: self.client.delete_item(TableName=self.name, Key=key_of(key), ReturnValues="ALL_OLD", **parts)
            )
        except AwsError as error:
            if error.response["Error"].get("Code") == "ConditionalCheckFailedException":
                return None
            raise
        return from_item(answer["Attributes"]) if "Attributes" in answer else None

    def write_all(self, puts: Iterable[tuple[Key, Mapping[str, Any]]] = (), deletes: Iterable[Key] = ()) -> None:
        """Puts and deletes items, 25 a call, each by itself and without a condition."""
        requests: list[dict[str, Any]] = [{"PutRequest": {"Item": to_item(key, given)}} for key, given in puts]
        requests += [{"DeleteRequest": {"Key": key_of(key)}} for key in deletes]
        for start in range(0, len(requests), BATCH):
            self._write_batch(requests[start : start + BATCH])

    def _write_batch(self, requests: Sequence[Mapping[str, Any]]) -> None:
        """Writes until everything is written: what DynamoDB throttles, it gives back."""
        left: list[Any] = list(requests)
        for attempt in range(ATTEMPTS):
            answer = self._retry(partial(self.client.batch_write_item, RequestItems={self.name: left}))
            left = list(answer.get("UnprocessedItems", {}).get(self.name, []))
            if not left:
                return
            _pause(attempt)
        raise TableBusy(f"{self.name}: {len(left)} items could not be written. The next sweep tries again.")

    def _retry(self, make: Callable[[], T]) -> T:
        """Makes a call; retries for some seconds while concurrent calls or throttling get in its way.

        botocore retries throttling only within a quota that all threads share:
        https://docs.aws.amazon.com/boto3/latest/guide/retries.html
        """
        for attempt in range(ATTEMPTS):
            try:
                return make()
            except AwsError as error:
                if attempt == ATTEMPTS - 1 or not _is_transient(error):
                    raise
            _pause(attempt)
        raise AssertionError("the last attempt returns or raises")

    def _query(self, start: Item | None = None, **arguments: Any) -> Iterator[dict[str, Any]]:
        start = start or {}
        while True:
            page = self._retry(partial(self.client.query, TableName=self.name, **arguments, **start))
            yield from map(from_item, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _pause(attempt: int) -> None:
    time.sleep(random.uniform(0.01, 0.02) * 2**attempt)  # noqa: S311 - spreads retries, guards no secret


_TRANSIENT_CODES = {
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
}


def _is_transient(error: AwsError) -> bool:
    """Whether a call failed only because of what others do at the same moment."""
    return error.response["Error"].get("Code") in _TRANSIENT_CODES
