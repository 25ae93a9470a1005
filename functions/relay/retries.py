"""Retries while IAM propagates: a policy that the same terraform apply has created takes seconds to take effect.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
"""

import time
from collections.abc import Callable
from typing import TypeVar

from relay.errors import CallFailed

T = TypeVar("T")
TIMEOUT_SECONDS = 16
_PAUSE_SECONDS = 2


def retry_until_authorized(call: Callable[[], T]) -> T:
    """Makes a call and retries it while IAM denies access, until the timeout. Raises what the call raises."""
    for _ in range(TIMEOUT_SECONDS // _PAUSE_SECONDS):
        try:
            return call()
        except CallFailed as error:
            if error.code != "AccessDeniedException":
                raise
        time.sleep(_PAUSE_SECONDS)
    return call()
