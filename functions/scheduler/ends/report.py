"""The event that reports the end of a run: `Load Finished`, `Load Failed` or `Load Not Started`."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from relay.events import LOAD_FAILED, LOAD_FINISHED, LOAD_NOT_STARTED
from relay.redaction import first_line
from scheduler.state.occurrence import Occurrence, State

DETAIL_TYPES = {
    State.FINISHED: LOAD_FINISHED,
    State.FAILED: LOAD_FAILED,
    State.ABORTED: LOAD_FAILED,
    State.NOT_STARTED: LOAD_NOT_STARTED,
}


def detail(
    name_prefix: str, ended: Occurrence, *, follows: Sequence[str] = (), set_aside: Sequence[str] = ()
) -> dict[str, Any]:
    """The detail of the event. Every key is there; null where a value is unknown.

    `sql` is the first line of the first statement, without secrets.
    """
    request = ended.request
    files = asdict(request.files) | {"set_aside": list(set_aside)} if request.files else None
    return {
        "name_prefix": name_prefix,
        "load": request.load,
        "occurrence": request.occurrence,
        "scheduled_time": request.scheduled_time,
        "started_by": {"kind": request.started_by.kind, "name": request.started_by.name},
        "attempt": ended.attempt,
        "attempts": ended.attempts,
        "requested_at": ended.requested_at,
        "started_at": ended.started_at,
        "ended_at": ended.ended_at,
        "waited_seconds": ended.waited_seconds,
        "duration_seconds": ended.duration_seconds,
        "statement_id": ended.statement_id,
        "statement_name": ended.statement_name,
        "sql": first_line(ended.sqls[0]) if ended.sqls else None,
        "state": ended.state,
        "rows": ended.rows,
        "error": ended.error,
        "field": ended.problem,
        "recovered": ended.state is State.FINISHED and ended.failures > 0,
        "failures": ended.failures,
        "files": files,
        "follows": list(follows),
    }
