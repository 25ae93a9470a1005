"""Access logs of WebSocket APIs, which need a role that is a setting of the account."""

from __future__ import annotations

from typing import Any

_ROLE = "redshift-relay-api-gateway-logs"
_MESSAGE = "CloudWatch Logs role ARN must be set in account settings to enable logging"


def patch_access_logs(apis: Any, rest_apis: Any, account_id: str) -> None:
    """Fault: a WebSocket API's stage logs without the account's role for logs.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html
    The message is from a user's report: https://github.com/anomalyco/ion/issues/373

    The local account has such a role, as most accounts do. UpdateAccount changes it.
    """
    rest_apis._ACCOUNT_DEFAULTS["cloudwatchRoleArn"] = f"arn:aws:iam::{account_id}:role/{_ROLE}"
    create, update = apis._create_stage, apis._update_stage

    def refused(api_id: str, data: dict[str, Any]) -> Any:
        settings = {**rest_apis._ACCOUNT_DEFAULTS, **(rest_apis._account_settings.get("settings") or {})}
        socket = apis._apis.get(api_id, {}).get("protocolType") == "WEBSOCKET"
        if socket and data.get("accessLogSettings") and not settings["cloudwatchRoleArn"]:
            return apis._apigw_error("BadRequestException", _MESSAGE, 400)
        return None

    def create_stage(api_id: str, data: dict[str, Any]) -> Any:
        return refused(api_id, data) or create(api_id, data)

    def update_stage(api_id: str, name: str, data: dict[str, Any]) -> Any:
        return refused(api_id, data) or update(api_id, name, data)

    apis._create_stage, apis._update_stage = create_stage, update_stage
