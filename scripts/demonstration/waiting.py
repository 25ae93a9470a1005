"""Waits for something that the demo has caused."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait(look: Callable[[], T | None], otherwise: str, *, seconds: float) -> T:
    """Returns the first result of `look` that is not None; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{otherwise} within {seconds:.0f} s")
        time.sleep(0.2)
    return found
