"""Patience with IAM during terraform apply: a policy that the same apply has made takes seconds to be known everywhere.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
"""

import time
from collections.abc import Callable
from typing import TypeVar

from relay.errors import CallFailed

T = TypeVar("T")
PATIENCE_SECONDS = 16
_PAUSE_SECONDS = 2


def patiently(start: Callable[[], T]) -> T:
    """What `start` returns; while IAM refuses, it is tried again. Raises what it raises."""
    for _ in range(PATIENCE_SECONDS // _PAUSE_SECONDS):
        try:
            return start()
        except CallFailed as error:
            if error.code != "AccessDeniedException":
                raise
        time.sleep(_PAUSE_SECONDS)
    return start()
