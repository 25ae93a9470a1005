"""Functions beside the gateway on the same API: echoes, which are the floor, and a plain gateway as people write it.

The plain gateway runs a statement for each client and, at its completion event, sends what boto3 returns as JSON.
"""

import io
import json
import zipfile
from typing import Any

from local_cloud.process import LocalCloud

STATEMENTS = "plain/"
"""Prefix of the plain gateway's statement names; the rest is the connection."""
ROUTES = {"echo": "answer", "pushed_echo": "push", "who": "who", "post_to_all": "post_to_all", "plain": "ask"}
"""Route => handler. `echo` answers by a route response, `pushed_echo` by PostToConnection, as deliveries do."""
_CODE = """
import json
import os
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

posting = boto3.client(
    "apigatewaymanagementapi",
    endpoint_url=os.environ["MANAGEMENT_ENDPOINT"],
    config=Config(max_pool_connections=32),
)
data = boto3.client("redshift-data")


def answer(event, context):
    return {"statusCode": 200, "body": event["body"]}


def push(event, context):
    posting.post_to_connection(ConnectionId=event["requestContext"]["connectionId"], Data=event["body"].encode())
    return {"statusCode": 200}


def who(event, context):
    return {"statusCode": 200, "body": json.dumps({"connection": event["requestContext"]["connectionId"]})}


def post_to_all(event, context):
    message = json.loads(event["body"])
    body = message["text"].encode()
    with ThreadPoolExecutor(32) as pool:
        for connection in message["connections"]:
            pool.submit(posting.post_to_connection, ConnectionId=connection, Data=body)
    return {"statusCode": 200}


def ask(event, context):
    data.execute_statement(
        ClusterIdentifier=os.environ["CLUSTER"],
        Database=os.environ["DATABASE"],
        Sql=json.loads(event["body"])["sql"],
        StatementName="plain/" + event["requestContext"]["connectionId"],
        WithEvent=True,
    )
    return {"statusCode": 200}


def deliver(event, context):
    connection = event["detail"]["statementName"].removeprefix("plain/")
    pages = data.get_paginator("get_statement_result").paginate(Id=event["detail"]["statementId"])
    for page in pages:
        rows = [[None if f.get("isNull") else next(iter(f.values())) for f in record] for record in page["Records"]]
        for at in range(0, len(rows), 500):
            body = json.dumps({"rows": rows[at : at + 500]}).encode()
            posting.post_to_connection(ConnectionId=connection, Data=body)
    posting.post_to_connection(ConnectionId=connection, Data=b'{"type":"complete","run":""}')
"""


def add_plain_functions(cloud: LocalCloud, outputs: dict[str, Any]) -> None:
    """Adds the routes and the plain gateway's rule to the applied gateway's API."""
    for route, handler in ROUTES.items():
        _add_route(cloud, outputs, route, _add_function(cloud, outputs, handler), responds=handler in ("answer", "who"))
    _add_rule(cloud, _add_function(cloud, outputs, "deliver"))


def _add_function(cloud: LocalCloud, outputs: dict[str, Any], handler: str) -> str:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("plain.py", _CODE)
    variables = {
        "MANAGEMENT_ENDPOINT": outputs["management_endpoint"],
        "CLUSTER": cloud.ready["cluster"],
        "DATABASE": cloud.ready["databases"][0],
    }
    function: str = cloud.client("lambda").create_function(
        FunctionName=f"plain-{handler.replace('_', '-')}",
        Runtime="python3.13",
        Handler=f"plain.{handler}",
        Role=outputs["role"]["arn"],
        Code={"ZipFile": package.getvalue()},
        MemorySize=512,
        Timeout=300,
        Environment={"Variables": variables},
    )["FunctionArn"]
    return function


def _add_route(cloud: LocalCloud, outputs: dict[str, Any], route: str, function: str, *, responds: bool) -> None:
    region, account, api = cloud.ready["region"], cloud.ready["account_id"], outputs["api_id"]
    _permit(cloud, function, "apigateway.amazonaws.com", f"arn:aws:execute-api:{region}:{account}:{api}/*/{route}")
    apis = cloud.client("apigatewayv2")
    uri = f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations"
    integration = apis.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=uri)["IntegrationId"]
    target = f"integrations/{integration}"
    made = apis.create_route(ApiId=api, RouteKey=route, Target=target, RouteResponseSelectionExpression="$default")
    if responds:
        apis.create_route_response(ApiId=api, RouteId=made["RouteId"], RouteResponseKey="$default")


def _add_rule(cloud: LocalCloud, function: str) -> None:
    events = cloud.client("events")
    pattern = {"source": ["aws.redshift-data"], "detail": {"statementName": [{"prefix": STATEMENTS}]}}
    rule = events.put_rule(Name="plain", EventPattern=json.dumps(pattern))["RuleArn"]
    _permit(cloud, function, "events.amazonaws.com", rule)
    events.put_targets(Rule="plain", Targets=[{"Id": "deliver", "Arn": function}])


def _permit(cloud: LocalCloud, function: str, principal: str, source: str) -> None:
    cloud.client("lambda").add_permission(
        FunctionName=function,
        StatementId=principal.split(".")[0],
        Action="lambda:InvokeFunction",
        Principal=principal,
        SourceArn=source,
    )
