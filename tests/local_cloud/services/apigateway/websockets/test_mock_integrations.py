"""Routes that API Gateway answers by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_cloud.services.apigateway.gateway import CallFailed
from local_cloud.services.apigateway.websockets.mock_integrations import mock_answer

PONG = '{"type":"pong"}'
REQUEST = {"requestTemplates": {"$default": '{"statusCode":200}'}, "templateSelectionExpression": "\\$default"}
RESPONSE = {"integrationResponseKey": "/200/", "responseTemplates": {"$default": PONG}}


@pytest.mark.parametrize(
    ("request_", "responses", "body"),
    [
        (REQUEST, [RESPONSE], PONG),
        (REQUEST, [RESPONSE | {"integrationResponseKey": "$default"}], PONG),
        (REQUEST, [RESPONSE | {"integrationResponseKey": "$default", "responseTemplates": {}}, RESPONSE], PONG),
        (REQUEST, [RESPONSE | {"integrationResponseKey": "/2\\d\\d/"}], PONG),
        (REQUEST, [RESPONSE | {"responseTemplates": {"200": PONG}, "templateSelectionExpression": "200"}], PONG),
        (REQUEST, [RESPONSE | {"templateSelectionExpression": "200"}], None),
    ],
)
def test_templates_make_the_answer(request_: Any, responses: list[Any], body: str | None) -> None:
    assert mock_answer(request_, responses) == {"statusCode": 200, "body": body}


@pytest.mark.parametrize(
    ("request_", "responses", "why"),
    [
        ({}, [RESPONSE], "no request template"),
        (REQUEST | {"requestTemplates": {"$default": "{}"}}, [RESPONSE], "statusCode should be an integer"),
        (REQUEST | {"requestTemplates": {"$default": '{"statusCode":"200"}'}}, [RESPONSE], "statusCode should be"),
        (REQUEST | {"requestTemplates": {"$default": "200"}}, [RESPONSE], "statusCode should be"),
        (REQUEST, [], "no integration response"),
        (REQUEST, [RESPONSE | {"integrationResponseKey": "/4../"}], "no integration response"),
        (REQUEST | {"templateSelectionExpression": "${request.body.a}"}, [RESPONSE], "not emulated"),
        (REQUEST, [RESPONSE | {"responseTemplates": {"$default": "$context.connectionId"}}], "not emulated"),
        (REQUEST, [RESPONSE | {"responseTemplates": {"$default": "#if(true)a#end"}}], "not emulated"),
    ],
)
def test_what_is_wrong_or_not_emulated_is_refused(request_: Any, responses: list[Any], why: str) -> None:
    with pytest.raises(CallFailed, match=why):
        mock_answer(request_, responses)


def test_a_ping_is_answered_without_the_function(api: Any) -> None:
    made = api.client.create_integration(ApiId=api.id, IntegrationType="MOCK", **_members(REQUEST))
    integration = made["IntegrationId"]
    read = api.client.get_integration(ApiId=api.id, IntegrationId=integration)
    assert read["RequestTemplates"] == REQUEST["requestTemplates"]
    assert read["TemplateSelectionExpression"] == REQUEST["templateSelectionExpression"]
    api.client.create_integration_response(ApiId=api.id, IntegrationId=integration, **_members(RESPONSE))
    api.route("ping", responds=True, Target=f"integrations/{integration}")
    api.route("silent", Target=f"integrations/{integration}")
    with api.open() as socket:
        socket.send(json.dumps({"action": "silent"}))
        assert api.ask(socket, action="ping", say="the function") == PONG
        assert api.ask(socket, say="the function") == "the function"


def _members(members: dict[str, Any]) -> dict[str, Any]:
    return {name[0].upper() + name[1:]: value for name, value in members.items()}
