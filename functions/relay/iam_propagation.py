"""Retries while IAM propagates: a policy that the same terraform apply has created takes time to take effect.

AWS documents that it does, not how long it takes; two minutes are what the functions wait. A permission that is really
missing therefore fails an apply two minutes later, except for an explicit deny, which fails at once: no policy that
arrives later overrules it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

import time
from collections.abc import Callable
from typing import TypeVar

from relay.actions import Context
from relay.errors import CallFailed

T = TypeVar("T")
TIMEOUT_SECONDS = 120
"""How long one call is retried, if the function has that much time left."""
_PAUSE_SECONDS = 2
_RESERVED_MS = 10_000
"""Time kept to report the denial before Lambda ends the invocation."""


def retry_until_authorized(call: Callable[[], T], context: Context) -> T:
    """Makes a call and retries it while IAM denies access, until the timeout. Raises what the call raises."""
    for _ in range(TIMEOUT_SECONDS // _PAUSE_SECONDS):
        try:
            return call()
        except CallFailed as error:
            time_is_up = context.get_remaining_time_in_millis() < _RESERVED_MS + _PAUSE_SECONDS * 1000
            if time_is_up or not may_be_propagating(error):
                raise
        time.sleep(_PAUSE_SECONDS)
    return call()


def may_be_propagating(error: CallFailed) -> bool:
    """Whether a permission is missing that a policy may still grant.

    A denied action of the Data API itself is an AccessDeniedException. A denied action that the Data API needs for the
    sign-in (GetClusterCredentialsWithIAM, GetCredentials, GetSecretValue) is a ValidationException with IAM's text:
    https://github.com/awslabs/mcp/blob/main/src/redshift-mcp-server/tests/test_redshift.py (TestBatchDeniedDetection)
    """
    if "explicit deny" in error.reason:
        return False
    return error.code == "AccessDeniedException" or (
        error.code == "ValidationException" and "is not authorized to perform" in error.reason
    )
