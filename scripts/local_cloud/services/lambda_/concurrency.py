"""Reserved concurrency, within the account's limit."""

from __future__ import annotations

import json
from typing import Any

from local_cloud.faults.account import Account

_UNRESERVED = 100
"""Executions that must stay unreserved: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html

Users' reports show a lower minimum in an account with a lower limit, for example [10] and [50]:
https://github.com/aws-samples/s3-to-lambda-patterns/issues/36
"""


def patch_concurrency(functions: Any, account: Account) -> None:
    """Fault: any reservation is accepted, and the account's limit is fixed."""
    put, settings = functions._put_function_concurrency, functions._get_account_settings

    def reserved(but: str | None = None) -> int:
        return sum(
            int(functions._functions[name].get("concurrency") or 0) for name in functions._functions if name != but
        )

    def put_function_concurrency(name: str, data: dict[str, Any]) -> Any:
        minimum = min(_UNRESERVED, account.lambda_concurrency)
        left = account.lambda_concurrency - reserved(but=name) - int(data.get("ReservedConcurrentExecutions", 0))
        if name in functions._functions and left < minimum:
            return functions.error_response_json(
                "InvalidParameterValueException",
                "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution"
                f" below its minimum value of [{minimum}].",
                400,
            )
        return put(name, data)

    def get_account_settings() -> Any:
        status, headers, body = settings()
        told = json.loads(body)
        told["AccountLimit"]["ConcurrentExecutions"] = account.lambda_concurrency
        told["AccountLimit"]["UnreservedConcurrentExecutions"] = account.lambda_concurrency - reserved()
        return status, headers, json.dumps(told).encode()

    functions._put_function_concurrency, functions._get_account_settings = (
        put_function_concurrency,
        get_account_settings,
    )
