"""Lambda authorizers."""

from __future__ import annotations

import logging
from typing import Any

from local_cloud.services.apigateway.gateway import ApiStage, Gateway

logger = logging.getLogger(__name__)


def patch_authorizers(gateway: Gateway) -> None:
    """Fault: ministack invokes authorizers whatever their function's policy allows."""
    invoke = gateway.apis._invoke_request_authorizer_lambda

    async def invoke_authorizer(authorizer: Any, event: Any, account_id: str, region: str) -> Any:
        api_stage = ApiStage(event["requestContext"]["apiId"], event["requestContext"]["stage"], account_id, region)
        source_arn = api_stage.arn(f"authorizers/{authorizer['authorizerId']}")
        role = authorizer.get("authorizerCredentialsArn")
        if not gateway.may_invoke(api_stage, authorizer.get("authorizerUri", ""), source_arn, role):
            logger.warning("%s does not allow %s", role or "the authorizer's policy", source_arn)
            return None
        return await invoke(authorizer, event, account_id, region)

    gateway.apis._invoke_request_authorizer_lambda = invoke_authorizer
