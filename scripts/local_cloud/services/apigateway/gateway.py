"""What HTTP and WebSocket APIs share: throttling, the right to invoke a function, and the call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from local_cloud.services.apigateway.throttle import Throttle
from local_cloud.services.iam.resource_policies import allows_invocation

logger = logging.getLogger(__name__)

INTERNAL_ERROR = "Internal server error"
TIMED_OUT = "Endpoint request timed out"

HttpAnswer = tuple[int, dict[str, str], bytes]


class CallFailed(Exception):
    """An integration returned no usable answer: the text is for the log, `said` and `status` are for the client."""

    def __init__(self, why: str, *, said: str = INTERNAL_ERROR, status: int = 500) -> None:
        super().__init__(why)
        self.said, self.status = said, status


@dataclass(frozen=True)
class ApiStage:
    """A stage of an API with its account and region."""

    api_id: str
    stage: str
    account_id: str
    region: str

    def arn(self, rest: str) -> str:
        """The execute-api ARN of a route or an authorizer of the API."""
        return f"arn:aws:execute-api:{self.region}:{self.account_id}:{self.api_id}/{rest}"


class RoleCheck(Protocol):
    """Whether API Gateway may assume the role, and the role may invoke the function."""

    def __call__(self, role_arn: str, function_arn: str) -> bool: ...


class Gateway:
    """Invokes functions for API Gateway."""

    def __init__(self, apis: Any, functions: Any, run_reentrant: Any, role_may_invoke: RoleCheck) -> None:
        self.apis = apis
        self.functions = functions
        self._run = run_reentrant
        self._role_may_invoke = role_may_invoke
        self._throttle = Throttle()

    def stage(self, api_stage: ApiStage) -> Mapping[str, Any] | None:
        """The stage's settings; None if the stage does not exist."""
        stages = self.apis._stages.get_scoped(api_stage.account_id, api_stage.region, api_stage.api_id, {})
        found: Mapping[str, Any] | None = stages.get(api_stage.stage)
        return found

    def admits(self, api_stage: ApiStage, route_key: str) -> bool:
        """Fault: stages do not throttle."""
        stage = self.stage(api_stage)
        return stage is not None and self._throttle.admits(api_stage.api_id, stage, route_key)

    def may_invoke(self, api_stage: ApiStage, uri: str, source_arn: str, role: str | None = None) -> bool:
        """Fault: ministack invokes a function although its policy, or the given role, does not allow API Gateway."""
        function, config = self._function(api_stage, uri)
        if role:
            return self._role_may_invoke(role, (config or {}).get("FunctionArn", ""))
        policy = ((function or {}).get("policy") or {}).get("Statement", [])
        return any(allows_invocation(one, "apigateway.amazonaws.com", source_arn) for one in policy)

    async def invoke(
        self,
        api_stage: ApiStage,
        uri: str,
        source_arn: str,
        event: Mapping[str, Any],
        seconds: float,
        role: str | None = None,
    ) -> Any:
        """The function's return value. Raises CallFailed if it fails, is missing, may not be invoked or times out."""
        function, config = self._function(api_stage, uri)
        if not function or not config:
            raise CallFailed(f"there is no function {uri}")
        if not self.may_invoke(api_stage, uri, source_arn, role):
            raise CallFailed(f"{role or 'the policy of the function'} does not allow {source_arn} to invoke {uri}")
        record = self.functions._execution_record_for_config(function, config)
        call = asyncio.ensure_future(
            self._run(self.functions._execute_function_with_config_scope, record, event, thread_name="relay-route")
        )
        try:
            result = await asyncio.wait_for(asyncio.shield(call), seconds)
        except TimeoutError as late:
            raise CallFailed(f"{uri} took longer than {seconds:g} s", said=TIMED_OUT, status=504) from late
        if result.get("throttle") or result.get("error"):
            raise CallFailed(f"{uri} failed: {result.get('body')}", status=502)
        return result.get("body")

    def _function(self, api_stage: ApiStage, uri: str) -> tuple[Any, Any]:
        reference = self.apis._extract_lambda_ref_from_integration_uri(uri)
        function, config, _ = self.functions._get_func_record_for_ref_in_scope(
            reference, account_id=api_stage.account_id, region=api_stage.region
        )
        return function, config
