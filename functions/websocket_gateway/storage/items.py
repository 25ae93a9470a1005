"""Items and expressions in DynamoDB's form: strings, bytes, whole numbers, booleans and sets of strings."""

import re
from collections.abc import Mapping
from typing import Any

from websocket_gateway.storage.keys import Key


def key_of(key: Key) -> dict[str, Any]:
    """A key in DynamoDB's form."""
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def to_item(key: Key, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """An item in DynamoDB's form; attributes that are None are left out."""
    return key_of(key) | values({name: value for name, value in attributes.items() if value is not None})


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of an item in DynamoDB's form."""
    return {name: int(value["N"]) if "N" in value else next(iter(value.values())) for name, value in item.items()}


def values(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values in DynamoDB's form."""
    return {name: _value(value) for name, value in plain.items()}


def _value(value: object) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, bytes):
        return {"B": value}
    if isinstance(value, set):
        return {"SS": sorted(value)}
    return {"S": str(value)}


def expressions(change: str, condition: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Condition, names and values of a write; `#name` in the texts stands for the attribute `name`.

    Every attribute is written as a placeholder, because many names are reserved words (definition, state, query, ...):
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
    """
    names = {f"#{name}": name for name in re.findall(r"#(\w+)", f"{change} {condition}")}
    parts: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
    if names:
        parts["ExpressionAttributeNames"] = names
    if given:
        parts["ExpressionAttributeValues"] = values(given)
    return parts
