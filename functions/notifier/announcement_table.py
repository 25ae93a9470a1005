"""Records what was announced, so that an event that arrives twice is announced once."""

import time
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from relay.clients import lazy_client

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LEASE_SECONDS = 90
"""How long another invocation may take to publish; longer than the function's timeout."""
KEEP_SECONDS = 3 * 24 * 3600
"""EventBridge and Lambda retry an event for six hours each (modules/notifier/rules.tf)."""


@cache
def default_dynamodb_client() -> "DynamoDBClient":
    """One a process."""
    return lazy_client("dynamodb")  # type: ignore[no-any-return]


class AnnouncementTable:
    """A DynamoDB table with the hash key `statement` and the TTL attribute `expires_at`."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def claim(self, key: str, owner: str) -> bool:
        """Takes the right to announce; False if it is already announced, or another owner has a lease.

        A retry of the same invocation (`owner`) takes over the lease of a killed attempt.
        """
        now = int(time.time())
        try:
            self._client.put_item(
                TableName=self._table,
                Item=self._item(key, state="announcing", owner=owner, lease=now + LEASE_SECONDS),
                ConditionExpression=(
                    "attribute_not_exists(statement) OR (#state = :announcing AND (#owner = :owner OR lease < :now))"
                ),
                ExpressionAttributeNames={"#state": "state", "#owner": "owner"},
                ExpressionAttributeValues={
                    ":announcing": {"S": "announcing"},
                    ":owner": {"S": owner},
                    ":now": {"N": str(now)},
                },
            )
        except ClientError as error:
            if error.response["Error"].get("Code") == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def mark_announced(self, key: str) -> None:
        """Records that it was announced: nobody announces it again."""
        self._client.put_item(TableName=self._table, Item=self._item(key, state="announced"))

    def unannounced(self, keys: Collection[str]) -> set[str]:
        """Which of up to 100 keys (BatchGetItem's limit) nobody has announced yet."""
        if not keys:
            return set()
        request: dict[str, Any] = {
            self._table: {"Keys": [{"statement": {"S": key}} for key in set(keys)], "ConsistentRead": True}
        }
        announced: set[str] = set()
        while request:
            answer = self._client.batch_get_item(RequestItems=request)
            for item in answer["Responses"].get(self._table, []):
                if item["state"].get("S") == "announced":
                    announced.add(item["statement"].get("S", ""))
            request = dict(answer.get("UnprocessedKeys", {}))
        return set(keys) - announced

    def _item(self, key: str, state: str, owner: str = "", lease: int = 0) -> dict[str, Any]:
        return {
            "statement": {"S": key},
            "state": {"S": state},
            "owner": {"S": owner},
            "lease": {"N": str(lease)},
            "expires_at": {"N": str(int(time.time()) + KEEP_SECONDS)},
        }
