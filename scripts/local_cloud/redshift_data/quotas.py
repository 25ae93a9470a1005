"""Quotas: how much may be active at once, and, while a test has switched them on, the requests per second.

An account has 30 ExecuteStatement, 20 GetStatementResult and 100 DescribeStatement per second (Management Guide,
"Quotas for Amazon Redshift Data API"; values from https://github.com/jitsucom/jitsu/pull/1462), and a cluster or
workgroup 500 active statements and 500 sessions. The other numbers are not known, so a test gives them.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

from local_cloud.redshift_data.errors import ApiError, ValidationError

_DOCUMENTED = {"ExecuteStatement": 30, "GetStatementResult": 20, "DescribeStatement": 100}
_SECOND = 1.0


_LIMITS = {"active_statements": 500, "active_sessions": 500, "waiting_requests": None}


class Quotas:
    """Counts the requests of the last second of each operation; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[str, deque[float]] = defaultdict(deque)
        self._rates: dict[str, int] = {}
        self._limits: dict[str, int | None] = dict(_LIMITS)
        self._disguised = False

    @property
    def state(self) -> dict[str, Any]:
        """What applies now."""
        return {"rates": self._rates, "disguised": self._disguised, **self._limits}

    def change(self, *, rates: Mapping[str, int] | None = None, disguised: bool = False, **limits: int) -> None:
        """Apply the rates of AWS and these rates, and these limits. Raises ValueError or TypeError."""
        rates = rates or {}
        if not all(isinstance(number, int) and number >= 0 for number in [*rates.values(), *limits.values()]):
            raise ValueError("a quota is a number from 0")
        if unknown := sorted(limits.keys() - _LIMITS.keys()):
            raise ValueError(f"{unknown[0]} is not a quota; the quotas are rates, {', '.join(_LIMITS)}")
        with self._lock:
            self._rates = {**_DOCUMENTED, **rates}
            self._limits = {**_LIMITS, **limits}
            self._disguised = disguised
            self._requests.clear()

    def lift(self) -> None:
        """Apply no rate, and the limits of AWS."""
        with self._lock:
            self._rates, self._limits, self._disguised = {}, dict(_LIMITS), False

    def check_active(self, name: str, active: int, code: str, what: str) -> None:
        """Raises an ApiError if as many are active as the limit allows."""
        limit = self._limits[name]
        if limit is not None and active >= limit:
            raise ApiError(code, f"{what} exceeded the allowed quota ({limit}).")

    def admit(self, operation: str) -> None:
        """Count a request. Raises ThrottlingException, which can be disguised as ValidationException."""
        with self._lock:
            limit = self._rates.get(operation)
            if limit is None:
                return
            now, recent = time.monotonic(), self._requests[operation]
            while recent and now - recent[0] >= _SECOND:
                recent.popleft()
            if len(recent) < limit:
                recent.append(now)
                return
        if self._disguised:
            raise ValidationError("ThrottlingException: Rate exceeded")
        raise ApiError("ThrottlingException", "Rate exceeded")
