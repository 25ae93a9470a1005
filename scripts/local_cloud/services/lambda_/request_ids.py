"""The request id of asynchronous invocations."""

from __future__ import annotations

import contextvars
from typing import Any

_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id_of_an_asynchronous_invocation")


def patch_request_ids(functions: Any) -> None:
    """Fault: each attempt of an asynchronous invocation has another request id.

    In Lambda all attempts share one: https://docs.aws.amazon.com/lambda/latest/dg/invocation-retries.html
    """
    invoke, dispatch = functions.invoke_async_with_retry, functions._execute_function_dispatch

    def invoke_async_with_retry(func: dict[str, Any], event: dict[str, Any]) -> None:
        def begin() -> None:
            _request_id.set(functions.new_uuid())
            invoke(func, event)  # its thread copies this context

        contextvars.copy_context().run(begin)

    def execute(func: dict[str, Any], config: dict[str, Any], event: dict[str, Any], own: str, *more: Any) -> Any:
        return dispatch(func, config, event, _request_id.get(own), *more)

    functions.invoke_async_with_retry = invoke_async_with_retry
    functions._execute_function_dispatch = execute
