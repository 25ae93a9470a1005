"""What ministack reads back incompletely, so that a second `terraform plan` sees what was applied.

One of the emulator*.py files that touch ministack's inside. Each workaround names the fault that it mends in a comment
`Fault:`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import botocore.session
from botocore.model import ServiceModel

from local_cloud.services.cloudwatch.query_protocol import request_members, xml_answer

_QUERY = "application/x-www-form-urlencoded"
_ALARM_OPERATIONS = ("PutMetricAlarm", "DescribeAlarms", "DescribeAlarmsForMetric")


@functools.cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


_INTEGRATION_MEMBERS = ("credentialsArn", "passthroughBehavior", "templateSelectionExpression", "tlsConfig")


def mend_alarms(app: Any, cloudwatch: Any) -> None:
    """Fault: in the query protocol alarms are stored and described without half of their members.

    The JSON side has all of them, so these operations go through it.
    """
    original = cloudwatch.handle_request

    async def handle_request(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Any:
        parameters = (
            parse_qs(body.decode(), keep_blank_values=True) if _QUERY in headers.get("content-type", "") else {}
        )
        action = parameters.get("Action", [""])[0]
        if action not in _ALARM_OPERATIONS:
            return await original(method, path, headers, body, query)
        operation = _model("cloudwatch").operation_model(action)
        members = json.dumps(request_members(operation, parameters)).encode()
        asked = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"GraniteServiceVersion20100801.{action}",
        }
        status, _, answer = await original(method, path, asked, members, {})
        said = json.loads(answer)
        for alarm in said.get("MetricAlarms", []):
            if alarm.get("ExtendedStatistic"):
                del alarm["Statistic"]
        if status >= 300:
            return cloudwatch._error(said["__type"], said["message"], status)
        return status, {"Content-Type": "text/xml"}, xml_answer(operation, said, cloudwatch.new_uuid())

    app.SERVICE_HANDLERS["monitoring"] = handle_request


def mend_apis(apis: Any, port: int) -> None:
    """Read-back of API Gateway's resources."""
    _mend_authorizers(apis)
    _mend_integrations(apis)
    _mend_endpoints(apis, port)


def _mend_authorizers(apis: Any) -> None:
    """Fault: every authorizer reads back a JWT configuration, a payload format and a header that nobody put."""
    create = apis._create_authorizer

    def create_authorizer(api_id: str, data: dict[str, Any]) -> Any:
        status, headers, body = create(api_id, data)
        if status >= 300:
            return status, headers, body
        authorizer = apis._authorizers[api_id][json.loads(body)["authorizerId"]]
        for member in set(authorizer) - {"authorizerId", "authorizerType", "name", *data}:
            # The lifetime of a held answer has a default of AWS's own, for the authorizers that hold answers.
            if member != "authorizerResultTtlInSeconds" or data.get("authorizerType") == "JWT":
                del authorizer[member]
        return apis._apigw_response(authorizer, status)

    apis._create_authorizer = create_authorizer


def _mend_integrations(apis: Any) -> None:
    """Fault: some members of an integration are forgotten; a WebSocket API's has 30 s, not 29; MOCK a method."""
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


def _mend_endpoints(apis: Any, port: int) -> None:
    """Fault: an API's endpoint names a host below `localhost` (which few resolvers know), and http for WebSockets.

    Fault: tags that an API or a stage gets after its creation are not read back with it.
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
