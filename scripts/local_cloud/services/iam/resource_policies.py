"""Policy documents that ministack stores but does not evaluate: trust policies, and policies of functions."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Mapping
from typing import Any


def listed(value: Any) -> list[Any]:
    """The values of a policy element, which may be one value or a list."""
    return value if isinstance(value, list) else [value]


def trusts(document: str | Mapping[str, Any] | None, services: tuple[str, ...]) -> bool:
    """Whether a trust policy allows one of the services to assume the role."""
    policy = json.loads(document) if isinstance(document, str) else (document or {})
    for statement in listed(policy.get("Statement", [])):
        principal = statement.get("Principal", {})
        named = listed(principal.get("Service", [])) if isinstance(principal, dict) else []
        if (
            statement.get("Effect") == "Allow"
            and any(action in ("sts:AssumeRole", "sts:*", "*") for action in listed(statement.get("Action", [])))
            and any(service in named for service in services)
        ):
            return True
    return False


def allows_invocation(statement: Mapping[str, Any], service: str, source_arn: str) -> bool:
    """Whether a statement of a function's policy allows a service to invoke it for this source."""
    principal = statement.get("Principal")
    named = listed(principal.get("Service", [])) if isinstance(principal, dict) else [principal]
    if statement.get("Effect") != "Allow" or not {service, "*"} & set(named):
        return False
    for condition in (statement.get("Condition") or {}).values():
        wanted = next((value for key, value in condition.items() if key.lower() == "aws:sourcearn"), None)
        if wanted is not None and not any(fnmatch.fnmatchcase(source_arn, one) for one in listed(wanted)):
            return False
    return True


def allows_service(document: str, service: str, action: str) -> bool:
    """Whether a key's policy allows a service an action. Conditions are taken as met."""
    policy = json.loads(document) if document else {}
    for statement in listed(policy.get("Statement", [])):
        principal = statement.get("Principal", {})
        named = listed(principal.get("Service", [])) if isinstance(principal, dict) else [principal]
        if (
            statement.get("Effect") == "Allow"
            and {service, "*"} & set(named)
            and any(fnmatch.fnmatchcase(action.lower(), one.lower()) for one in listed(statement.get("Action", [])))
        ):
            return True
    return False
