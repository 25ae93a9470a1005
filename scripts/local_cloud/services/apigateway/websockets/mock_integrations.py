"""MOCK integrations of WebSocket routes: API Gateway answers by itself, from templates.

"Set up a WebSocket API integration request", "... integration response" and "Data transformations for WebSocket APIs"
in the developer guide: the request template that the expression selects gives the status, which selects the integration
response (`/regular expression/`, else `$default`), whose template is the answer. A route response lets it out.

Templates are Velocity; those with references (`$input`) or directives (`#if`) are not emulated, and refused by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from local_cloud.services.apigateway.gateway import CallFailed


def mock_answer(integration: Mapping[str, Any], responses: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What a function would return: status and body. Raises CallFailed."""
    request = _template(integration, "requestTemplates")
    if request is None:
        raise CallFailed(
            "no request template of the MOCK integration is selected; passing the message on is not emulated"
        )
    try:
        status = json.loads(request)["statusCode"]
    except (ValueError, TypeError, KeyError):
        status = None
    if type(status) is not int:
        # https://repost.aws/knowledge-center/api-gateway-status-code-rest-api: the log's text for it
        raise CallFailed("statusCode should be an integer which defined in request template")
    response = _selected(status, responses)
    if response is None:
        raise CallFailed(f"no integration response of the MOCK integration matches {status}")
    return {"statusCode": status, "body": _template(response, "responseTemplates")}


def _selected(status: int, responses: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    by_key = {one["integrationResponseKey"]: one for one in responses}
    for key, response in by_key.items():
        if key.startswith("/") and key.endswith("/") and re.fullmatch(key[1:-1], str(status)):
            return response
    return by_key.get("$default")


def _template(resource: Mapping[str, Any], member: str) -> str | None:
    """The template that the selection expression names, which without an expression is `$default`."""
    expression = str(resource.get("templateSelectionExpression") or "\\$default")
    if re.match(r"\$\{?(request|integration)\.", expression):
        raise CallFailed(f"the template selection expression {expression} is not emulated: only static values are")
    found: str | None = (resource.get(member) or {}).get(expression.removeprefix("\\"))
    if found is not None and re.search(r"\$[!{a-zA-Z]|#[a-zA-Z]", found):
        raise CallFailed(f"templates with Velocity references or directives are not emulated: {found[:200]}")
    return found
