"""Reads what a function was invoked with: a JSON object with an `action` and the fields that the action takes."""

from collections.abc import Mapping
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
    """The event, if it is a JSON object at all."""
    if not isinstance(event, Mapping):
        raise InputError("event", f"a JSON object, not {type(event).__name__}")
    return event


def text(event: Event, field: str, *, default: str | None = None, most: int = 1024) -> str:
    """A field that holds 1 to `most` bytes of text in UTF-8; missing or null gives the default, if there is one."""
    value = event.get(field)
    if value is None and default is not None:
        return default
    if not isinstance(value, str) or not value.strip():
        found = "nothing" if value is None else "empty text" if isinstance(value, str) else type(value).__name__
        raise InputError(field, f"a text is required, not {found}")
    try:
        size = len(value.encode())
    except UnicodeEncodeError as error:  # JSON may hold half of a pair: "\ud800"
        raise InputError(field, f"not Unicode at character {error.start + 1}") from error
    if size > most:
        raise InputError(field, f"at most {most:,} bytes, not {size:,}")
    return value
