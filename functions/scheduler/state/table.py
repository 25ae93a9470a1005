"""Reads and writes the table of the scheduler: keys `pk` and `sk`, TTL `expires_at`. keys.py lists the items."""

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.config import Config
from botocore.exceptions import ClientError

from relay.clients import lazy_client
from scheduler.state.keys import Key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")
Item = Mapping[str, Any]
ATTEMPTS = 8
"""Attempts of one call, about two seconds in all."""
_TRANSIENT_CODES = {
    "TransactionConflictException",
    "TransactionInProgressException",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
}
_TRANSIENT_REASONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


@cache
def default_dynamodb_client() -> "DynamoDBClient":
    """One a process. botocore retries once, for network failures; Table retries the rest."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 2})
    return lazy_client("dynamodb", config)  # type: ignore[no-any-return]


class Table:
    """Items as plain Python values: strings, whole numbers and booleans."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self._client = client
        self.name = name

    def get(self, key: Key) -> dict[str, Any] | None:
        """An item, by a consistent read, or None."""
        answer = self._retry(
            lambda: self._client.get_item(TableName=self.name, Key=values(key._asdict()), ConsistentRead=True)
        )
        return plain(answer["Item"]) if "Item" in answer else None

    def partition(self, pk: str, prefix: str = "") -> Iterator[dict[str, Any]]:
        """Items of a partition in the order of their sort keys, by consistent reads."""
        # DynamoDB rejects an empty string as the value of a key.
        condition = "pk = :pk AND begins_with(sk, :prefix)" if prefix else "pk = :pk"
        given = {":pk": pk, ":prefix": prefix} if prefix else {":pk": pk}
        start: dict[str, Any] = {}
        while True:
            page = self._retry(
                partial(
                    self._client.query,
                    TableName=self.name,
                    KeyConditionExpression=condition,
                    ExpressionAttributeValues=values(given),
                    ConsistentRead=True,
                    **start,
                )
            )
            yield from map(plain, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def write(self, *writes: Item) -> list[bool]:
        """Writes all or nothing. Returns an empty list on success, else for each write whether its condition held."""
        try:
            self._retry(lambda: self._client.transact_write_items(TransactItems=list(writes)))  # type: ignore[arg-type]
        except ClientError as error:
            reasons = _reasons(error)
            if "ConditionalCheckFailed" not in reasons:
                raise
            return [reason != "ConditionalCheckFailed" for reason in reasons]
        return []

    def put(self, key: Key, attributes: Item, *, condition: str = "", given: Item | None = None) -> Item:
        """A Put for `write`; attributes that are None are left out."""
        present = {name: value for name, value in attributes.items() if value is not None}
        return {"Put": {**self._parts("", condition, given), "Item": values({**key._asdict(), **present})}}

    def update(self, key: Key, change: str, given: Item | None = None, *, condition: str = "") -> Item:
        """An Update for `write`; `#name` in the texts stands for the attribute `name`."""
        parts = self._parts(change, condition, given)
        return {"Update": {**parts, "Key": values(key._asdict()), "UpdateExpression": change}}

    def delete(self, key: Key) -> Item:
        """A Delete for `write`."""
        return {"Delete": {**self._parts("", "", None), "Key": values(key._asdict())}}

    def _parts(self, change: str, condition: str, given: Item | None) -> dict[str, Any]:
        """Every attribute is a placeholder, because many names are reserved words.

        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
        """
        parts: dict[str, Any] = {"TableName": self.name}
        if condition:
            parts["ConditionExpression"] = condition
        if names := {f"#{name}": name for name in re.findall(r"#(\w+)", f"{change} {condition}")}:
            parts["ExpressionAttributeNames"] = names
        if given:
            parts["ExpressionAttributeValues"] = values(given)
        return parts

    def _retry(self, make: Callable[[], T]) -> T:
        """Makes a call; retries for some seconds while concurrent calls or throttling get in its way.

        botocore never retries a transaction conflict:
        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
        """
        for attempt in range(ATTEMPTS):
            try:
                return make()
            except ClientError as error:
                if attempt == ATTEMPTS - 1 or not _is_transient(error):
                    raise
            time.sleep(random.uniform(0.01, 0.02) * 2**attempt)  # noqa: S311 - spreads retries, guards no secret
        raise AssertionError("the last attempt returns or raises")


def _is_transient(error: ClientError) -> bool:
    """Whether a call failed only because of what others do at the same moment."""
    reasons = set(_reasons(error))
    if error.response["Error"].get("Code") in _TRANSIENT_CODES:
        return True
    return bool(reasons & _TRANSIENT_REASONS) and "ConditionalCheckFailed" not in reasons


def _reasons(error: ClientError) -> list[str]:
    found: Any = error.response.get("CancellationReasons") or []
    return [str(reason.get("Code")) for reason in found]


def values(items: Item) -> dict[str, Any]:
    """Plain values in DynamoDB's form."""
    return {name: _value(value) for name, value in items.items()}


def _value(value: object) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    return {"N": str(value)} if isinstance(value, int) else {"S": str(value)}


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of an item in DynamoDB's form."""
    return {name: int(value["N"]) if "N" in value else next(iter(value.values())) for name, value in item.items()}
