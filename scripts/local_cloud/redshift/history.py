"""The history of queries, for SYS_QUERY_HISTORY."""

from __future__ import annotations

import functools
import itertools
import json
import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from local_cloud.redshift.errors import Cancelled, SqlError
from local_cloud.redshift.results import Outcome

_KEPT = 10_000
_SHOWN = 1_000
_TEXT = 4_000  # characters, as in Redshift
_FIRST_ID = 1001
# query_type, "such as SELECT, INSERT, UPDATE, UNLOAD, COPY, COMMAND, DDL, UTILITY, CTAS, and OTHER": the rest is OTHER.
_TYPES = (
    (r"(?:SELECT|WITH|\()", "SELECT"),
    (r"CREATE\s+(?:(?:LOCAL\s+)?TEMP(?:ORARY)?\s+)?TABLE\s+[^(]+\sAS\b", "CTAS"),
    (r"(?:CREATE|ALTER|DROP|TRUNCATE)\b", "DDL"),
    (r"INSERT\b", "INSERT"),
    (r"UPDATE\b", "UPDATE"),
    (r"DELETE\b", "DELETE"),
    (r"COPY\b", "COPY"),
    (r"UNLOAD\b", "UNLOAD"),
)
_LABEL = re.compile(r"(?:SET relay\.query_group TO '?(?P<label>[^']*)'?|RESET (?:relay\.query_group|ALL))")
_COMMENTS = re.compile(r"(?:\s+|--[^\n]*|/\*.*?\*/)*", re.DOTALL)

Progress = Callable[[int, Outcome | SqlError | None], None]


@dataclass
class Query:
    """One row of the history."""

    id: int
    user: str
    database: str
    session_id: int
    text: str
    started: datetime
    ended: datetime | None = None
    status: str = "running"
    error: str = ""
    rows: int = 0
    label: str = "default"  # query_group

    def end(self, result: Outcome | SqlError) -> None:
        self.ended = datetime.now(UTC)
        if isinstance(result, SqlError):
            self.status, self.error = "canceled" if isinstance(result, Cancelled) else "failed", result.message
        else:
            self.status, self.rows = "success", len(result.rows)

    def as_json(self) -> dict[str, object]:
        """The members that system_views/query_history.sql reads."""
        return {
            "query_id": self.id,
            "user_name": self.user,
            "session_id": self.session_id,
            "database_name": self.database,
            "query_type": _type_of(self.text),
            "status": self.status,
            "start_time": self.started.replace(tzinfo=None).isoformat(),
            "end_time": self.ended.replace(tzinfo=None).isoformat() if self.ended else None,
            "error_message": self.error,
            "returned_rows": self.rows,
            "query_text": self.text[:_TEXT],
            "query_label": self.label,
        }


@dataclass
class LoadRecord:
    """One COPY; its query tells how it ended."""

    query: Query
    table: str
    source: str
    format: str
    files: int
    rows: int = 0
    bytes: int = 0
    errors: int = 0

    def as_json(self) -> dict[str, object]:
        """The members that system_views/load_history.sql reads."""
        status = {"running": "running", "success": "completed"}.get(self.query.status, "aborted")
        loaded = status != "aborted"
        return {
            **{name: self.query.as_json()[name] for name in _OF_QUERY},
            "status": status,
            "table_name": self.table,
            "data_source": self.source,
            "file_format": self.format,
            "loaded_rows": self.rows if loaded else 0,
            "loaded_bytes": self.bytes if loaded else 0,
            "source_file_count": self.files,
            "error_count": self.errors,
        }


_OF_QUERY = ("query_id", "user_name", "session_id", "database_name", "start_time", "end_time")


class QueryHistory:
    """The newest queries and loads of a warehouse; safe to use from any thread."""

    def __init__(self) -> None:
        self._ids = itertools.count(_FIRST_ID)
        self._lock = threading.Lock()
        self._queries: deque[Query] = deque(maxlen=_KEPT)
        self._loads: deque[LoadRecord] = deque(maxlen=_KEPT)

    def begin(self, user: str, database: str, session_id: int, text: str, label: str) -> Query:
        query = Query(next(self._ids), user, database, session_id, text, datetime.now(UTC), label=label)
        with self._lock:
            self._queries.append(query)
        return query

    def shown_to(self, user: str, *, superuser: bool) -> str:
        """The newest rows that a user may see, as a JSON array."""
        with self._lock:
            visible = [one for one in self._queries if superuser or one.user == user]
        return json.dumps([one.as_json() for one in visible[-_SHOWN:]], ensure_ascii=False)

    def add_load(self, load: LoadRecord) -> None:
        with self._lock:
            self._loads.append(load)

    def loads_shown_to(self, user: str, *, superuser: bool) -> str:
        """The newest loads that a user may see, as a JSON array."""
        with self._lock:
            visible = [one for one in self._loads if superuser or one.query.user == user]
        return json.dumps([one.as_json() for one in visible[-_SHOWN:]], ensure_ascii=False)


class Recorder:
    """Writes the queries of one session into the history."""

    def __init__(self, history: QueryHistory, user: str, database: str, session_id: int) -> None:
        self._begin = functools.partial(history.begin, user, database, session_id)
        self.query: Query | None = None
        """The running query, or the last one."""
        self._label = "default"

    def begin(self, text: str) -> Query:
        self.query = self._begin(text, self._label)
        return self.query

    def follow(self, setting: str) -> None:
        """Labels later queries by SET query_group, as PostgreSQL got it."""
        if found := _LABEL.fullmatch(setting):
            self._label = found["label"] or "default"

    def recording(self, sqls: list[str], on_progress: Progress) -> Progress:
        """Records what `on_progress` of a batch is told."""

        def progress(number: int, got: Outcome | SqlError | None) -> None:
            if got is None:
                self.begin(sqls[number])
            elif self.query is not None:
                self.query.end(got)
            on_progress(number, got)

        return progress


class _Recorded(Protocol):
    recorder: Recorder


S = TypeVar("S", bound=_Recorded)
P = ParamSpec("P")


def recorded(execute: Callable[Concatenate[S, str, P], Outcome]) -> Callable[Concatenate[S, str, P], Outcome]:
    """Records each call of a session's `execute`."""

    @functools.wraps(execute)
    def run(session: S, sql: str, /, *args: P.args, **kwargs: P.kwargs) -> Outcome:
        query = session.recorder.begin(sql)
        try:
            outcome = execute(session, sql, *args, **kwargs)
        except SqlError as error:
            query.end(error)
            raise
        query.end(outcome)
        return outcome

    return run


def _type_of(text: str) -> str:
    begin = _COMMENTS.match(text)
    found = text[begin.end() if begin else 0 :]
    return next((kind for pattern, kind in _TYPES if re.match(pattern, found, re.IGNORECASE)), "OTHER")
