"""The gateway that scripts/bench measures: applied alone to the local cloud, with echo functions on the same API."""

import io
import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psutil  # type: ignore[import-untyped]
import psycopg

from deployments.terraform import Terraform
from deployments.warehouse import query
from local_cloud.process import LocalCloud

PREFIX = "bench"
_NUMBERS = "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < CAST(:n AS INTEGER))"
_GATE = "public.gate"
_QUERIES = {
    # Takes some hundredths of a second, so that it ends after the function that started it, as real queries do.
    "one": "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 60000)"
    " SELECT COUNT(*) AS n, CAST(:n AS INTEGER) AS asked FROM numbers",
    # Ends when nobody locks the table: see DeployedGateway.gate_locked.
    "gated": f"SELECT COUNT(*) AS n, CAST(:n AS INTEGER) AS asked FROM {_GATE}",  # noqa: S608 - made of constants
    "many": _NUMBERS  # noqa: S608 - made of constants
    + " SELECT i AS id, 'row number ' || i AS title, i * 1.5::FLOAT8 AS amount,"
    " CAST('2015-01-01' AS DATE) AS day, REPEAT('x', 40) AS padding FROM numbers",
}
_ECHO = """
import os

import boto3

posting = boto3.client("apigatewaymanagementapi", endpoint_url=os.environ["MANAGEMENT_ENDPOINT"])


def answer(event, context):
    return {"statusCode": 200, "body": event["body"]}


def push(event, context):
    posting.post_to_connection(ConnectionId=event["requestContext"]["connectionId"], Data=event["body"].encode())
    return {"statusCode": 200}
"""
ECHOES = {"echo": "answer", "pushed_echo": "push"}
"""The routes of the echo functions: one answers by a route response, one by PostToConnection, as deliveries do."""


@dataclass(frozen=True)
class DeployedGateway:
    """The applied gateway. `reader` is a Data API client of its role."""

    cloud: LocalCloud
    outputs: dict[str, Any]
    reader: Any

    @classmethod
    def deploy(cls, root: Path, folder: Path) -> "DeployedGateway":
        """Starts the local cloud, applies modules/websocket_gateway from `folder`, and adds the echo routes."""
        cloud = LocalCloud.start()
        try:
            (folder / "main.tf.json").write_text(json.dumps(_configuration(root, folder, cloud)))
            terraform = Terraform(folder, cloud.environment)
            terraform.init()
            terraform.apply()
            outputs = terraform.outputs()["gateway"]
            query(cloud, f"CREATE TABLE {_GATE} (i INTEGER)")
            query(cloud, f'GRANT SELECT ON {_GATE} TO "{outputs["database_user"]}"')
            for name, handler in ECHOES.items():
                _add_echo(cloud, outputs, name, handler)
            return cls(cloud, outputs, _reader(cloud, outputs["role"]))
        except BaseException:
            cloud.stop()
            raise

    @property
    def url(self) -> str:
        """The URL that clients connect to."""
        return str(self.outputs["websocket_url"])

    def ended_at(self, run: str) -> float:
        """Returns the time at which a run's statement ended, in epoch seconds, as the Data API has it."""
        table = self.cloud.client("dynamodb")
        key = {"pk": {"S": f"Q#{run.split('.')[0]}"}, "sk": {"S": "META"}}
        item = table.get_item(TableName=self.outputs["table_name"], Key=key)["Item"]
        return float(self.reader.describe_statement(Id=item["statement"]["S"])["UpdatedAt"].timestamp())

    @contextmanager
    def gate_locked(self) -> Iterator[None]:
        """Keeps the query `gated` from ending, by a lock on its table."""
        folder = self.cloud.folder / "cloud" / "warehouse" / "postgres" / "run"
        database = self.cloud.ready["databases"][0]
        with psycopg.connect(host=str(folder), dbname=database, user="postgres") as session:
            session.execute(f"LOCK {_GATE} IN ACCESS EXCLUSIVE MODE".encode())
            yield

    def statements(self) -> int:
        """Returns how many statements the gateway has started."""
        pages = self.reader.get_paginator("list_statements").paginate(StatementName=f"{PREFIX}/query/", Status="ALL")
        return sum(len(page["Statements"]) for page in pages)

    def peaks(self, function: str) -> list[int]:
        """Returns the peak resident memory (VmHWM) of each worker process of a function, in bytes."""
        name = self.outputs["function_names"][function]
        sizes = []
        for process in psutil.Process(self.cloud.process.pid).children(recursive=True):
            try:
                if process.environ().get("AWS_LAMBDA_FUNCTION_NAME") == name:
                    status = Path(f"/proc/{process.pid}/status").read_text()
                    sizes.append(int(status.split("VmHWM:")[1].split()[0]) * 1024)
            except (psutil.Error, OSError, IndexError):
                continue
        return sizes


