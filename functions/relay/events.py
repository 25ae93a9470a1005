"""Reads completion events of the Data API, as EventBridge delivers them."""

from collections.abc import Mapping
from dataclasses import dataclass

from relay.actions import Event
from relay.errors import InputError

STATUS_CHANGE = "Redshift Data Statement Status Change"
"""The detail-type of a completion event; its source is `aws.redshift-data`.

https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-monitoring-events.html
"""

RELAY_SOURCE = "redshift-relay"
LOAD_FINISHED = "Load Finished"
LOAD_FAILED = "Load Failed"
LOAD_NOT_STARTED = "Load Not Started"
"""The detail-types of the events that report how a load ended; their source is `redshift-relay`.

`Load Failed` also reports a load that was cancelled, `Load Not Started` one that never reached Redshift.
"""

ENDED = ("FINISHED", "FAILED", "ABORTED")
"""The states in which a statement stays (redshift-data service model, StatusString)."""


@dataclass(frozen=True)
class Completion:
    """The end of a statement. The event carries no error text."""

    statement_id: str
    statement_name: str
    state: str
    principal: str


def parse_completion(event: Event) -> Completion:
    """Reads a completion event; raises InputError. Keys match without case and separators: older forms differ."""
    detail = event.get("detail")
    if not isinstance(detail, Mapping):
        raise InputError("detail", "must be a JSON object")
    found = {str(key).lower().replace("-", "").replace("_", ""): value for key, value in detail.items()}
    statement_id = found.get("statementid") or found.get("id")
    if not isinstance(statement_id, str) or not statement_id:
        raise InputError("detail.statementId", "must be text")
    state = str(found.get("state") or found.get("status") or "").upper()
    if state not in ENDED:
        raise InputError("detail.state", f"{state or 'nothing'!r} is not one of {', '.join(ENDED)}")
    return Completion(
        statement_id=statement_id,
        statement_name=str(found.get("statementname") or ""),
        state=state,
        principal=str(found.get("principal") or ""),
    )
