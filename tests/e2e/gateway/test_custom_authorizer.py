"""Mode CUSTOM: an authorizer of the user's own lets people in, by a secret on the URL, and says who they are."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deployments.terraform import Terraform
from redshift_relay.gateway_client import Answer, GatewayClient, GatewayError
from tests.e2e.cloud import ROOT, TIMEOUT_SECONDS, Cloud

AUTHORIZER = """
PEOPLE = {"secret-of-ann": ("ann", "north", "[analysts]"), "secret-of-bob": ("bob", "south", "[guests]")}

def handle(event, context):
    principal, tenant, groups = PEOPLE.get(event["queryStringParameters"]["token"], ("nobody", "", ""))
    allow = {"Effect": "Allow" if tenant else "Deny", "Action": "execute-api:Invoke", "Resource": event["methodArn"]}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [allow]},
        "context": {"tenant": tenant, "groups": groups, "email": principal + "@example.com"},
    }
"""
QUERIES = {
    "mine": {
        "description": "Whose rows are shown",
        "sql": "SELECT CAST(:tenant AS VARCHAR) AS tenant, CAST(:n AS INTEGER) AS n",
        "parameters": {"tenant": {"type": "claim"}, "n": {"type": "integer"}},
    },
    "secret": {"description": "For analysts", "sql": "SELECT 1 AS one", "allowed_groups": ["analysts"]},
}


@pytest.fixture(scope="module")
def outputs(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A gateway with an authorizer, both made in one apply as a user would."""
    folder = tmp_path_factory.mktemp("custom")
    with zipfile.ZipFile(folder / "authorizer.zip", "w") as package:
        package.writestr("authorizer.py", AUTHORIZER)
    (folder / "main.tf.json").write_text(json.dumps(_configuration(folder, cloud)))
    terraform = Terraform(folder, cloud.local.environment)
    terraform.init()
    terraform.apply()
    yield terraform.outputs()["gateway"]
    terraform.destroy()


def _configuration(folder: Path, cloud: Cloud) -> dict[str, Any]:
    modules = os.path.relpath(ROOT / "modules", folder)
    authorizer = {
        "source": f"{modules}/lambda_function",
        "name_prefix": "gw-custom",
        "name": "authorizer",
        "description": "Says who connects",
        "package": {"path": str(folder / "authorizer.zip")},
        "handler": "authorizer.handle",
    }
    gateway = {
        "source": f"{modules}/websocket_gateway",
        "check_queries": False,  # its table is created later
        "name_prefix": "gw-custom",
        "redshift": {
            "database": cloud.local.ready["databases"][0],
            "cluster": {"identifier": cloud.local.ready["cluster"]},
        },
        "authorization": {
            "mode": "CUSTOM",
            "authorizer": {
                "lambda_arn": "${module.authorizer.function_arn}",
                "identity_sources": ["route.request.querystring.token"],
            },
        },
        "allowed_origins": [],
        "groups_claim": "groups",
        "queries": QUERIES,
    }
    return {
        "module": {"authorizer": authorizer, "gateway": gateway},
        "output": {"gateway": {"value": "${module.gateway}"}},
    }


def ask(outputs: dict[str, Any], token: str, query: str, **params: object) -> Answer:
    with GatewayClient.connect(f"{outputs['websocket_url']}?token={token}") as gateway:
        return next(gateway.ask(query, params))


def test_whom_the_authorizer_lets_in_is_who_it_says(outputs: dict[str, Any]) -> None:
    assert ask(outputs, "secret-of-ann", "mine", n=1).rows == [["north", 1]]
    assert ask(outputs, "secret-of-bob", "mine", n=1).rows == [["south", 1]]


def test_the_first_question_rides_beside_the_secret(outputs: dict[str, Any]) -> None:
    with GatewayClient.connect(f"{outputs['websocket_url']}?token=secret-of-ann&query=mine&n=7") as gateway:
        while (message := gateway.receive(TIMEOUT_SECONDS))["type"] == "accepted":
            pass
    assert (message["id"], message["rows"]) == ("connect", [["north", 7]])


def test_groups_are_those_that_the_authorizer_names(outputs: dict[str, Any]) -> None:
    assert ask(outputs, "secret-of-ann", "secret").rows == [[1]]
    with pytest.raises(GatewayError, match="forbidden"):
        ask(outputs, "secret-of-bob", "secret")


@pytest.mark.parametrize(("query", "status"), [("?token=invented", 403), ("", 401)])
def test_nobody_else_gets_in(outputs: dict[str, Any], query: str, status: int) -> None:
    with (
        pytest.raises(GatewayError, match=f"refused the connection: {status}"),
        GatewayClient.connect(outputs["websocket_url"] + query),
    ):
        pass


def test_nothing_else_of_them_is_stored(cloud: Cloud, outputs: dict[str, Any]) -> None:
    with GatewayClient.connect(f"{outputs['websocket_url']}?token=secret-of-ann"):
        stored = json.dumps(cloud.client("dynamodb").scan(TableName=outputs["table_name"])["Items"], default=repr)
    assert "north" in stored
    assert "example.com" not in stored
    assert "secret-of" not in stored
