"""The event `Load Not Started`: how people hear of a load that Redshift never saw."""

import json
from functools import cache, partial
from typing import TYPE_CHECKING

import boto3

from relay.data_api import call
from relay.errors import CallFailed
from relay.events import LOAD_NOT_STARTED, RELAY_SOURCE
from relay.excerpt import first_line
from relay.names import StatementName

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

MAX_REASON = 4000
"""Characters of a reason in the event: far below EventBridge's 256 KB an entry, enough for any message of AWS."""


@cache
def default_events_client() -> "EventBridgeClient":
    """Made at the first use, once per process."""
    return boto3.client("events")


def tell(client: "EventBridgeClient", bus: str, name: StatementName, code: str, reason: str, sql: str) -> None:
    """Puts the event; raises CallFailed when the bus does not take it."""
    detail = {
        "name_prefix": name.prefix,
        "schedule": name.schedule,
        "statement_name": str(name),
        "code": code,
        "reason": reason[:MAX_REASON],
        "sql": first_line(sql),
    }
    entry = {"Source": RELAY_SOURCE, "DetailType": LOAD_NOT_STARTED, "Detail": json.dumps(detail), "EventBusName": bus}
    answer = call("PutEvents", partial(client.put_events, Entries=[entry]))  # type: ignore[list-item]
    if answer["FailedEntryCount"]:
        # PutEvents answers 200 for entries that it refuses (events service model, PutEventsResponse).
        refused = answer["Entries"][0]
        raise CallFailed("PutEvents", refused.get("ErrorCode", ""), refused.get("ErrorMessage", ""))
