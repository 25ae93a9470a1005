"""Lambda's concurrency limit of a new account: a reservation fails the apply at once, and holds once there is room."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.cloud import Cloud
from tests.e2e.hardened.account import Configuration, remedy

TRIPS = {"V1__trips.sql": "CREATE TABLE IF NOT EXISTS trips (id INTEGER)"}


def test_a_reservation(account: Cloud, objects: Callable[..., Configuration]) -> None:
    account.query("GRANT USAGE, CREATE ON SCHEMA public TO PUBLIC", database="limited")
    configuration = objects("limited", "limited", TRIPS, reserved_concurrency=1)
    account.switch("account", lambda_concurrency=10)
    try:
        error = configuration.failure()
    finally:
        account.switch("account", "DELETE")
    assert "below its minimum value of [10]" in error
    assert "reserved_concurrency" in remedy(error)
    name = configuration.apply()["function_name"]
    reserved = account.client("lambda").get_function_concurrency(FunctionName=name)
    assert reserved["ReservedConcurrentExecutions"] == 1
    del configuration.variables["reserved_concurrency"]
    configuration.apply()
    assert "ReservedConcurrentExecutions" not in account.client("lambda").get_function_concurrency(FunctionName=name)
