"""Messages of the protocol, for the gateway of conftest.py."""

from collections.abc import Callable
from typing import Any

Messages = list[dict[str, Any]]
Gateway = Callable[[Messages], str]
"""Starts a gateway that sends these messages, and returns its URL."""


def rows(first_row: int, *values: list[Any], run: str = "r1", **more: Any) -> dict[str, Any]:
    """A message of rows."""
    return {"type": "rows", "run": run, "first_row": first_row, "rows": list(values), **more}


def complete(count: int, run: str = "r1", version: int = 1, **more: Any) -> dict[str, Any]:
    """The message that ends an answer."""
    end = {"type": "complete", "run": run, "rows": count, "version": version}
    return end | {"truncated": False, "elapsed_seconds": 0.25, "cached": False} | more
