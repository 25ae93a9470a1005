"""The condition keys that IAM policies of the modules use and ministack does not evaluate."""

from __future__ import annotations

import json
from typing import Any


def patch_put_events(actions: Any) -> None:
    """Fault: the IAM check of PutEvents lacks `events:source` and `events:detail-type`, so conditions never match.

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
            return found  # the service rejects it
        one = len(entries) == 1
        return {
            **found,
            "events:source": sources[0] if one else sources,
            "events:detail-type": types[0] if one else types,
        }

    actions.request_tag_context = request_tag_context


def patch_leading_keys(actions: Any, dynamodb: Any) -> None:
    """Fault: the IAM check of DynamoDB's items lacks `dynamodb:LeadingKeys`, so conditions on it never restrict.

    Applies to calls that name items, not to queries:
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
            for name, writes in request.get("RequestItems", {}).items():
                one_by_one += [{"TableName": name, **item} for each in writes for item in each.values()]
            keys = [leading_key(item) for item in one_by_one or [request]]
        except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
            return found  # it names no item, or the service rejects it
        return found | {"dynamodb:LeadingKeys": keys}

    actions.dynamodb_service_context = dynamodb_service_context


def patch_queue_batches(actions: Any) -> None:
    """Fault: batches of SQS are checked under actions of their own; AWS checks them as the single operation.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
    """
    extract = actions.extract_iam_action

    def extract_iam_action(service: str, *arguments: Any, **named: Any) -> Any:
        action = extract(service, *arguments, **named)
        return action.removesuffix("Batch") if service == "sqs" and isinstance(action, str) else action

    actions.extract_iam_action = extract_iam_action
