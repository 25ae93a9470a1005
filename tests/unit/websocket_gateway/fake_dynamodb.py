"""A DynamoDB in memory, as much of it as the gateway uses: conditional writes, batches, two lagging indexes.

It exists for speed: races take thousands of calls. test_fake_dynamodb.py compares it with moto, call by call.
"""

import copy
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

Item = dict[str, Any]
_INDEXES = ("pending", "live")
_TOKEN = re.compile(r"\s*(<=|>=|<>|=|<|>|\(|\)|,|AND|OR|IN|[#:]?\w+)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class Items(dict[tuple[str, str], Item]):
    """All items, with those of each partition and of each key of an index at hand."""

    def __init__(self) -> None:
        super().__init__()
        self.partitions: dict[str, dict[str, None]] = {}
        self.listed: dict[tuple[str, str], dict[tuple[str, str], None]] = {}

    def __setitem__(self, key: tuple[str, str], item: Item) -> None:
        self.pop(key, None)
        super().__setitem__(key, item)
        self.partitions.setdefault(key[0], {})[key[1]] = None
        for index in _INDEXES:
            if index in item:
                self.listed.setdefault((index, item[index]["S"]), {})[key] = None

    def __delitem__(self, key: tuple[str, str]) -> None:
        item = self[key]
        super().__delitem__(key)
        del self.partitions[key[0]][key[1]]
        for index in _INDEXES:
            if index in item:
                del self.listed[index, item[index]["S"]][key]

    def update(self, others: Any = (), **_: Any) -> None:
        for key, item in dict(others).items():
            self[key] = item

    def pop(self, key: tuple[str, str], default: Any = None) -> Any:
        item = self.get(key, default)
        if key in self:
            del self[key]
        return item


class FakeDynamo:
    """A `dynamodb` client."""

    def __init__(self) -> None:
        self.items = Items()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.lag: Callable[[], bool] = lambda: False
        """Whether an index does not show the latest writes yet."""
        self.read: Callable[[int], None] = lambda items: None
        """Told how many items a call reads."""
        self.written: Callable[[Item, Item], None] = lambda old, new: None
        """Told an item before and after a write; empty where there is none."""
        self._lock = threading.RLock()
        self._index: dict[tuple[str, str], list[Item]] = {}

    def get_item(self, **request: Any) -> Any:
        assert request["ConsistentRead"]
        with self._lock:
            item = self.items.get(_key(request["Key"]))
            self.read(1)
            return {"Item": copy.deepcopy(item)} if item else {}

    def query(self, **request: Any) -> Any:
        given = request["ExpressionAttributeValues"]
        with self._lock:
            if "IndexName" not in request:
                assert request["ConsistentRead"]
                prefix, of = given.get(":prefix", {"S": ""})["S"], given[":pk"]["S"]
                after = request.get("ExclusiveStartKey", {}).get("sk", {}).get("S", "")
                keys = sorted(sk for sk in self.items.partitions.get(of, ()) if sk.startswith(prefix) and sk > after)
                found = [copy.deepcopy(self.items[of, sk]) for sk in keys[: request.get("Limit")]]
                self.read(len(found))
                # As DynamoDB does: a page that reaches the limit says so, even if nothing comes after it.
                if found and len(found) == request.get("Limit"):
                    return {"Items": found, "LastEvaluatedKey": {name: found[-1][name] for name in ("pk", "sk")}}
                return {"Items": found}
            listed = self._listed(request["IndexName"], given)
            if start := request.get("ExclusiveStartKey"):
                after = _key(start)
                listed = [item for item in listed if _key(item) > after]
            page = listed[: request.get("Limit")]
            self.read(len(page))
            if page and len(page) == request.get("Limit"):
                return {"Items": page, "LastEvaluatedKey": page[-1]}
            return {"Items": page}

    def _listed(self, index: str, given: Mapping[str, Any]) -> list[Item]:
        """Keys of the items that an index lists under a key, as it was before while it lags."""
        of = given[":kind" if index == "pending" else ":live"]["S"]
        if not self.lag():
            self._index[index, of] = [self.items[key] for key in self.items.listed.get((index, of), ())]
        listed = self._index.get((index, of), [])
        if index == "pending":
            listed = [item for item in listed if plain(item["since"]) <= plain(given[":now"])]
        return sorted(({"pk": item["pk"], "sk": item["sk"]} for item in listed), key=_key)

    def batch_write_item(self, **request: Any) -> Any:
        ((_, writes),) = request["RequestItems"].items()
        assert 0 < len(writes) <= 25
        with self._lock:
            for one in writes:
                ((kind, write),) = one.items()
                self._apply(kind.removesuffix("Request"), write)
        return {"UnprocessedItems": {}}

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

    def _write(self, operation: str, writes: list[Mapping[str, Any]]) -> None:
        with self._lock:
            for one in writes:
                ((kind, write),) = one.items()
                if not self._holds(write):
                    raise refused(operation)
                self._apply(kind, write)

    def _holds(self, write: Mapping[str, Any]) -> bool:
        if "ConditionExpression" not in write:
            return True
        names, given = write.get("ExpressionAttributeNames", {}), write.get("ExpressionAttributeValues", {})
        return holds(
            write["ConditionExpression"], self.items.get(_key(write.get("Key") or write["Item"]), {}), names, given
        )

    def _apply(self, kind: str, write: Mapping[str, Any]) -> None:
        key = _key(write.get("Key") or write["Item"])
        old = self.items.get(key, {})
        self._change(kind, write)
        self.written(old, self.items.get(key, {}))

    def _change(self, kind: str, write: Mapping[str, Any]) -> None:
        if kind == "Put":
            self.items[_key(write["Item"])] = copy.deepcopy(write["Item"])
        elif kind == "Delete":
            self.items.pop(_key(write["Key"]), None)
        else:
            item = copy.deepcopy(self.items.get(_key(write["Key"])) or dict(write["Key"]))
            change(item, write)
            self.items[_key(write["Key"])] = item


def refused(operation: str) -> ClientError:
    """What DynamoDB answers when a condition does not hold."""
    return ClientError({"Error": {"Code": "ConditionalCheckFailedException", "Message": ""}}, operation)


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
    old = dict(item)

    def operand(text: str) -> Any:
        """A value, another attribute, the first of both that exists, or a sum, as they were before the write."""
        if " + " in text:
            one, two = map(operand, text.split(" + "))
            return {"N": str(plain(one) + plain(two))}
        if found := re.fullmatch(r"if_not_exists\((#\w+), (:\w+)\)", text):
            return old.get(names[found[1]], given[found[2]])
        return given[text] if text.startswith(":") else old[names[text]]

    for verb, text in zip(parts[::2], parts[1::2], strict=True):
        for one in re.split(r",(?![^(]*\))", text):
            words = one.replace("=", " ", 1).split(maxsplit=1)
            name = names.get(words[0], words[0])
            if verb == "REMOVE":
                item.pop(name, None)
            elif verb == "SET":
                item[name] = copy.deepcopy(operand(words[1].strip()))
            elif "SS" in given[words[1].strip()]:
                had, part = set(item.get(name, {"SS": []})["SS"]), set(given[words[1].strip()]["SS"])
                item[name] = {"SS": sorted(had | part if verb == "ADD" else had - part)}
                if not item[name]["SS"]:
                    del item[name]
            else:
                item[name] = {"N": str(plain(item.get(name, {"N": "0"})) + plain(given[words[1].strip()]))}


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
