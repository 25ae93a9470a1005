"""What the page knows already and the gateway's description does not: fields that are added and taken away here.

Once modules/websocket_gateway/asyncapi.yaml describes them, this file goes.
"""

from collections.abc import Mapping, Sequence
from typing import Any


def to_page(message: Mapping[str, Any], finished_at: str | None) -> dict[str, Any]:
    """A message of the gateway with the names and fields to come."""
    changed = dict(message)
    if changed["type"] == "complete":
        changed["finished_at"] = finished_at
    return changed


def from_page(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message of the page as the gateway takes it today."""
    return {name: value for name, value in message.items() if name != "fresh"}


def described(query: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """A query of the catalog with what its author says: `parameters` are options by name, in the author's order."""
    own = {name: value for name, value in options.items() if name != "parameters"}
    told: Mapping[str, Mapping[str, Any]] = options.get("parameters", {})
    parameters: Sequence[Mapping[str, Any]] = query["parameters"]
    order = [*told, *(one["name"] for one in parameters)]
    in_order = sorted(parameters, key=lambda one: order.index(one["name"]))
    return {**query, **own, "parameters": [{**one, **told.get(one["name"], {})} for one in in_order]}
