"""The token buckets of API Gateway's stages, on a clock of the test's own."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.services.apigateway.throttle import ACCOUNT_BURST, ACCOUNT_RATE, Throttle, limits


def admitted(throttle: Throttle, stage: dict[str, Any], count: int, route: str = "r") -> int:
    return sum(throttle.admits("api", stage, route) for _ in range(count))


def test_the_burst_is_the_bucket_and_the_rate_fills_it() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    stage = {"stageName": "s", "defaultRouteSettings": {"throttlingRateLimit": 2.0, "throttlingBurstLimit": 5}}
    assert admitted(throttle, stage, 9) == 5
    now[0] = 1.25
    assert admitted(throttle, stage, 9) == 2
    now[0] = 1.5
    assert admitted(throttle, stage, 9) == 1  # halves add up
    now[0] = 100.0
    assert admitted(throttle, stage, 9) == 5
    assert admitted(throttle, stage, 9, "other") == 5
    assert admitted(throttle, {**stage, "stageName": "t"}, 9) == 5


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, (ACCOUNT_RATE, ACCOUNT_BURST)),
        ({"defaultRouteSettings": {}}, (ACCOUNT_RATE, ACCOUNT_BURST)),
        ({"defaultRouteSettings": {"throttlingRateLimit": 3.5, "throttlingBurstLimit": 4}}, (3.5, 4)),
        (
            {
                "defaultRouteSettings": {"throttlingRateLimit": 3.5, "throttlingBurstLimit": 4},
                "routeSettings": {"r": {"throttlingRateLimit": 1}, "q": {"throttlingRateLimit": 9}},
            },
            (1, 4),
        ),
        ({"defaultRouteSettings": {"throttlingRateLimit": 0, "throttlingBurstLimit": 0}}, (0, 0)),
    ],
)
def test_where_limits_come_from(settings: dict[str, Any], expected: tuple[float, float]) -> None:
    assert limits({"stageName": "s", **settings}, "r") == expected


def test_a_limit_of_nothing_lets_nothing_through() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    stage = {"stageName": "s", "defaultRouteSettings": {"throttlingRateLimit": 0, "throttlingBurstLimit": 0}}
    now[0] = 1000.0
    assert admitted(throttle, stage, 3) == 0
