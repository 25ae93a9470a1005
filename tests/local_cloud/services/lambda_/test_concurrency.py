"""Reserved concurrency stays within the account's limit."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

CODE = "def handle(event, context): pass"


@pytest.fixture
def names(cloud: Any) -> list[str]:
    role = cloud.role("reserving", "lambda.amazonaws.com")
    for name in ("reserving-1", "reserving-2"):
        cloud.function(name, role, CODE)
    return ["reserving-1", "reserving-2"]


def test_a_reservation_leaves_the_minimum(cloud: Any, names: list[str]) -> None:
    client = cloud.client("lambda")

    def refusal(name: str, executions: int) -> str:
        try:
            client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=executions)
        except ClientError as error:
            return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
        return ""

    assert refusal(names[0], 800) == ""
    assert "minimum value of [100]" in refusal(names[1], 101)
    assert refusal(names[1], 100) == ""
    assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 100
    for name in names:
        client.delete_function_concurrency(FunctionName=name)
    cloud.switch("account", lambda_concurrency=10)
    try:
        assert refusal(names[0], 1) == (
            "InvalidParameterValueException: Specified ReservedConcurrentExecutions for function decreases account's"
            " UnreservedConcurrentExecution below its minimum value of [10]."
        )
        assert client.get_account_settings()["AccountLimit"]["ConcurrentExecutions"] == 10
    finally:
        cloud.switch("account", "DELETE")
