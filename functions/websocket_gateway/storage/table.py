"""Reads and writes the gateway's one DynamoDB table: keys `pk` and `sk`, TTL `expires_at`. keys.py lists the items."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.config import Config
from botocore.exceptions import ClientError as AwsError

from relay.clients import lazy_client
from websocket_gateway.storage.items import expressions, from_item, key_of, to_item, values
from websocket_gateway.storage.keys import LIVE, Key, Pending, question_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")

DAY = 24 * 3600
"""Seconds."""
ATTEMPTS = 8
"""Attempts of one call, about two seconds in all."""
Item = Mapping[str, Any]


@cache
def default_dynamodb_client() -> "DynamoDBClient":
    """One a process; as many connections as threads push at once.

    botocore retries once, for network failures. Table retries the rest; both together take less time than a lease.
    """
    return lazy_client(  # type: ignore[no-any-return]
        "dynamodb", Config(max_pool_connections=64, retries={"mode": "standard", "total_max_attempts": 2})
    )


class Table:
    """Reads and writes items as plain Python values; strings, whole numbers, booleans, sets of strings."""

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
        answer = self._retry(
            lambda: self.client.query(
                TableName=self.name,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                ExpressionAttributeValues=values({":pk": pk, ":prefix": prefix}),
                ConsistentRead=True,
                Limit=1,
            )
        )
        return bool(answer["Items"])

    def pending(self, kind: Pending) -> Iterator[dict[str, Any]]:
        """Keys of the items of a kind that the sweep has to check by now."""
        yield from self._query(
            IndexName="pending",
            KeyConditionExpression="pending = :kind AND since <= :now",
            ExpressionAttributeValues=values({":kind": kind, ":now": int(time.time())}),
        )

    def live_questions(self) -> set[str]:
        """Questions that live waiters watch; the index may lag behind by a second, and the sweep catches up."""
        found = self._query(
            IndexName="live",
            KeyConditionExpression="live = :live",
            ExpressionAttributeValues=values({":live": LIVE}),
        )
        return {question_of(item) for item in found}

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

    def transact(self, *writes: Mapping[str, Any]) -> list[bool]:
        """Writes all or nothing. Returns an empty list on success, else for each write whether its condition held."""
        try:
            self._retry(lambda: self.client.transact_write_items(TransactItems=list(writes)))  # type: ignore[arg-type]
        except AwsError as error:
            reasons = _reasons(error)
            if "ConditionalCheckFailed" not in reasons:
                raise
            return [reason != "ConditionalCheckFailed" for reason in reasons]
        return []

    def put_write(
        self, key: Key, attributes: Mapping[str, Any], condition: str | None = None, given: Item | None = None
    ) -> Item:
        """A Put of a transaction."""
        parts = expressions("", condition, given or {}) if condition else {}
        return {"Put": {"TableName": self.name, "Item": to_item(key, attributes), **parts}}

    def delete_write(self, key: Key, condition: str | None = None, given: Item | None = None) -> Item:
        """A Delete of a transaction."""
        parts = expressions("", condition, given or {}) if condition else {}
        return {"Delete": {"TableName": self.name, "Key": key_of(key), **parts}}

    def update_write(self, key: Key, change: str, given: Item, *, condition: str) -> Item:
        """An Update of a transaction."""
        parts = {"UpdateExpression": change, **expressions(change, condition, given)}
        return {"Update": {"TableName": self.name, "Key": key_of(key), **parts}}

    def _retry(self, make: Callable[[], T]) -> T:
        """Makes a call; retries for some seconds while concurrent calls or throttling get in its way.

        botocore never retries a transaction conflict, and throttling only within a quota that all threads share:
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
        https://docs.aws.amazon.com/boto3/latest/guide/retries.html
        """
        for attempt in range(ATTEMPTS):
            try:
                return make()
            except AwsError as error:
                if attempt == ATTEMPTS - 1 or not _is_transient(error):
                    raise
            time.sleep(random.uniform(0.01, 0.02) * 2**attempt)  # noqa: S311 - spreads retries, guards no secret
        raise AssertionError("the last attempt returns or raises")

    def _query(self, **arguments: Any) -> Iterator[dict[str, Any]]:
        start: dict[str, Any] = {}
        while True:
            page = self._retry(partial(self.client.query, TableName=self.name, **arguments, **start))
            yield from map(from_item, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


_TRANSIENT_CODES = {
    "TransactionConflictException",
    "TransactionInProgressException",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
}
_TRANSIENT_REASONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


def _is_transient(error: AwsError) -> bool:
    """Whether a call failed only because of what others do at the same moment."""
    reasons = set(_reasons(error))
    if error.response["Error"].get("Code") in _TRANSIENT_CODES:
        return True
    return bool(reasons & _TRANSIENT_REASONS) and "ConditionalCheckFailed" not in reasons


def _reasons(error: AwsError) -> list[str]:
    found: Any = error.response.get("CancellationReasons") or []
    return [str(reason.get("Code")) for reason in found]
