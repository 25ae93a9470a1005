"""A DynamoDB in memory, as much of it as the gateway uses: conditional writes, transactions, two lagging indexes.

It exists for speed: races take thousands of calls. test_fake_dynamodb.py compares it with moto, call by call.
"""

import copy
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, Any]
_TOKEN = re.compile(r"\s*(<=|>=|<>|=|<|>|\(|\)|,|AND|OR|IN|[#:]?\w+)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class FakeDynamo:
    """A `dynamodb` client."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Item] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.lag: Callable[[], bool] = lambda: False
        """Whether an index does not show the latest writes yet."""
        self._lock = threading.RLock()
        self._index: list[Item] = []

    def get_item(self, **request: Any) -> Any:
        assert request["ConsistentRead"]
        with self._lock:
            item = self.items.get(_key(request["Key"]))
            return {"Item": copy.deepcopy(item)} if item else {}

    def query(self, **request: Any) -> Any:
        given, condition = request["ExpressionAttributeValues"], request["KeyConditionExpression"]
        with self._lock:
            if "IndexName" not in request:
                assert request["ConsistentRead"]
                prefix = given.get(":prefix", {"S": ""})["S"]
                keys = sorted(key for key in self.items if key[0] == given[":pk"]["S"] and key[1].startswith(prefix))
                return {"Items": [copy.deepcopy(self.items[key]) for key in keys[: request.get("Limit")]]}
            if not self.lag():
                self._index = list(self.items.values())
            return {
                "Items": [
                    {"pk": item["pk"], "sk": item["sk"]} for item in self._index if holds(condition, item, {}, given)
                ]
            }

    def batch_get_item(self, **request: Any) -> Any:
        ((table, wanted),) = request["RequestItems"].items()
        assert wanted["ConsistentRead"]
        assert 0 < len(wanted["Keys"]) <= 100
        with self._lock:
            found = [self.items[_key(key)] for key in wanted["Keys"] if _key(key) in self.items]
            return {"Responses": {table: copy.deepcopy(found)}, "UnprocessedKeys": {}}

    def put_item(self, **request: Any) -> Any:
        self._write("PutItem", [{"Put": request}])
        return {}

    def update_item(self, **request: Any) -> Any:
        with self._lock:
            self._write("UpdateItem", [{"Update": request}])
            return {"Attributes": copy.deepcopy(self.items[_key(request["Key"])])}

    def delete_item(self, **request: Any) -> Any:
        with self._lock:
            old = self.items.get(_key(request["Key"]))
            self._write("DeleteItem", [{"Delete": request}])
            return {"Attributes": copy.deepcopy(old)} if old else {}

    def transact_write_items(self, **request: Any) -> Any:
        self._write("TransactWriteItems", request["TransactItems"])
        return {}

    def _write(self, operation: str, writes: list[Mapping[str, Any]]) -> None:
        """All or nothing."""
        with self._lock:
            conditions = [self._holds(write) for one in writes for write in one.values()]
            if not all(conditions):
                raise refused(operation, conditions)
            for one in writes:
                ((kind, write),) = one.items()
                self._apply(kind, write)

    def _holds(self, write: Mapping[str, Any]) -> bool:
        if "ConditionExpression" not in write:
            return True
        names, given = write.get("ExpressionAttributeNames", {}), write.get("ExpressionAttributeValues", {})
        return holds(
            write["ConditionExpression"], self.items.get(_key(write.get("Key") or write["Item"]), {}), names, given
        )

    def _apply(self, kind: str, write: Mapping[str, Any]) -> None:
        if kind == "Put":
            self.items[_key(write["Item"])] = copy.deepcopy(write["Item"])
        elif kind == "Delete":
            self.items.pop(_key(write["Key"]), None)
        else:
            item = copy.deepcopy(self.items.get(_key(write["Key"])) or dict(write["Key"]))
            change(item, write)
            self.items[_key(write["Key"])] = item


def refused(operation: str, conditions: list[bool]) -> ClientError:
    """What DynamoDB answers when conditions do not hold."""
    if operation != "TransactWriteItems":
        return ClientError({"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}, operation)
    reasons = [{"Code": "None"} if one else {"Code": "ConditionalCheckFailed"} for one in conditions]
    response = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons}
    return ClientError(response, operation)  # type: ignore[arg-type]


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def plain(value: Mapping[str, Any] | None) -> Any:
    """A value in Python's form, or None."""
    if value is None:
        return None
    return int(value["N"]) if "N" in value else next(iter(value.values()))


def change(item: Item, write: Mapping[str, Any]) -> None:
    """Applies SET, ADD, DELETE and REMOVE."""
    names, given = write.get("ExpressionAttributeNames", {}), write.get("ExpressionAttributeValues", {})
    parts = re.split(r"\b(SET|ADD|DELETE|REMOVE) ", write["UpdateExpression"])[1:]
    for verb, text in zip(parts[::2], parts[1::2], strict=True):
        for one in re.split(r",(?![^(]*\))", text):
            words = re.sub(r"[=(),]", " ", one).split()
            name = names.get(words[0], words[0])
            if words[1:2] == ["if_not_exists"]:
                words = [words[0], words[3]]
                if name in item:
                    continue
            if verb == "REMOVE":
                item.pop(name, None)
            elif verb == "SET":
                item[name] = copy.deepcopy(given[words[1]])
            elif "SS" in given[words[1]]:
                old, part = set(item.get(name, {"SS": []})["SS"]), set(given[words[1]]["SS"])
                item[name] = {"SS": sorted(old | part if verb == "ADD" else old - part)}
                if not item[name]["SS"]:
                    del item[name]
            else:
                item[name] = {"N": str(plain(item.get(name, {"N": "0"})) + plain(given[words[1]]))}


def holds(expression: str, item: Item, names: Mapping[str, str], given: Mapping[str, Any]) -> bool:
    """Whether a condition holds for an item; comparing with an attribute that is not there is false."""
    tokens = _TOKEN.findall(expression)
    assert "".join(tokens) == re.sub(r"\s", "", expression), expression

    def value(token: str) -> Any:
        return plain(given[token]) if token.startswith(":") else plain(item.get(names.get(token, token)))

    def either() -> bool:
        found = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            found = both() or found
        return found

    def both() -> bool:
        found = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            found = one() and found
        return found

    def one() -> bool:
        token = tokens.pop(0)
        if token == "(":
            found = either()
            assert tokens.pop(0) == ")"
            return found
        if token in ("attribute_exists", "attribute_not_exists"):
            _, name, _ = tokens.pop(0), tokens.pop(0), tokens.pop(0)
            return (names.get(name, name) in item) == (token == "attribute_exists")
        if token == "size":
            _, name, _ = tokens.pop(0), tokens.pop(0), tokens.pop(0)
            found = value(name)
            left, verb = None if found is None else len(found), tokens.pop(0)
        else:
            left, verb = value(token), tokens.pop(0)
        if verb == "IN":
            end = tokens.index(")")
            options = [value(option) for option in tokens[1:end] if option != ","]
            del tokens[: end + 1]
            return left is not None and left in options
        right = value(tokens.pop(0))
        return left is not None and _COMPARE[verb](left, right)

    found = either()
    assert not tokens
    return found
