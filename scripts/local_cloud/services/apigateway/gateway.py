"""What HTTP and WebSocket APIs of API Gateway share: throttling, the right to invoke, the call; and HTTP APIs' faults.

One of the emulator*.py files that touch ministack's inside. Each workaround names the fault that it mends in a comment
`Fault:`.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from local_cloud.services.apigateway.throttle import Throttle
from local_cloud.services.iam.policies import lets_in

logger = logging.getLogger(__name__)

INTERNAL_ERROR = "Internal server error"
TIMED_OUT = "Endpoint request timed out"
_JSON = {"Content-Type": "application/json"}

HttpAnswer = tuple[int, dict[str, str], bytes]


class CallFailed(Exception):
    """An integration gave no usable answer: the text is for the log, `said` and `status` are for the client."""

    def __init__(self, why: str, *, said: str = INTERNAL_ERROR, status: int = 500) -> None:
        super().__init__(why)
        self.said, self.status = said, status


@dataclass(frozen=True)
class Place:
    """A stage of an API and whose it is."""

    api_id: str
    stage: str
    account_id: str
    region: str

    def arn(self, rest: str) -> str:
        """The execute-api ARN below the API: of a route, or of an authorizer."""
        return f"arn:aws:execute-api:{self.region}:{self.account_id}:{self.api_id}/{rest}"


class RoleCheck(Protocol):
    """Whether API Gateway may assume a role and invoke a function with it."""

    def __call__(self, role_arn: str, function_arn: str) -> bool: ...


class Gateway:
    """API Gateway's way to functions."""

    def __init__(self, apis: Any, functions: Any, run_reentrant: Any, role_may_invoke: RoleCheck) -> None:
        self.apis = apis
        self._functions = functions
        self._run = run_reentrant
        self._role_may_invoke = role_may_invoke
        self._throttle = Throttle()

    def stage(self, place: Place) -> Mapping[str, Any] | None:
        """The stage as it was put, if there is one."""
        stages = self.apis._stages.get_scoped(place.account_id, place.region, place.api_id, {})
        found: Mapping[str, Any] | None = stages.get(place.stage)
        return found

    def admits(self, place: Place, route_key: str) -> bool:
        """Fault: stages do not throttle."""
        stage = self.stage(place)
        return stage is not None and self._throttle.admits(place.api_id, stage, route_key)

    def may_invoke(self, place: Place, uri: str, source_arn: str, role: str | None = None) -> bool:
        """Fault: a function is invoked although its policy, or the role to use, does not let API Gateway in."""
        function, config = self._function(place, uri)
        if role:
            return self._role_may_invoke(role, (config or {}).get("FunctionArn", ""))
        policy = ((function or {}).get("policy") or {}).get("Statement", [])
        return any(lets_in(one, "apigateway.amazonaws.com", source_arn) for one in policy)

    async def invoke(
        self,
        place: Place,
        uri: str,
        source_arn: str,
        event: Mapping[str, Any],
        seconds: float,
        role: str | None = None,
    ) -> Any:
        """What the function returned; CallFailed when it raised, is missing, is closed to us or takes too long."""
        function, config = self._function(place, uri)
        if not function or not config:
            raise CallFailed(f"there is no function {uri}")
        if not self.may_invoke(place, uri, source_arn, role):
            raise CallFailed(f"{role or 'the policy of the function'} does not let {source_arn} invoke {uri}")
        record = self._functions._execution_record_for_config(function, config)
        call = asyncio.ensure_future(
            self._run(self._functions._execute_function_with_config_scope, record, event, thread_name="relay-route")
        )
        try:
            result = await asyncio.wait_for(asyncio.shield(call), seconds)
        except TimeoutError as late:
            raise CallFailed(f"{uri} took longer than {seconds:g} s", said=TIMED_OUT, status=504) from late
        if result.get("throttle") or result.get("error"):
            raise CallFailed(f"{uri} failed: {result.get('body')}", status=502)
        return result.get("body")

    def mend_authorizers(self) -> None:
        """Fault: authorizers too are invoked whatever their function's policy says."""
        invoke = self.apis._invoke_request_authorizer_lambda

        async def invoke_authorizer(authorizer: Any, event: Any, account_id: str, region: str) -> Any:
            place = Place(event["requestContext"]["apiId"], event["requestContext"]["stage"], account_id, region)
            source_arn = place.arn(f"authorizers/{authorizer['authorizerId']}")
            role = authorizer.get("authorizerCredentialsArn")
            if not self.may_invoke(place, authorizer.get("authorizerUri", ""), source_arn, role):
                logger.warning("%s does not let %s in", role or "the authorizer's policy", source_arn)
                return None
            return await invoke(authorizer, event, account_id, region)

        self.apis._invoke_request_authorizer_lambda = invoke_authorizer

    def _function(self, place: Place, uri: str) -> tuple[Any, Any]:
        reference = self.apis._extract_lambda_ref_from_integration_uri(uri)
        function, config, _ = self._functions._get_func_record_for_ref_in_scope(
            reference, account_id=place.account_id, region=place.region
        )
        return function, config

    # --- HTTP APIs

    def mend_http_apis(self) -> None:
        """Fault: besides the two above, what a function raised reaches the client (and with 502, not 500)."""
        serve, proxy = self.apis._handle_execute_in_scope, self.apis._invoke_lambda_proxy
        shaped = self._functions.lambda_execute_result_to_api_proxy_response

        async def handle_execute_in_scope(
            api_id: str, stage: str, path: str, method: str, headers: Any, body: Any, query: Any, *whose: Any
        ) -> HttpAnswer:
            route = self.apis._match_route(api_id, method, "/" + path.lstrip("/"))
            place = Place(api_id, stage, whose[0], whose[1])
            if route and method != "OPTIONS" and self.stage(place) and not self.admits(place, route["routeKey"]):
                return 429, dict(_JSON), b'{"message":"Too Many Requests"}'
            answer: HttpAnswer = await serve(api_id, stage, path, method, headers, body, query, *whose)
            return answer

        async def invoke_lambda_proxy(
            integration: Any, api_id: str, stage: str, path: str, method: str, *more: Any, **named: Any
        ) -> HttpAnswer:
            place = Place(api_id, stage, named["owner_account_id"], named["owner_region"])
            route_key = more[3] if len(more) > 3 else named.get("route_key", "$default")
            source_arn = place.arn(f"{stage}/{route_key.replace(' ', '')}")
            role = integration.get("credentialsArn")
            if not self.may_invoke(place, integration.get("integrationUri", ""), source_arn, role):
                logger.warning("%s does not let %s in", role or "the function's policy", source_arn)
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

        self.apis._handle_execute_in_scope = handle_execute_in_scope
        self.apis._invoke_lambda_proxy = invoke_lambda_proxy
        self._functions.lambda_execute_result_to_api_proxy_response = proxy_response
