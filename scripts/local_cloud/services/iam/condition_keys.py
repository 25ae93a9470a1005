"""What ministack does not hand on: the request id to the retries of an invocation, some condition keys.

One of the emulator*.py files that touch ministack's inside. Each workaround names the fault that it mends in a comment
`Fault:`.
"""

from __future__ import annotations

import contextvars
import json
from typing import Any

_request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id_of_an_asynchronous_invocation")


def mend_request_ids(functions: Any) -> None:
    """Fault: each attempt of an asynchronous invocation has a request id of its own.

    In Lambda all attempts have the first one's: https://docs.aws.amazon.com/lambda/latest/dg/invocation-retries.html
    """
    invoke, dispatch = functions.invoke_async_with_retry, functions._execute_function_dispatch

    def invoke_async_with_retry(func: dict[str, Any], event: dict[str, Any]) -> None:
        def begin() -> None:
            _request_id.set(functions.new_uuid())
            invoke(func, event)  # its thread takes a copy of this context along

        contextvars.copy_context().run(begin)

    def execute(func: dict[str, Any], config: dict[str, Any], event: dict[str, Any], own: str, *more: Any) -> Any:
        return dispatch(func, config, event, _request_id.get(own), *more)

    functions.invoke_async_with_retry = invoke_async_with_retry
    functions._execute_function_dispatch = execute


def mend_put_events(actions: Any) -> None:
    """Fault: IAM is asked about PutEvents without `events:source` and `events:detail-type`, so conditions never hold.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
    """
    context = actions.request_tag_context

    def request_tag_context(service: str, action: str, body: bytes, parameters: Any) -> dict[str, Any]:
        found: dict[str, Any] = context(service, action, body, parameters)
        if action != "events:PutEvents":
            return found
        try:
            entries = json.loads(body)["Entries"]
            sources, types = ([entry.get(member, "") for entry in entries] for member in ("Source", "DetailType"))
        except (ValueError, KeyError, TypeError, AttributeError):
            return found  # the service refuses it
        one = len(entries) == 1
        return {
            **found,
            "events:source": sources[0] if one else sources,
            "events:detail-type": types[0] if one else types,
        }

    actions.request_tag_context = request_tag_context


def mend_leading_keys(actions: Any, dynamodb: Any) -> None:
    """Fault: IAM is asked about items of DynamoDB without `dynamodb:LeadingKeys`, so nobody is kept to some of them.

    Here for calls that name items, not for queries:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    context = actions.dynamodb_service_context

    def leading_key(request: dict[str, Any]) -> str:
        table = dynamodb._tables[request["TableName"].rsplit("/", 1)[-1]]
        return str(next(iter((request.get("Key") or request["Item"])[table["pk_name"]].values())))

    def dynamodb_service_context(body: bytes) -> dict[str, Any]:
        found: dict[str, Any] = context(body)
        try:
            request = json.loads(body)
            one_by_one = [item for each in request.get("TransactItems", []) for item in each.values()]
            keys = [leading_key(item) for item in one_by_one or [request]]
        except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
            return found  # it names no item, or the service refuses it
        return found | {"dynamodb:LeadingKeys": keys}

    actions.dynamodb_service_context = dynamodb_service_context
