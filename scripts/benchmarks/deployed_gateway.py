"""The gateway that scripts/bench measures: applied alone to the local cloud, with plain functions on the same API."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import psutil  # type: ignore[import-untyped]
import psycopg

from benchmarks.plain_functions import add_plain_functions
from deployments.terraform import Terraform
from deployments.warehouse import query
from local_cloud.process import LocalCloud

PREFIX = "bench"
_NUMBERS = "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < CAST(:n AS INTEGER))"
_GATE = "public.gate"
GATED_SQL = f"SELECT COUNT(*) AS n, CAST(:n AS INTEGER) AS asked FROM {_GATE}"  # noqa: S608 - made of constants
_QUERIES = {
    # Takes some hundredths of a second, so that it ends after the function that started it, as real queries do.
    "one": "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 60000)"
    " SELECT COUNT(*) AS n, CAST(:n AS INTEGER) AS asked FROM numbers",
    "gated": GATED_SQL,
    "recent": "SELECT CAST(:n AS INTEGER) AS asked",
    "many": _NUMBERS  # noqa: S608 - made of constants
    + " SELECT i AS id, 'row number ' || i AS title, i * 1.5::FLOAT8 AS amount,"
    " CAST('2015-01-01' AS DATE) AS day, REPEAT('x', 40) AS padding FROM numbers",
}


@dataclass(frozen=True)
class DeployedGateway:
    """The applied gateway. `session` holds credentials of its role, and `reader` is a Data API client with them."""

    cloud: LocalCloud
    outputs: dict[str, Any]
    session: dict[str, str]
    reader: Any

    @classmethod
    def deploy(cls, root: Path, folder: Path) -> "DeployedGateway":
        """Starts the local cloud, applies modules/websocket_gateway from `folder`, and adds the plain functions."""
        cloud = LocalCloud.start()
        try:
            (folder / "main.tf.json").write_text(json.dumps(_configuration(root, folder, cloud)))
            terraform = Terraform(folder, cloud.environment)
            terraform.init()
            terraform.apply()
            outputs = terraform.outputs()["gateway"]
            query(cloud, f"CREATE TABLE {_GATE} (i INTEGER)")
            query(cloud, f'GRANT SELECT ON {_GATE} TO "{outputs["database_user"]}"')
            add_plain_functions(cloud, outputs)
            session = _session(cloud, outputs["role"])
            return cls(cloud, outputs, session, _reader(cloud, session))
        except BaseException:
            cloud.stop()
            raise

    @property
    def url(self) -> str:
        """The URL that clients connect to."""
        return str(self.outputs["websocket_url"])

    def statement_of(self, run: str, statuses: Sequence[str] = ("FINISHED",)) -> dict[str, Any]:
        """Returns what ListStatements says of a run's statement, once it is in one of these states."""
        return self.named(f"{PREFIX}/query/{run}", statuses)

    def named(self, name: str, statuses: Sequence[str] = ("FINISHED",)) -> dict[str, Any]:
        """Returns what ListStatements says of the newest statement of a name, once it is in one of these states."""
        while True:
            found = self.reader.list_statements(StatementName=name, Status="ALL")["Statements"]
            if found and found[0]["Status"] in statuses:
                statement: dict[str, Any] = found[0]
                return statement
            time.sleep(0.02)

    def execute(self, sql: str) -> str:
        """Starts a statement as the gateway's role, and returns its id."""
        where = {"ClusterIdentifier": self.cloud.ready["cluster"], "Database": self.cloud.ready["databases"][0]}
        return str(self.reader.execute_statement(Sql=sql, **where)["Id"])

    def ended_at(self, run: str) -> float:
        """Returns the time at which a run's statement ended, in epoch seconds, as the Data API has it."""
        return float(self.statement_of(run)["UpdatedAt"].timestamp())

    def completion_of(self, run: str) -> dict[str, Any]:
        """Returns the completion event of a run, as EventBridge hands it to the deliver function."""
        statement = self.statement_of(run)
        detail = {"statementId": statement["Id"], "statementName": f"{PREFIX}/query/{run}", "state": "FINISHED"}
        event = {"source": "aws.redshift-data", "detail-type": "Redshift Data Statement Status Change"}
        return {**event, "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "detail": detail}

    @contextmanager
    def deliveries_held(self) -> Iterator[None]:
        """Keeps completion events from the deliver function."""
        events = self.cloud.client("events")
        rules = [rule["Name"] for rule in events.list_rules(NamePrefix=PREFIX)["Rules"]]
        for rule in rules:
            events.disable_rule(Name=rule)
        try:
            yield
        finally:
            for rule in rules:
                events.enable_rule(Name=rule)

    def environment_of(self, function: str, endpoint: str) -> dict[str, str]:
        """Returns the environment of a function's process, whose calls go to `endpoint`, signed as its role."""
        name = self.outputs["function_names"][function]
        configuration = self.cloud.client("lambda").get_function_configuration(FunctionName=name)
        variables = {
            key: str(value).replace(self.cloud.ready["endpoint"], endpoint)
            for key, value in configuration["Environment"]["Variables"].items()
        }
        session = self.session
        return variables | {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_DEFAULT_REGION": self.cloud.ready["region"],
            "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
            "AWS_SESSION_TOKEN": session["SessionToken"],
        }

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
        "check_queries": False,  # the table of one of them needs the gateway's user first
        "throttle": {"rate": 5000, "burst": 2500, "routes": {"$connect": {"rate": 5000, "burst": 2500}}},
        "queries": {
            name: {
                "sql": sql,
                "description": name,
                "parameters": parameter,
                "max_rows": 1_000_000,
                "timeout_seconds": 3600,
                "max_age_seconds": 3600 if name == "recent" else 0,
            }
            for name, sql in _QUERIES.items()
        },
    }
    return {"module": {"gateway": gateway}, "output": {"gateway": {"value": "${module.gateway}"}}}


def _session(cloud: LocalCloud, role: dict[str, str]) -> dict[str, str]:
    """Returns credentials of the gateway's role: no other may describe its statements."""
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
    session: dict[str, str] = cloud.client("sts").assume_role(RoleArn=role["arn"], RoleSessionName="bench")[
        "Credentials"
    ]
    return session


def _reader(cloud: LocalCloud, session: dict[str, str]) -> Any:
    return boto3.client(
        "redshift-data",
        endpoint_url=cloud.ready["endpoint"],
        region_name=cloud.ready["region"],
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
