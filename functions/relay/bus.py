"""Puts events of our own on EventBridge."""

import json
from collections.abc import Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

from relay.clients import lazy_client
from relay.data_api import call
from relay.errors import CallFailed
from relay.events import RELAY_SOURCE

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


@cache
def default_events_client() -> "EventBridgeClient":
    """One a process."""
    return lazy_client("events")  # type: ignore[no-any-return]


def put_event(client: "EventBridgeClient", bus: str, detail_type: str, detail: Mapping[str, object]) -> None:
    """Puts one event; raises CallFailed when the bus does not take it."""
    entry = {"Source": RELAY_SOURCE, "DetailType": detail_type, "Detail": json.dumps(detail), "EventBusName": bus}
    answer = call("PutEvents", partial(client.put_events, Entries=[entry]))  # type: ignore[list-item]
    if answer["FailedEntryCount"]:
        # PutEvents answers 200 for entries that it refuses (events service model, PutEventsResponse).
        refused = answer["Entries"][0]
        raise CallFailed("PutEvents", refused.get("ErrorCode", ""), refused.get("ErrorMessage", ""))
