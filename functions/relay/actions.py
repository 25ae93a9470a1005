"""Reads the event of an invocation: a JSON object with an `action` and the fields of that action."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from relay.errors import InputError

Event = Mapping[str, Any]


class Context(Protocol):
    """What the functions use of Lambda's context object."""

    @property
    def aws_request_id(self) -> str:
        """The id of the invocation; a retry by Lambda keeps it."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the invocation."""


def as_event(event: object) -> Event:
    """The event, if it is a JSON object; raises InputError otherwise."""
    if not isinstance(event, Mapping):
        raise InputError("event", f"must be a JSON object, not {type(event).__name__}")
    return event


def check_fields(event: Event, known: Collection[str]) -> None:
    """Raises InputError for a field that the action does not have: a misspelled one would have no effect."""
    for field in event:
        if field not in known:
            raise InputError(str(field), f"unknown field. Use {', '.join(known)}.")


def text(event: Event, field: str, *, default: str | None = None, max_bytes: int = 1024) -> str:
    """A field that has 1 to `max_bytes` bytes of text in UTF-8; missing or null gives the default, if there is one."""
    value = event.get(field)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or not value.strip():
        found = "nothing" if value is None else "empty text" if isinstance(value, str) else type(value).__name__
        raise InputError(field, f"must be text, not {found}")
    check_size(value, field, max_bytes)
    return value


def check_size(value: str, field: str, max_bytes: int) -> None:
    """Raises InputError for text with more bytes in UTF-8, and for text that has no UTF-8."""
    try:
        size = len(value.encode())
    except UnicodeEncodeError as error:  # JSON may contain half of a surrogate pair: "\ud800"
        raise InputError(field, f"invalid Unicode at character {error.start + 1}") from error
    if size > max_bytes:
        raise InputError(field, f"at most {max_bytes:,} bytes, not {size:,}")
