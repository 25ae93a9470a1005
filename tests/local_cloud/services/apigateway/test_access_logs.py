"""A WebSocket API writes access logs only with the account's role for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

LOGS = {"DestinationArn": "arn:aws:logs:us-east-1:000000000000:log-group:x", "Format": "$context.requestId"}


@pytest.fixture
def without_role(cloud: Any) -> Iterator[None]:
    account = cloud.client("apigateway")
    role = account.get_account()["cloudwatchRoleArn"]
    account.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": ""}])
    yield
    account.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}])


def stage(cloud: Any, protocol: str, **settings: Any) -> None:
    apis = cloud.client("apigatewayv2")
    api = apis.create_api(Name="logging", ProtocolType=protocol, RouteSelectionExpression="$request.body.action")[
        "ApiId"
    ]
    apis.create_stage(ApiId=api, StageName="live", **settings)


def test_without_the_accounts_role(cloud: Any, without_role: None) -> None:
    with pytest.raises(ClientError, match="CloudWatch Logs role ARN must be set in account settings to enable logging"):
        stage(cloud, "WEBSOCKET", AccessLogSettings=LOGS)
    stage(cloud, "WEBSOCKET")
    stage(cloud, "HTTP", AccessLogSettings=LOGS)


def test_with_the_accounts_role(cloud: Any) -> None:
    stage(cloud, "WEBSOCKET", AccessLogSettings=LOGS)
