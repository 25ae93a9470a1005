"""HTTP APIs of the local cloud: the JWT authorizer, Cognito's tokens and an issuer's own, CORS, throttling, faults."""

from __future__ import annotations

import base64
import http.server
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CODE = """
import json

def handle(event, context):
    if "fail" in (event.get("queryStringParameters") or {}):
        raise ValueError("a secret of the house")
    return {"statusCode": 201, "body": json.dumps(event)}
"""
PAGE = "https://page.example"
DISTRIBUTION = "https://d111page.cloudfront.net"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Issuer:
    """Someone who signs tokens and publishes the key, as any OIDC provider does."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = self._key.public_key().public_numbers()
        parts = {"n": b64(numbers.n.to_bytes(256, "big")), "e": b64(numbers.e.to_bytes(3, "big"))}
        key = {"kty": "RSA", "kid": "one", "alg": "RS256", "use": "sig", **parts}
        issuer = self

        class Pages(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                discovery = {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"}
                body = json.dumps({"keys": [key]} if self.path == "/keys" else discovery).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def token(self, **claims: Any) -> str:
        now = int(time.time())
        body = {"iss": self.url, "aud": "page", "sub": "ann", "iat": now, "exp": now + 60, **claims}
        signed = ".".join(b64(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "one"}, body))
        return f"{signed}.{b64(self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    running = Issuer()
    yield running
    running.stop()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


class Api:
    """An HTTP API with one function: `POST /ticket` behind a JWT authorizer, `GET /open` without."""

    def __init__(self, cloud: Any, name: str, issuer: str, audience: str) -> None:
        self.cloud, self.name, self.client = cloud, name, cloud.client("apigatewayv2")
        cors = {
            "AllowOrigins": [PAGE, DISTRIBUTION],
            "AllowMethods": ["POST"],
            "AllowHeaders": ["authorization"],
            "MaxAge": 300,
        }
        made = self.client.create_api(Name=name, ProtocolType="HTTP", CorsConfiguration=cors)
        self.id, self.endpoint = made["ApiId"], made["ApiEndpoint"]
        function = cloud.function(name, cloud.role(name, "lambda.amazonaws.com"), CODE)
        path = f"arn:aws:apigateway:{cloud.facts['region']}:lambda:path/2015-03-31/functions/{function}/invocations"
        self.integration = self.client.create_integration(
            ApiId=self.id, IntegrationType="AWS_PROXY", IntegrationUri=path, PayloadFormatVersion="2.0"
        )["IntegrationId"]
        authorizer = self.client.create_authorizer(
            ApiId=self.id,
            Name="jwt",
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": issuer, "Audience": [audience]},
        )["AuthorizerId"]
        self.route("POST /ticket", AuthorizationType="JWT", AuthorizerId=authorizer)
        self.route("GET /open")
        self.client.create_stage(ApiId=self.id, StageName="$default", AutoDeploy=True)
        self.permit("ticket", "$default/POST/ticket")

    def route(self, key: str, **more: Any) -> None:
        self.client.create_route(ApiId=self.id, RouteKey=key, Target=f"integrations/{self.integration}", **more)

    def permit(self, statement: str, route: str) -> None:
        facts = self.cloud.facts
        self.cloud.client("lambda").add_permission(
            FunctionName=self.name,
            StatementId=statement,
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:{facts['region']}:{facts['account_id']}:{self.id}/{route}",
        )

    def call(self, method: str, path: str, token: str = "", **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            named["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(f"{self.endpoint}{path}", method=method, headers=named)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
                status, said, body = response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            status, said, body = error.code, error.headers, error.read()
        return Answer(status, {name.lower(): value for name, value in said.items()}, json.loads(body or b"null"))


@pytest.fixture(scope="module")
def api(cloud: Any, issuer: Issuer) -> Api:
    return Api(cloud, "tickets", issuer.url, "page")


def test_claims_reach_the_function_as_text(api: Api, issuer: Issuer) -> None:
    token = issuer.token(groups=["analysts", "all staff"], level=3, admin=True, email="ann@example.com")
    answer = api.call("POST", "/ticket", token)
    assert answer.status == 201
    event = answer.body
    assert (event["rawPath"], event["routeKey"], event["requestContext"]["stage"]) == (
        "/ticket",
        "POST /ticket",
        "$default",
    )
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    assert claims["groups"] == "[analysts all staff]"
    assert (claims["level"], claims["admin"], claims["sub"]) == ("3", "true", "ann")
    assert claims["exp"].isdigit()


# Times are seconds from when the test runs.
BAD: dict[str, dict[str, Any]] = {
    "expired": {"exp": -5},
    "not yet": {"nbf": 600},
    "of another issuer": {"iss": "https://elsewhere.example"},
    "for another audience": {"aud": "other"},
}


@pytest.mark.parametrize("claims", BAD.values(), ids=BAD)
def test_a_bad_token_is_unauthorized(api: Api, issuer: Issuer, claims: dict[str, Any]) -> None:
    times = {name: int(time.time()) + value for name, value in claims.items() if isinstance(value, int)}
    answer = api.call("POST", "/ticket", issuer.token(**claims | times))
    assert (answer.status, answer.body) == (401, {"message": "Unauthorized"})


def test_a_tampered_token_or_none_is_unauthorized(api: Api, issuer: Issuer) -> None:
    head, body, signature = issuer.token().split(".")
    more = b64(json.dumps({**json.loads(base64.urlsafe_b64decode(body + "==")), "sub": "bob"}).encode())
    unsigned = f"{b64(json.dumps({'alg': 'none', 'kid': 'one'}).encode())}.{body}."
    stranger = Issuer()  # whose key is not the one that the issuer publishes
    strange = stranger.token(iss=issuer.url)
    stranger.stop()
    for token in ("", "x", "a.b.c", f"{head}.{more}.{signature}", f"{head}.{body}.", unsigned, strange):
        assert api.call("POST", "/ticket", token).status == 401


@pytest.mark.parametrize("kind", ["IdToken", "AccessToken"])
def test_tokens_of_cognito_are_accepted(cloud: Any, kind: str) -> None:
    """The issuer is the one that AWS documents; ministack finds the pool's keys behind it by itself."""
    cognito = cloud.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName=f"people-{kind}")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="page", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    )["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="ann", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="ann", Password="Sesame-12", Permanent=True)
    for group in ("analysts", "north"):
        cognito.create_group(UserPoolId=pool, GroupName=group)
        cognito.admin_add_user_to_group(UserPoolId=pool, Username="ann", GroupName=group)
    given = {"USERNAME": "ann", "PASSWORD": "Sesame-12"}
    signed_in = cognito.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", ClientId=client, AuthParameters=given)
    issuer = f"https://cognito-idp.{cloud.facts['region']}.amazonaws.com/{pool}"
    api = Api(cloud, f"people-{kind}", issuer, client)
    answer = api.call("POST", "/ticket", signed_in["AuthenticationResult"][kind])
    assert answer.status == 201, answer
    claims = answer.body["requestContext"]["authorizer"]["jwt"]["claims"]
    assert claims["iss"] == issuer
    assert sorted(claims["cognito:groups"].strip("[]").split()) == ["analysts", "north"]


def test_cors(api: Api, issuer: Issuer) -> None:
    asked = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "authorization"}
    preflight = api.call("OPTIONS", "/ticket", Origin=PAGE, **asked)
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == PAGE
    assert preflight.headers["access-control-allow-methods"] == "POST"
    assert preflight.headers["access-control-allow-headers"] == "authorization"
    assert preflight.headers["access-control-max-age"] == "300"
    foreign = api.call("OPTIONS", "/ticket", Origin="https://foreign.example", **asked)
    assert "access-control-allow-origin" not in foreign.headers
    assert api.call("POST", "/ticket", issuer.token(), Origin=PAGE).headers["access-control-allow-origin"] == PAGE
    answer = api.call("POST", "/ticket", issuer.token(), Origin="https://foreign.example")
    assert "access-control-allow-origin" not in answer.headers