def _configuration(root: Path, folder: Path, cloud: LocalCloud) -> dict[str, Any]:
    parameter = {"n": {"type": "integer", "description": "a number"}}
    gateway = {
        "source": os.path.relpath(root / "modules" / "websocket_gateway", folder),
        "name_prefix": PREFIX,
        "redshift": {"database": cloud.ready["databases"][0], "cluster": {"identifier": cloud.ready["cluster"]}},
        "authorization": {"mode": "NONE"},
        "allowed_origins": ["*"],
        "throttle": {"rate": 5000, "burst": 2500, "routes": {"$connect": {"rate": 5000, "burst": 2500}}},
        "queries": {
            name: {
                "sql": sql,
                "description": name,
                "parameters": parameter,
                "max_rows": 1_000_000,
                "timeout_seconds": 3600,
            }
            for name, sql in _QUERIES.items()
        },
    }
    return {"module": {"gateway": gateway}, "output": {"gateway": {"value": "${module.gateway}"}}}


def _add_echo(cloud: LocalCloud, outputs: dict[str, Any], name: str, handler: str) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("echo.py", _ECHO)
    functions, apis, region = cloud.client("lambda"), cloud.client("apigatewayv2"), cloud.ready["region"]
    arn = functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler=f"echo.{handler}",
        Role=outputs["role"]["arn"],
        Code={"ZipFile": package.getvalue()},
        MemorySize=512,
        Environment={"Variables": {"MANAGEMENT_ENDPOINT": outputs["management_endpoint"]}},
    )["FunctionArn"]
    functions.add_permission(
        FunctionName=name,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{region}:{cloud.ready['account_id']}:{outputs['api_id']}/*/{name}",
    )
    uri = f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    api = outputs["api_id"]
    integration = apis.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=uri)["IntegrationId"]
    target = f"integrations/{integration}"
    route = apis.create_route(ApiId=api, RouteKey=name, Target=target, RouteResponseSelectionExpression="$default")
    if handler == "answer":
        apis.create_route_response(ApiId=api, RouteId=route["RouteId"], RouteResponseKey="$default")


def _reader(cloud: LocalCloud, role: dict[str, str]) -> Any:
    """Returns a Data API client of the gateway's role: no other may describe its statements."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}},
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": cloud.ready["account_id"]}},
        ],
    }
    listing = {"Effect": "Allow", "Action": "redshift-data:ListStatements", "Resource": "*"}  # the gateway never lists
    policy = {"Version": "2012-10-17", "Statement": [listing]}
    cloud.client("iam").put_role_policy(RoleName=role["name"], PolicyName="bench", PolicyDocument=json.dumps(policy))
    cloud.client("iam").update_assume_role_policy(RoleName=role["name"], PolicyDocument=json.dumps(trust))
    session = cloud.client("sts").assume_role(RoleArn=role["arn"], RoleSessionName="bench")["Credentials"]
    return boto3.client(
        "redshift-data",
        endpoint_url=cloud.ready["endpoint"],
        region_name=cloud.ready["region"],
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
