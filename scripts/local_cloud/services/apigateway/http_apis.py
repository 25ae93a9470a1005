"""HTTP APIs: throttling, the right to invoke, and errors as clients see them."""

from __future__ import annotations

import json
import logging
from typing import Any

from local_cloud.services.apigateway.gateway import ApiStage, Gateway, HttpAnswer

logger = logging.getLogger(__name__)

_JSON = {"Content-Type": "application/json"}


def patch_http_apis(gateway: Gateway) -> None:
    """Fault: no throttling, no permission check, and a function's exception reaches the client (as a 502)."""
    serve, proxy = gateway.apis._handle_execute_in_scope, gateway.apis._invoke_lambda_proxy
    shaped = gateway.functions.lambda_execute_result_to_api_proxy_response

    async def handle_execute_in_scope(
        api_id: str, stage: str, path: str, method: str, headers: Any, body: Any, query: Any, *whose: Any
    ) -> HttpAnswer:
        route = gateway.apis._match_route(api_id, method, "/" + path.lstrip("/"))
        api_stage = ApiStage(api_id, stage, whose[0], whose[1])
        if (
            route
            and method != "OPTIONS"
            and gateway.stage(api_stage)
            and not gateway.admits(api_stage, route["routeKey"])
        ):
            return 429, dict(_JSON), b'{"message":"Too Many Requests"}'
        answer: HttpAnswer = await serve(api_id, stage, path, method, headers, body, query, *whose)
        return answer

    async def invoke_lambda_proxy(
        integration: Any, api_id: str, stage: str, path: str, method: str, *more: Any, **named: Any
    ) -> HttpAnswer:
        api_stage = ApiStage(api_id, stage, named["owner_account_id"], named["owner_region"])
        route_key = more[3] if len(more) > 3 else named.get("route_key", "$default")
        source_arn = api_stage.arn(f"{stage}/{route_key.replace(' ', '')}")
        role = integration.get("credentialsArn")
        if not gateway.may_invoke(api_stage, integration.get("integrationUri", ""), source_arn, role):
            logger.warning("%s does not allow %s", role or "the function's policy", source_arn)
            return 500, dict(_JSON), b'{"message":"Internal Server Error"}'
        answer: HttpAnswer = await proxy(integration, api_id, stage, path, method, *more, **named)
        return answer

    def proxy_response(result: dict[str, Any]) -> Any:
        if result.get("error") and not result.get("throttle"):
            return {
                "statusCode": 500,
                "headers": _JSON,
                "body": json.dumps({"message": "Internal Server Error"}),
            }, None
        return shaped(result)

    gateway.apis._handle_execute_in_scope = handle_execute_in_scope
    gateway.apis._invoke_lambda_proxy = invoke_lambda_proxy
    gateway.functions.lambda_execute_result_to_api_proxy_response = proxy_response
