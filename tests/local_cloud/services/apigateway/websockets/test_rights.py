"""Who may reach a route: throttling, the function's policy, roles, authorizers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def test_a_stage_throttles(make_api: Callable[..., Any]) -> None:
    api = make_api("$connect", "$default", "free")
    limits = {"ThrottlingRateLimit": 0.01, "ThrottlingBurstLimit": 2}
    free = {"free": {"ThrottlingRateLimit": 100.0, "ThrottlingBurstLimit": 100}}
    api.stage("slow", DefaultRouteSettings=limits, RouteSettings=free)
    with api.open(stage="slow") as first, api.open(stage="slow"):
        heard = [api.ask(first, say="x") for _ in range(4)]
        assert heard[:2] == ["x", "x"]
        said = json.loads(heard[3])
        assert said["message"] == "Too Many Requests"
        assert set(said) == {"message", "connectionId", "requestId"}
        assert api.ask(first, action="free", say="y") == "y"
    status, body = api.refusal(stage="slow")
    assert (status, body["message"]) == (429, "Too Many Requests")


def test_a_function_must_let_the_route_in(make_api: Callable[..., Any]) -> None:
    api = make_api()
    api.cloud.client("lambda").remove_permission(FunctionName=api.name, StatementId="routes")
    assert api.refusal()[0] == 500
    api.permit("connect", f"{api.arn}/live/$connect")
    with api.open() as client:
        assert json.loads(api.ask(client, say="x"))["message"] == "Internal server error"
        api.permit("default", f"{api.arn}/*/$default")
        assert api.ask(client, say="x") == "x"


def test_an_integration_with_a_role_needs_no_policy_on_the_function(make_api: Callable[..., Any]) -> None:
    api = make_api()
    api.cloud.client("lambda").remove_permission(FunctionName=api.name, StatementId="routes")
    right = {"Action": "lambda:InvokeFunction", "Resource": api.function}
    able = api.cloud.role(f"{api.name}-able", "apigateway.amazonaws.com", right)
    unable = api.cloud.role(f"{api.name}-unable", "apigateway.amazonaws.com")
    foreign = api.cloud.role(f"{api.name}-foreign", "lambda.amazonaws.com", right)
    for role in (unable, foreign):
        api.client.update_integration(ApiId=api.id, IntegrationId=api.integration, CredentialsArn=role)
        assert api.refusal()[0] == 500
    api.client.update_integration(ApiId=api.id, IntegrationId=api.integration, CredentialsArn=able)
    with api.open() as client:
        assert api.ask(client, say="x") == "x"


AUTHORIZER = """
def handle(event, context):
    token = event["headers"].get("Authorization")
    effect = "Allow" if token == "good" else "Deny"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    return {
        "principalId": "ann",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"tenant": "north", "level": 3, "admin": True, "seen": event["requestContext"]["connectionId"]},
    }
"""


def test_an_authorizer_of_connect(make_api: Callable[..., Any]) -> None:
    api = make_api("$default", "$disconnect")
    cloud, name = api.cloud, f"{api.name}-auth"
    arn = cloud.function(name, cloud.role(name, "lambda.amazonaws.com"), AUTHORIZER)
    authorizer = api.client.create_authorizer(
        ApiId=api.id,
        Name="auth",
        AuthorizerType="REQUEST",
        AuthorizerUri=api.uri.replace(api.function, arn),
        IdentitySource=["route.request.header.Authorization"],
    )["AuthorizerId"]
    api.route("$connect", AuthorizationType="CUSTOM", AuthorizerId=authorizer)

    def bearing(token: str) -> dict[str, Any]:
        return {"additional_headers": {"Authorization": token}}

    assert api.refusal(**bearing("good"))[0] == 500  # its function lets nobody in yet
    cloud.client("lambda").add_permission(
        FunctionName=name,
        StatementId="a",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"{api.arn}/authorizers/{authorizer}",
    )
    assert api.refusal()[0] == 401
    assert api.refusal(**bearing("bad"))[0] == 403
    with api.open("record=1", **bearing("good")) as client:
        connection = api.connection_id(client)
        api.ask(client, record=1, say="x")
    wanted = {"principalId": "ann", "tenant": "north", "level": "3", "admin": "true", "seen": connection}
    for event_type in ("CONNECT", "MESSAGE", "DISCONNECT"):
        assert api.note(connection, event_type)["event"]["requestContext"]["authorizer"] == wanted
