"""The gateway's one DynamoDB table: keys `pk` and `sk`, TTL `expires_at`, sparse indexes `pending` and `live`.

    Q#<question>    META                        the question and its latest run
    Q#<question>    W#<connection>#<request>    a waiter
    C#<connection>  META                        a connection
    C#<connection>  R#<request>                 which question a request asked
    T#<hash>        META                        a ticket
    CATALOGUE       <query>                     a query, written by Terraform
    VERSION         CURRENT                     the data version

Index `pending` (pending, since) holds what the sweep may have to look after, and from when on: runs in flight, waiters
without their answer, connections. Index `live` (live) holds live waiters, for the fan-out of a version.
"""

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError as AwsError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")

DAY = 24 * 3600
ATTEMPTS = 8
Item = Mapping[str, Any]


@cache
def default_dynamodb_client() -> "DynamoDBClient":
    """Made at the first use, once per process; as many connections as threads push at once.

    One retry for what goes wrong on the way; Table insists on the rest, and both together stay below a lease.
    """
    return boto3.client(
        "dynamodb", config=Config(max_pool_connections=64, retries={"mode": "standard", "total_max_attempts": 2})
    )


class Table:
    """Reads and writes items as plain Python values; strings, whole numbers and booleans only."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self.client = client
        self.name = name

    def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        """An item, as of now (consistent), or None."""
        answer = self._insist(lambda: self.client.get_item(TableName=self.name, Key=key(pk, sk), ConsistentRead=True))
        return from_item(answer["Item"]) if "Item" in answer else None

    def partition(self, pk: str, prefix: str = "") -> Iterator[dict[str, Any]]:
        """Items of a partition whose sort key starts with `prefix`, as of now (consistent)."""
        # DynamoDB refuses an empty text where a key's value stands.
        condition, given = (
            ("pk = :pk AND begins_with(sk, :prefix)", {":prefix": prefix}) if prefix else ("pk = :pk", {})
        )
        yield from self._query(
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values({":pk": pk, **given}),
            ConsistentRead=True,
        )

    def pending(self, kind: str) -> Iterator[dict[str, Any]]:
        """Keys of what the sweep has to look after by now, of a kind (run, waiter, connection)."""
        yield from self._query(
            IndexName="pending",
            KeyConditionExpression="pending = :kind AND since <= :now",
            ExpressionAttributeValues=values({":kind": kind, ":now": int(time.time())}),
        )

    def live_questions(self) -> set[str]:
        """Questions that live waiters watch; the index may lag behind by a second, the sweep catches up."""
        found = self._query(
            IndexName="live",
            KeyConditionExpression="live = :yes",
            ExpressionAttributeValues=values({":yes": "yes"}),
        )
        return {item["pk"].removeprefix("Q#") for item in found}

    def put(self, pk: str, sk: str, attributes: Mapping[str, Any]) -> None:
        """Writes a whole item."""
        self._insist(lambda: self.client.put_item(TableName=self.name, Item=to_item(pk, sk, attributes)))

    def update(
        self, pk: str, sk: str, change: str, given: Mapping[str, Any], *, condition: str
    ) -> dict[str, Any] | None:
        """Changes an item if the condition holds and returns it whole; None if it does not hold."""
        try:
            return self.change(pk, sk, change, given, condition=condition)
        except AwsError as error:
            if error.response["Error"].get("Code") == "ConditionalCheckFailedException":
                return None
            raise

    def change(
        self, pk: str, sk: str, change: str, given: Mapping[str, Any], *, condition: str | None = None
    ) -> dict[str, Any]:
        """Changes an item, which need not be there, and returns it whole."""
        parts = expressions(change, condition, given)
        answer = self._insist(
            lambda: self.client.update_item(
                TableName=self.name, Key=key(pk, sk), ReturnValues="ALL_NEW", UpdateExpression=change, **parts
            )
        )
        return from_item(answer["Attributes"])

    def delete(self, pk: str, sk: str, *, condition: str | None = None, given: Item | None = None) -> Item | None:
        """Deletes an item if the condition holds and returns what it was; None if it was not there or not so."""
        parts = expressions("", condition, given or {}) if condition else {}
        try:
            answer = self._insist(
                lambda: self.client.delete_item(TableName=self.name, Key=key(pk, sk), ReturnValues="ALL_OLD", **parts)
            )
        except AwsError as error:
            if error.response["Error"].get("Code") == "ConditionalCheckFailedException":
                return None
            raise
        return from_item(answer["Attributes"]) if "Attributes" in answer else None

    def transact(self, *writes: Mapping[str, Any]) -> list[bool]:
        """Writes all or nothing. Empty when it was done, else for each write whether its condition held."""
        try:
            self._insist(lambda: self.client.transact_write_items(TransactItems=list(writes)))  # type: ignore[arg-type]
        except AwsError as error:
            reasons = _reasons(error)
            if "ConditionalCheckFailed" not in reasons:
                raise
            return [reason != "ConditionalCheckFailed" for reason in reasons]
        return []

    def put_write(
        self, pk: str, sk: str, attributes: Mapping[str, Any], condition: str | None = None, given: Item | None = None
    ) -> Item:
        """A Put of a transaction."""
        parts = expressions("", condition, given or {}) if condition else {}
        return {"Put": {"TableName": self.name, "Item": to_item(pk, sk, attributes), **parts}}

    def delete_write(self, pk: str, sk: str, condition: str | None = None, given: Item | None = None) -> Item:
        """A Delete of a transaction."""
        parts = expressions("", condition, given or {}) if condition else {}
        return {"Delete": {"TableName": self.name, "Key": key(pk, sk), **parts}}

    def update_write(self, pk: str, sk: str, change: str, given: Item, *, condition: str) -> Item:
        """An Update of a transaction."""
        parts = {"UpdateExpression": change, **expressions(change, condition, given)}
        return {"Update": {"TableName": self.name, "Key": key(pk, sk), **parts}}

    def _insist(self, make: Callable[[], T]) -> T:
        """Makes a call; what others at the same moment keep it from is tried again for some seconds.

        botocore never retries another's transaction, and throttling only as long as all threads' common quota lasts:
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
        https://docs.aws.amazon.com/boto3/latest/guide/retries.html
        """
        for attempt in range(ATTEMPTS):
            try:
                return make()
            except AwsError as error:
                if attempt == ATTEMPTS - 1 or not _passes(error):
                    raise
            time.sleep(random.uniform(0.01, 0.02) * 2**attempt)  # noqa: S311 - spreads retries, guards no secret
        raise AssertionError("the last attempt returns or raises")

    def _query(self, **arguments: Any) -> Iterator[dict[str, Any]]:
        start: dict[str, Any] = {}
        while True:
            page = self._insist(partial(self.client.query, TableName=self.name, **arguments, **start))
            yield from map(from_item, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def key(pk: str, sk: str) -> dict[str, Any]:
    """The key of an item."""
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def to_item(pk: str, sk: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """An item in DynamoDB's form; None is left out."""
    return key(pk, sk) | values({name: value for name, value in attributes.items() if value is not None})


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values of an item in DynamoDB's form."""
    return {name: int(value["N"]) if "N" in value else next(iter(value.values())) for name, value in item.items()}


def values(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values in DynamoDB's form."""
    return {name: _value(value) for name, value in plain.items()}


def _value(value: object) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    return {"S": str(value)}


def expressions(change: str, condition: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Condition, names and values of a write; `#name` in the texts stands for the attribute `name`.

    Many names are reserved words (definition, state, query, owner, open, ...), so every attribute is written so:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
    """
    names = {f"#{name}": name for name in re.findall(r"#(\w+)", f"{change} {condition}")}
    parts: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
    if names:
        parts["ExpressionAttributeNames"] = names
    if given:
        parts["ExpressionAttributeValues"] = values(given)
    return parts


_BUSY = {
    "TransactionConflictException",
    "TransactionInProgressException",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
}
_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


def _passes(error: AwsError) -> bool:
    """Whether a call was refused only because of what others do at the same moment."""
    reasons = set(_reasons(error))
    if error.response["Error"].get("Code") in _BUSY:
        return True
    return bool(reasons & _PASSING) and "ConditionalCheckFailed" not in reasons


def _reasons(error: AwsError) -> list[str]:
    found: Any = error.response.get("CancellationReasons") or []
    return [str(reason.get("Code")) for reason in found]
