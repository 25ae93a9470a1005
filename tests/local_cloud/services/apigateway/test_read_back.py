"""APIs are read back as they were put: otherwise a second `terraform plan` would show changes."""

from __future__ import annotations

from typing import Any

import pytest


def test_authorizers_are_read_back_as_they_were_put(cloud: Any) -> None:
    client = cloud.client("apigatewayv2")
    web, socket = (client.create_api(Name="a", ProtocolType=kind)["ApiId"] for kind in ("HTTP", "WEBSOCKET"))
    function = "arn:aws:lambda:us-east-1:000000000000:function:f"
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"
    jwt = {
        "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
        "JwtConfiguration": {"Issuer": "https://i.example", "Audience": ["a"]},
    }
    simple = {
        "AuthorizerType": "REQUEST",
        "AuthorizerUri": uri,
        "AuthorizerPayloadFormatVersion": "2.0",
        "EnableSimpleResponses": True,
        "IdentitySource": ["$request.header.Authorization"],
    }
    bare = {"AuthorizerType": "REQUEST", "AuthorizerUri": uri, "IdentitySource": ["route.request.header.Auth"]}
    for api, given, added in (
        (web, jwt, {}),
        (web, simple, {"AuthorizerResultTtlInSeconds": 300}),
        (socket, bare, {"AuthorizerResultTtlInSeconds": 300}),
    ):
        made = client.create_authorizer(ApiId=api, Name="n", **given)["AuthorizerId"]
        read = client.get_authorizer(ApiId=api, AuthorizerId=made)
        del read["ResponseMetadata"]
        assert read == {"AuthorizerId": made, "Name": "n", **given, **added}


def test_integrations_are_read_back_as_they_were_put(cloud: Any) -> None:
    client = cloud.client("apigatewayv2")
    api = client.create_api(Name="a", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.do")["ApiId"]
    given = {
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": "arn:aws:lambda:us-east-1:000000000000:function:f",
        "CredentialsArn": "arn:aws:iam::000000000000:role/r",
        "PassthroughBehavior": "WHEN_NO_MATCH",
        "TemplateSelectionExpression": "$default",
        "ContentHandlingStrategy": "CONVERT_TO_TEXT",
    }
    made = client.create_integration(ApiId=api, **given)["IntegrationId"]
    read = client.get_integration(ApiId=api, IntegrationId=made)
    assert {name: read[name] for name in given} == given
    assert read["TimeoutInMillis"] == 29_000
    client.update_integration(ApiId=api, IntegrationId=made, CredentialsArn="arn:aws:iam::000000000000:role/s")
    assert client.get_integration(ApiId=api, IntegrationId=made)["CredentialsArn"].endswith("/s")
    mock = client.create_integration(ApiId=api, IntegrationType="MOCK")
    assert "IntegrationMethod" not in mock


@pytest.mark.parametrize(("kind", "scheme"), [("HTTP", "http"), ("WEBSOCKET", "ws")])
def test_an_api_says_where_it_is_and_what_its_tags_are_now(cloud: Any, kind: str, scheme: str) -> None:
    client = cloud.client("apigatewayv2")
    api = client.create_api(Name="a", ProtocolType=kind, Tags={"a": "1", "b": "1"})["ApiId"]
    assert client.get_api(ApiId=api)["ApiEndpoint"] == (
        f"{scheme}://127.0.0.1:{cloud.facts['port']}/_aws/execute-api/{api}"
    )
    client.create_stage(ApiId=api, StageName="live")
    arn = f"arn:aws:apigateway:{cloud.facts['region']}::/apis/{api}"
    client.tag_resource(ResourceArn=arn, Tags={"a": "2"})
    client.untag_resource(ResourceArn=arn, TagKeys=["b"])
    client.tag_resource(ResourceArn=f"{arn}/stages/live", Tags={"c": "3"})
    assert client.get_api(ApiId=api)["Tags"] == {"a": "2"}
    assert client.get_stage(ApiId=api, StageName="live")["Tags"] == {"c": "3"}


def test_routes_and_stages_exist_once(cloud: Any) -> None:
    apis = cloud.client("apigatewayv2")
    api = apis.create_api(Name="once", ProtocolType="HTTP")["ApiId"]
    apis.create_route(ApiId=api, RouteKey="POST /ticket")
    apis.create_stage(ApiId=api, StageName="live")
    with pytest.raises(apis.exceptions.ConflictException):
        apis.create_route(ApiId=api, RouteKey="POST /ticket")
    with pytest.raises(apis.exceptions.ConflictException):
        apis.create_stage(ApiId=api, StageName="live")