def test_cors_of_a_page_on_this_machine(cloud: Any, api: Api, issuer: Issuer) -> None:
    """What is http://<label>.cloudfront.localhost here is https://<label>.cloudfront.net for the API."""
    port = cloud.facts["port"]
    here = f"http://d111page.cloudfront.localhost:{port}"
    assert api.call("OPTIONS", "/ticket", Origin=here).headers["access-control-allow-origin"] == here
    answer = api.call("POST", "/ticket", issuer.token(), Origin=here)
    assert answer.headers["access-control-allow-origin"] == here
    assert answer.body["headers"]["origin"] == DISTRIBUTION
    there = api.call("POST", "/ticket", issuer.token(), Origin=DISTRIBUTION)
    assert there.headers["access-control-allow-origin"] == DISTRIBUTION
    for foreign in (
        f"http://d222page.cloudfront.localhost:{port}",
        "http://d111page.cloudfront.localhost:1",
        f"https://d111page.cloudfront.localhost:{port}",
        f"http://d111page.cloudfront.localhost:{port}.example.com",
        f"http://evil.d111page.cloudfront.localhost:{port}",
    ):
        assert api.call("OPTIONS", "/ticket", Origin=foreign).status == 403
        assert "access-control-allow-origin" not in api.call("POST", "/ticket", issuer.token(), Origin=foreign).headers


def test_a_failing_function_says_nothing_of_its_failure(api: Api, issuer: Issuer) -> None:
    answer = api.call("POST", "/ticket?fail=1", issuer.token())
    assert (answer.status, answer.body) == (500, {"message": "Internal Server Error"})


def test_a_function_must_let_the_route_in(api: Api) -> None:
    assert api.call("GET", "/open").status == 500
    api.permit("open", "*/GET/open")
    assert api.call("GET", "/open").status == 201


def test_a_stage_throttles(cloud: Any, issuer: Issuer) -> None:
    api = Api(cloud, "throttled", issuer.url, "page")
    limits = {"ThrottlingRateLimit": 0.01, "ThrottlingBurstLimit": 2}
    api.client.update_stage(ApiId=api.id, StageName="$default", DefaultRouteSettings=limits)
    # A bucket for each route, before the authorizer.
    assert [api.call("POST", "/ticket").status for _ in range(4)] == [401, 401, 429, 429]
    assert api.call("GET", "/open").status == 500
    assert api.call("POST", "/ticket", issuer.token()).body == {"message": "Too Many Requests"}
