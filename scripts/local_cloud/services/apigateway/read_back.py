"""Resources of API Gateway: a second `terraform plan` must see what was applied."""

from __future__ import annotations

import json
from typing import Any

_INTEGRATION_MEMBERS = ("credentialsArn", "passthroughBehavior", "templateSelectionExpression", "tlsConfig")


def patch_apis(apis: Any, port: int) -> None:
    """Patch what API Gateway's resources read back."""
    _patch_authorizers(apis)
    _patch_integrations(apis)
    _patch_endpoints(apis, port)


def _patch_authorizers(apis: Any) -> None:
    """Fault: every authorizer reads back a JWT configuration, a payload format and a header that were never set."""
    create = apis._create_authorizer

    def create_authorizer(api_id: str, data: dict[str, Any]) -> Any:
        status, headers, body = create(api_id, data)
        if status >= 300:
            return status, headers, body
        authorizer = apis._authorizers[api_id][json.loads(body)["authorizerId"]]
        for member in set(authorizer) - {"authorizerId", "authorizerType", "name", *data}:
            # AWS has a default lifetime of cached answers, for the types of authorizers that cache.
            if member != "authorizerResultTtlInSeconds" or data.get("authorizerType") == "JWT":
                del authorizer[member]
        return apis._apigw_response(authorizer, status)

    apis._create_authorizer = create_authorizer


def _patch_integrations(apis: Any) -> None:
    """Fault: some members of an integration are lost; a WebSocket API's timeout is 30 s, not 29; MOCK has a method."""
    create, update = apis._create_integration, apis._update_integration

    def keep(api_id: str, data: dict[str, Any], answer: Any) -> Any:
        status, headers, body = answer
        if status >= 300:
            return status, headers, body
        integration = apis._integrations[api_id][json.loads(body)["integrationId"]]
        integration.update({member: data[member] for member in _INTEGRATION_MEMBERS if member in data})
        if integration["integrationType"] == "MOCK":
            integration.pop("integrationMethod", None)
        return apis._apigw_response(integration, status)

    def create_integration(api_id: str, data: dict[str, Any]) -> Any:
        socket = apis._apis.get(api_id, {}).get("protocolType") == "WEBSOCKET"
        return keep(api_id, data, create(api_id, {"timeoutInMillis": 29_000, **data} if socket else data))

    def update_integration(api_id: str, integration_id: str, data: dict[str, Any]) -> Any:
        return keep(api_id, data, update(api_id, integration_id, data))

    apis._create_integration, apis._update_integration = create_integration, update_integration


def _patch_endpoints(apis: Any, port: int) -> None:
    """Fault: an API's endpoint is a subdomain of `localhost`, which few resolvers know, and http for WebSockets.

    Fault: tags set after the creation of an API or a stage are not read back with it.
    """
    create, create_stage = apis._create_api, apis._create_stage

    def share_tags(resource: dict[str, Any], arn: str) -> None:
        resource["tags"] = apis._api_tags.setdefault(arn, dict(resource.get("tags") or {}))

    def create_api(data: dict[str, Any]) -> Any:
        status, headers, body = create(data)
        if status >= 300:
            return status, headers, body
        api = apis._apis[json.loads(body)["apiId"]]
        scheme = "ws" if api["protocolType"] == "WEBSOCKET" else "http"
        api["apiEndpoint"] = f"{scheme}://127.0.0.1:{port}/_aws/execute-api/{api['apiId']}"
        share_tags(api, apis._api_arn(api["apiId"]))
        return apis._apigw_response(api, status)

    def create_stage_with_tags(api_id: str, data: dict[str, Any]) -> Any:
        status, headers, body = create_stage(api_id, data)
        if status < 300:
            name = json.loads(body)["stageName"]
            share_tags(apis._stages[api_id][name], apis._api_resource_arn(api_id, "stages", name))
        return status, headers, body

    apis._create_api, apis._create_stage = create_api, create_stage_with_tags
