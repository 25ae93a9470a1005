"""API Gateway's throttling: a token bucket for each route of a stage.

"Throttle requests to your HTTP APIs" and "... to your REST APIs" in the developer guide: the rate fills the bucket,
the burst is its size; route settings override the stage's default route settings, which override the account's
limits. A limit of 0, which Terraform's provider sends for a block without limits, admits nothing
(hashicorp/terraform-provider-aws pull request 43307).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

ACCOUNT_RATE, ACCOUNT_BURST = 10_000.0, 5_000.0


class Throttle:
    """The buckets of all stages; safe to use from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str, str], tuple[float, float]] = {}
        self._lock = threading.Lock()

    def admits(self, api_id: str, stage: Mapping[str, Any], route_key: str) -> bool:
        """Whether one more request may reach the route now."""
        rate, burst = limits(stage, route_key)
        key, now = (api_id, stage.get("stageName", ""), route_key), self._clock()
        with self._lock:
            tokens, seen = self._buckets.get(key, (burst, now))
            tokens = min(burst, tokens + (now - seen) * rate)
            admitted = tokens >= 1
            self._buckets[key] = (tokens - admitted, now)
        return admitted


def limits(stage: Mapping[str, Any], route_key: str) -> tuple[float, float]:
    """Rate and burst of a route."""
    default = stage.get("defaultRouteSettings") or {}
    own = (stage.get("routeSettings") or {}).get(route_key) or {}

    def limit(name: str, account: float) -> float:
        return next((float(one[name]) for one in (own, default) if one.get(name) is not None), account)

    return limit("throttlingRateLimit", ACCOUNT_RATE), limit("throttlingBurstLimit", ACCOUNT_BURST)
