"""Single writes and reads of many items: a transaction would cost each file twice as much.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from scheduler.state.keys import Key
from scheduler.state.table import Table, plain, values

MAX_GET = 100
"""Items of one BatchGetItem (dynamodb service model, BatchGetRequestMap)."""


class FileTable(Table):
    """The scheduler's table; every write returns whether its condition held."""

    def get_many(self, keys: Sequence[Key]) -> dict[Key, dict[str, Any]]:
        """The items of many keys that exist, by consistent reads."""
        found: dict[Key, dict[str, Any]] = {}
        for start in range(0, len(keys), MAX_GET):
            asked = [values(key._asdict()) for key in keys[start : start + MAX_GET]]
            wanted: Any = {self.name: {"Keys": asked, "ConsistentRead": True}}
            while wanted:
                answer = self._retry(partial(self._client.batch_get_item, RequestItems=wanted))
                for item in map(plain, answer["Responses"].get(self.name, [])):
                    found[Key(item["pk"], item["sk"])] = item
                wanted = answer.get("UnprocessedKeys")
        return found

    def put_one(
        self, key: Key, attributes: Mapping[str, Any], *, condition: str = "", given: Mapping[str, Any] | None = None
    ) -> bool:
        """Writes a whole item; attributes that are None are left out."""
        parts = self.put(key, attributes, condition=condition, given=given)["Put"]
        return self._try(partial(self._client.put_item, **parts))

    def update_one(self, key: Key, change: str, given: Mapping[str, Any], *, condition: str = "") -> bool:
        """Updates an item; `#name` in the texts stands for the attribute `name`."""
        parts = self.update(key, change, given, condition=condition)["Update"]
        return self._try(partial(self._client.update_item, **parts))

    def delete_one(self, key: Key) -> None:
        """Deletes an item, if it exists."""
        self._retry(partial(self._client.delete_item, **self.delete(key)["Delete"]))

    def move(self, key: Key, attributes: Mapping[str, Any], gone: Sequence[Key]) -> bool:
        """Puts a new item and deletes up to 99 others, all or nothing; False if one of them does not exist."""
        deletes = [
            {"Delete": {**self._parts("", "attribute_exists(pk)", None), "Key": values(one._asdict())}} for one in gone
        ]
        return not self.write(self.put(key, attributes, condition="attribute_not_exists(pk)"), *deletes)

    def _try(self, write: Callable[[], object]) -> bool:
        try:
            self._retry(write)
        except ClientError as error:
            if error.response["Error"].get("Code") == "ConditionalCheckFailedException":
                return False
            raise
        return True
