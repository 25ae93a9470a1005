"""Entry point of the scheduler function: actions `execute_sql` and `status_check`."""

from dataclasses import asdict
from functools import cache
from typing import Any

from relay.actions import Context, as_event, check_fields, text
from relay.bus import default_events_client
from relay.data_api import DataApi
from relay.errors import UnknownAction
from relay.settings import Target
from scheduler.loader import Load, Loader
from scheduler.settings import Settings


@cache
def _loader() -> Loader:
    return Loader(DataApi(Target.from_env()), default_events_client(), Settings.from_env())


def handle(event: object, context: Context) -> dict[str, Any]:
    """`execute_sql` starts a load; `status_check` returns the status of a statement. Raises RelayError."""
    request = as_event(event)
    match request.get("action"):
        case "execute_sql":
            check_fields(request, ("action", "schedule", "sql", "occurrence"))
            return asdict(_loader().start(Load.parse(request, default_occurrence=context.aws_request_id)))
        case "status_check":
            check_fields(request, ("action", "statement_id"))
            return asdict(_loader().status(text(request, "statement_id", max_bytes=100)))
        case other:
            raise UnknownAction(other, ("execute_sql", "status_check"))
