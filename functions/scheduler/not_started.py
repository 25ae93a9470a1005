"""The event `Load Not Started`: reports a load that never reached Redshift."""

from typing import TYPE_CHECKING

from relay.bus import put_event
from relay.events import LOAD_NOT_STARTED
from relay.names import StatementName
from relay.redaction import first_line

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

MAX_REASON = 4000
"""Characters of a reason in the event: far below EventBridge's 256 KB an entry, enough for any message of AWS."""


def put_load_not_started(
    client: "EventBridgeClient", bus: str, name: StatementName, code: str, reason: str, sql: str
) -> None:
    """Puts the event; raises CallFailed when the bus does not take it."""
    detail = {
        "name_prefix": name.prefix,
        "schedule": name.schedule,
        "statement_name": str(name),
        "code": code,
        "reason": reason[:MAX_REASON],
        "sql": first_line(sql),
    }
    put_event(client, bus, LOAD_NOT_STARTED, detail)
