"""A WebSocket API with one function behind all of its routes, for the tests of this folder."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

# $connect does what its query string says; a message does what its JSON says, and answers with what else it holds.
CODE = """
import boto3, json, os, time

sqs = boto3.client("sqs")
connections = boto3.client("apigatewaymanagementapi", endpoint_url=os.environ["CONNECTIONS"])

def post(event, text):
    try:
        connections.post_to_connection(ConnectionId=event["requestContext"]["connectionId"], Data=text.encode())
        return "posted"
    except Exception as error:
        return error.response["Error"]["Code"]

def handle(event, context):
    kind = event["requestContext"]["eventType"]
    wanted = event.get("queryStringParameters") or {}
    if kind == "MESSAGE":
        try:
            wanted = json.loads(event["body"])
        except ValueError:
            pass
    if kind == "DISCONNECT" or wanted.get("record"):
        note = {"event": event}
        if wanted.get("record") == "post":
            note["post"] = post(event, "too early")
        sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(note))
    time.sleep(float(wanted.get("sleep", 0)))
    if wanted.get("fail"):
        raise ValueError("a secret of the house")
    if wanted.get("malformed"):
        return "no proxy response"
    if wanted.get("post"):
        return {"statusCode": 200, "body": post(event, wanted["post"])}
    answer = {"statusCode": int(wanted.get("status", 200)), "body": wanted.get("say", event.get("body"))}
    if wanted.get("protocol"):
        answer["headers"] = {"sec-websocket-protocol": wanted["protocol"], "X-Other": "dropped"}
    return answer
"""
_NUMBERS = itertools.count(1)


class Api:
    """A WebSocket API with one function behind all of its routes; `say` answers to the client, `quiet` does not."""

    def __init__(self, cloud: Any, name: str, *routes: str, rights: tuple[str, ...] = ("*/@connections/*",)) -> None:
        self.cloud, self.name = cloud, name
        self._notes: list[Any] = []
        self.client = cloud.client("apigatewayv2")
        made = self.client.create_api(
            Name=name, ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
        )
        self.id, self.endpoint = made["ApiId"], made["ApiEndpoint"]
        facts = cloud.facts
        self.arn = f"arn:aws:execute-api:{facts['region']}:{facts['account_id']}:{self.id}"
        self.queue, self.queue_arn = cloud.queue(name)
        role = cloud.role(name, "lambda.amazonaws.com", *self.rights(*rights))
        self.function = cloud.function(name, role, CODE, QUEUE=self.queue, CONNECTIONS=self.management)
        self.uri = f"arn:aws:apigateway:{facts['region']}:lambda:path/2015-03-31/functions/{self.function}/invocations"
        self.permit("routes", f"{self.arn}/*")
        self.integration = self.client.create_integration(
            ApiId=self.id, IntegrationType="AWS_PROXY", IntegrationUri=self.uri
        )["IntegrationId"]
        for route in routes or ("$connect", "$disconnect", "$default", "quiet"):
            self.route(route, responds=route != "quiet")
        self.stage("live")

    def rights(self, *connections: str) -> list[dict[str, Any]]:
        manage = [{"Action": "execute-api:ManageConnections", "Resource": f"{self.arn}/{one}"} for one in connections]
        return [{"Action": "sqs:SendMessage", "Resource": self.queue_arn}, *manage]

    def permit(self, statement: str, source_arn: str) -> None:
        self.cloud.client("lambda").add_permission(
            FunctionName=self.name,
            StatementId=statement,
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=source_arn,
        )

    def route(self, key: str, *, responds: bool = False, **more: Any) -> str:
        settings = {"RouteResponseSelectionExpression": "$default"} if responds else {}
        target = {"Target": f"integrations/{self.integration}"}
        route: str = self.client.create_route(ApiId=self.id, RouteKey=key, **{**target, **settings, **more})["RouteId"]
        if responds:
            self.client.create_route_response(ApiId=self.id, RouteId=route, RouteResponseKey="$default")
        return route

    def stage(self, name: str, **more: Any) -> None:
        self.client.create_stage(ApiId=self.id, StageName=name, AutoDeploy=True, **more)

    @property
    def management(self) -> str:
        return f"{self.endpoint.replace('ws://', 'http://')}/live"

    @property
    def connections(self) -> Any:
        once = Config(retries={"max_attempts": 0})
        return self.cloud.client("apigatewaymanagementapi", endpoint_url=self.management, config=once)

    def open(self, query: str = "", stage: str = "live", **more: Any) -> ClientConnection:
        return connect(f"{self.endpoint}/{stage}?{query}", open_timeout=30, **more)

    def refusal(self, query: str = "", stage: str = "live", **more: Any) -> tuple[int, dict[str, Any]]:
        with pytest.raises(InvalidStatus) as raised:
            self.open(query, stage, **more)
        return raised.value.response.status_code, json.loads(raised.value.response.body or b"{}")

    def note(self, connection: str, event_type: str) -> Any:
        """What the function noted of an event of a connection."""
        while True:
            for note in self._notes:
                context = note["event"]["requestContext"]
                if (context["connectionId"], context["eventType"]) == (connection, event_type):
                    self._notes.remove(note)
                    return note
            self._notes += [json.loads(message["Body"]) for message in self.cloud.messages(self.queue, 1, 15)]

    @staticmethod
    def ask(socket: ClientConnection, **message: Any) -> str:
        socket.send(json.dumps(message))
        return str(socket.recv(timeout=30))

    @staticmethod
    def connection_id(socket: ClientConnection) -> str:
        """API Gateway names it in the answer to a message that fails."""
        return str(json.loads(Api.ask(socket, malformed=True))["connectionId"])

    @staticmethod
    def end_of(socket: ClientConnection, *messages: Any) -> int:
        """The code with which the other side closes, after what it still says."""
        with contextlib.suppress(ConnectionClosed):
            for message in messages:
                socket.send(message)
            while True:
                socket.recv(timeout=10)
        assert socket.close_code is not None
        return socket.close_code


@pytest.fixture(scope="session")
def api(cloud: Any) -> Api:
    return Api(cloud, "sockets")


@pytest.fixture
def make_api(cloud: Any) -> Callable[..., Api]:
    """Makes an API of its own for a test, by default in the common cloud."""

    def make(*routes: str, where: Any = cloud, **more: Any) -> Api:
        return Api(where, f"sockets-{next(_NUMBERS)}", *routes, **more)

    return make
