"""Reads the events of modules/scheduler: `Load Finished`, `Load Failed` and `Load Not Started`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from notifier.announcement import NOT_STARTED, Announcement, Files, LoadRun, StartedBy
from relay.actions import Event
from relay.errors import InputError
from relay.events import ENDED

T = TypeVar("T")


def parse_load_event(event: Event) -> Announcement:
    """The announcement for a load event; raises InputError with the field that cannot be used.

    Only `name_prefix`, `load`, `occurrence` and `state` are required: what is not known is not announced.
    """
    detail = _Fields("detail", event.get("detail"))
    state = detail.required("state", str)
    if state not in (*ENDED, NOT_STARTED):
        raise InputError("detail.state", f"{state!r} is not one of {', '.join((*ENDED, NOT_STARTED))}")
    load = detail.required("load", str)
    return Announcement(
        name_prefix=detail.required("name_prefix", str),
        title=load,
        state=state,
        statement_name=detail.get("statement_name", str) or "",
        statement_id=detail.get("statement_id", str) or "",
        sql=detail.get("sql", str) or "",
        error=detail.get("error", str) or "",
        started_at=detail.moment("started_at"),
        ended_at=detail.moment("ended_at"),
        duration_seconds=detail.seconds("duration_seconds"),
        rows=detail.get("rows", int),
        run=LoadRun(
            load=load,
            occurrence=detail.required("occurrence", str),
            started_by=_started_by(detail),
            attempt=detail.get("attempt", int) or 1,
            attempts=detail.get("attempts", int) or 1,
            scheduled_time=detail.moment("scheduled_time"),
            requested_at=detail.moment("requested_at"),
            waited_seconds=detail.seconds("waited_seconds"),
            field=detail.get("field", str),
            recovered=bool(detail.get("recovered", bool)),
            failures=detail.get("failures", int) or 0,
            files=_files(detail),
            follows=detail.texts("follows"),
        ),
    )


def _started_by(detail: "_Fields") -> StartedBy:
    found = detail.child("started_by")
    return StartedBy(found.required("kind", str), found.get("name", str)) if found else StartedBy("unknown", None)


def _files(detail: "_Fields") -> Files | None:
    found = detail.child("files")
    if found is None:
        return None
    return Files(
        count=found.get("count", int) or 0,
        bytes=found.get("bytes", int) or 0,
        manifest=found.get("manifest", str) or "",
        set_aside=found.texts("set_aside"),
    )


class _Fields:
    """A JSON object whose fields are read by type; null and missing are the same."""

    def __init__(self, path: str, value: object) -> None:
        if not isinstance(value, Mapping):
            raise InputError(path, "must be a JSON object")
        self._path = path
        self._value: Mapping[str, Any] = value

    def get(self, name: str, kind: type[T]) -> T | None:
        """The value of a field, or None; raises InputError for another type."""
        value = self._value.get(name)
        if value is None:
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise InputError(f"{self._path}.{name}", f"must be {kind.__name__}, not {type(value).__name__}")
        return value

    def required(self, name: str, kind: type[T]) -> T:
        """The value of a field that must be there and not empty; raises InputError."""
        value = self.get(name, kind)
        if value is None or value == "":
            raise InputError(f"{self._path}.{name}", f"must be {kind.__name__}, not nothing")
        return value

    def seconds(self, name: str) -> float | None:
        """A duration; JSON writes 2.0 as 2."""
        value = self.get(name, object)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"{self._path}.{name}", f"must be seconds, not {type(value).__name__}")
        return float(value)

    def moment(self, name: str) -> datetime | None:
        """A time in ISO 8601; without a zone it is UTC."""
        value = self.get(name, str)
        if value is None:
            return None
        try:
            found = datetime.fromisoformat(value)
        except ValueError as error:
            raise InputError(f"{self._path}.{name}", f"{value!r} is not a time in ISO 8601") from error
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of text; raises InputError."""
        value = self.get(name, list)
        if value is not None and not all(isinstance(item, str) for item in value):
            raise InputError(f"{self._path}.{name}", "must be a list of text")
        return tuple(value or ())

    def child(self, name: str) -> "_Fields | None":
        """An object inside this one, or None."""
        value = self._value.get(name)
        return None if value is None else _Fields(f"{self._path}.{name}", value)
