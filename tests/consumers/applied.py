"""Applies an example to the local cloud, and takes it away again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from deployments.terraform import Terraform
from local_cloud.process import LocalCloud
from redshift_relay.gateway_client import Answer, GatewayClient, get_ticket
from tests.consumers.repository import Repository, copy_consumer
from tests.e2e.cloud import Cloud, until

LONGEST_ANSWER_SECONDS = 120.0


@dataclass(frozen=True)
class Applied:
    """An example that is applied."""

    cloud: Cloud
    outputs: Mapping[str, Any]

    def invoke(self, function: str, **payload: Any) -> dict[str, Any]:
        """Invokes a function and returns its answer."""
        answer = self.cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(payload).encode())
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        assert "errorMessage" not in result, result
        return result

    def ask(self, query: str, params: Mapping[str, str], token: str | None = None) -> Answer:
        """Asks the gateway, with a ticket if there is a token."""
        ticket = get_ticket(self.outputs["ticket_url"], token) if token else None
        with GatewayClient.connect(self.outputs["websocket_url"], ticket) as gateway:
            return next(iter(gateway.ask(query, params, live=False, timeout=LONGEST_ANSWER_SECONDS)))

    def tables(self, database: str, pattern: str) -> list[str]:
        """The tables of schema public whose name fits."""
        sql = f"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE '{pattern}' ORDER BY 1"
        return [row["tablename"] for row in self.cloud.query(sql, database=database)]

    def run_as(self, role_arn: str, sql: str) -> str:
        """Runs a statement as a role, with its event, to its end; returns the statement's id."""
        lent = self.cloud.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="worker")["Credentials"]
        session: Any = boto3.Session(
            aws_access_key_id=lent["AccessKeyId"],
            aws_secret_access_key=lent["SecretAccessKey"],
            aws_session_token=lent["SessionToken"],
            region_name=self.cloud.local.ready["region"],
        )
        client = session.client("redshift-data", endpoint_url=self.cloud.local.ready["endpoint"])
        statement = client.execute_statement(ClusterIdentifier="warehouse", Database="dev", Sql=sql, WithEvent=True)
        ended = ("FINISHED", "FAILED", "ABORTED")
        until(lambda: client.describe_statement(Id=statement["Id"])["Status"] in ended, "the statement's end")
        return str(statement["Id"])


@contextmanager
def applied(
    name: str, folder: Path, repository: Repository, cloud: Cloud, variables: Mapping[str, str] | None = None
) -> Iterator[Applied]:
    """Applies an example from an empty folder; afterwards a second plan is empty, and nothing is left by destroy."""
    terraform = Terraform(copy_consumer(name, folder), {**cloud.local.environment, **repository.environment})
    for file, text in (variables or {}).items():
        (folder / file).write_text(text)
    terraform.init()
    try:
        terraform.apply()
        yield Applied(cloud, terraform.outputs())
        assert terraform.planned_changes() == []
    finally:
        terraform.destroy()
    assert terraform.resources() == []


def bucket_of_packages(local: LocalCloud, name: str) -> str:
    """A versioned bucket."""
    s3 = local.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name
