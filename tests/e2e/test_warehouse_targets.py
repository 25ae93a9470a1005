"""Every kind of warehouse and way in, from terraform apply to the letter: one configuration with a copy for each."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import hcl2
import pytest
from hcl2.utils import SerializationOptions

from deployments.deployment import BUCKET, COPY_ROLE, READER, Deployment
from deployments.terraform import Terraform
from local_cloud.process import LocalCloud
from tests.e2e.cloud import ROOT, Cloud, Letter, until
from tests.e2e.pipeline import CALL, GOOD_ROW, trips

PACKAGES = "relay-targets-packages"


@dataclass(frozen=True)
class Target:
    """A way in: what it needs of IAM, and the database user whom AWS takes there."""

    name: str
    credentials: str
    user: str


TARGETS = [
    Target("user", "redshift:GetClusterCredentials", "loader"),
    Target("iam", "redshift:GetClusterCredentialsWithIAM", "IAMR:iam-statements"),
    Target("workgroup", "redshift-serverless:GetCredentials", "IAMR:workgroup-statements"),
    Target("secret", "secretsmanager:GetSecretValue", "keeper"),
    Target("secret-workgroup", "secretsmanager:GetSecretValue", "keeper"),
]


@dataclass(frozen=True)
class Applied:
    """All copies, applied; each target has a database of its name."""

    cloud: Cloud
    outputs: dict[str, dict[str, Any]]

    def query(self, database: str, sql: str) -> list[list[Any]]:
        """Asks one of the databases, as the administrator."""
        ready, client = self.cloud.local.ready, self.cloud.client("redshift-data")
        started = client.execute_statement(
            ClusterIdentifier=ready["cluster"], Database=database, DbUser=ready["admin"], Sql=sql
        )
        ended = until(
            lambda: (one := client.describe_statement(Id=started["Id"]))["Status"] in ("FINISHED", "FAILED") and one
        )
        assert ended["Status"] == "FINISHED", ended["Error"]
        if not ended["HasResultSet"]:
            return []
        records = client.get_statement_result(Id=started["Id"])["Records"]
        return [[next(iter(field.values())) for field in record] for record in records]

    def invoke(self, target: str, **payload: Any) -> dict[str, Any]:
        """Invokes a copy's scheduler function."""
        answer = self.cloud.client("lambda").invoke(
            FunctionName=self.outputs[target]["function_names"]["scheduler"], Payload=json.dumps(payload).encode()
        )
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        return result

    def claimed_long_ago(self, target: str, load: str, occurrence: str) -> None:
        """The claim of a load is as old as a missing permission can be one that IAM does not know everywhere yet."""
        key = {"pk": {"S": f"LOAD#{load}"}, "sk": {"S": f"O#{occurrence}"}}
        table, client = self.outputs[target]["loads_table_name"], self.cloud.client("dynamodb")
        body = json.loads(client.get_item(TableName=table, Key=key)["Item"]["body"]["S"])
        claimed_at = datetime.fromisoformat(body["claimed_at"]) - timedelta(minutes=4)
        client.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="SET body = :body",
            ExpressionAttributeValues={":body": {"S": json.dumps(body | {"claimed_at": claimed_at.isoformat()})}},
        )

    def load(self, target: str) -> Letter:
        """Runs a load to its letter."""
        answer = self.invoke(target, action="execute_sql", sql=CALL)
        assert "statement_id" in answer, answer
        return self.cloud.letter(answer["statement_id"])


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Applied]:
    databases = [part for target in TARGETS for part in ("--database", target.name)]
    local = LocalCloud.start("--retry-seconds", "0.2", "--database", "dev", *databases)
    try:
        folder = tmp_path_factory.mktemp("targets")
        cloud = Cloud(local)
        data = folder / "trips.psv.gz"
        data.write_bytes(trips(GOOD_ROW, GOOD_ROW))
        Deployment(ROOT, folder, local).upload([data])
        applied = Applied(cloud, {})
        for user in ("loader", "keeper"):
            applied.query("dev", f"CREATE USER {user} PASSWORD DISABLE")
        secret = {"username": "keeper", "password": "S3cret-of-keeper"}
        arn = cloud.client("secretsmanager").create_secret(Name="warehouse", SecretString=json.dumps(secret))["ARN"]
        yield Applied(cloud, _apply(cloud, folder / "terraform", arn, _packages(cloud)))
    finally:
        local.stop()


def _packages(cloud: Cloud) -> dict[str, dict[str, str]]:
    """The zips in S3, as scripts/package uploads them. From there, the provider makes functions in parallel."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=PACKAGES)
    s3.put_bucket_versioning(Bucket=PACKAGES, VersioningConfiguration={"Status": "Enabled"})
    command = [sys.executable, ROOT / "scripts" / "package", "--bucket", PACKAGES, "--prefix", "relay"]
    environment = {**os.environ, **cloud.local.environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    plain = SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True)
    packages: dict[str, dict[str, str]] = hcl2.loads(done.stdout, serialization_options=plain)["packages"]
    return packages


def _apply(
    cloud: Cloud, folder: Path, secret_arn: str, packages: dict[str, dict[str, str]]
) -> dict[str, dict[str, Any]]:
    ready = cloud.local.ready
    cluster = {"identifier": ready["cluster"]}
    workgroup = {"name": ready["workgroup"], "arn": ready["workgroup_arn"]}
    ways: dict[str, dict[str, Any]] = {
        "user": {"cluster": {**cluster, "user": "loader"}},
        "iam": {"cluster": cluster},
        "workgroup": {"workgroup": workgroup},
        "secret": {"cluster": cluster, "secret_arn": secret_arn},
        "secret-workgroup": {"workgroup": workgroup, "secret_arn": secret_arn},
    }
    data = {
        "s3_uri": f"s3://{BUCKET}/trips/",
        "region": ready["region"],
        "copy_role": f"arn:aws:iam::{ready['account_id']}:role/{COPY_ROLE}",
        "gzip": True,
    }
    modules = {
        name: {
            "source": str(ROOT),
            "name_prefix": name,
            "redshift": {"database": name, **way},
            "data": data,
            "packages": packages,
            "subscriptions": {"reader": {"protocol": "email", "endpoint": READER}},
        }
        for name, way in ways.items()
    }
    outputs = {name: {"value": f"${{module.{name}}}"} for name in modules}
    folder.mkdir()
    (folder / "main.tf.json").write_text(json.dumps({"module": modules, "output": outputs}))
    # Most of the time goes by while the provider waits for its queues: all of them at once.
    terraform = Terraform(folder, {**cloud.local.environment, "TF_CLI_ARGS_apply": "-parallelism=40"})
    terraform.init()
    terraform.apply()
    return terraform.outputs()


@pytest.fixture(params=TARGETS, ids=lambda target: target.name)
def target(request: pytest.FixtureRequest) -> Target:
    chosen: Target = request.param
    return chosen


@contextmanager
def _without_credentials(applied: Applied, target: Target) -> Iterator[None]:
    """The role may submit statements but not get the credentials for them."""
    iam, role = applied.cloud.client("iam"), applied.outputs[target.name]["statement_role"]["name"]
    policy = f"{role}-redshift"
    document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
    left = [one for one in document["Statement"] if target.credentials not in _list(one["Action"])]
    assert len(left) == len(document["Statement"]) - 1
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps({**document, "Statement": left}))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))


def _list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def test_from_apply_to_the_letter(applied: Applied, target: Target) -> None:
    letter = applied.load(target.name)
    assert letter.subject == f"[{target.name}] by_hand: the data is ready"
    assert applied.query(target.name, "SELECT total_trips FROM nyc_yellow_taxi_volume_analysis") == [[2]]


def test_the_objects_belong_to_the_user_that_aws_takes(applied: Applied, target: Target) -> None:
    owners = applied.query(
        target.name,
        "SELECT DISTINCT u.usename FROM pg_class c JOIN pg_user u ON u.usesysid = c.relowner"
        " WHERE c.relname LIKE 'nyc_yellow_taxi%' OR c.relname LIKE 'redshift_relay_history_%'",
    )
    assert owners == [[target.user]]
    # A secret names its own user, which Terraform does not know.
    told = applied.outputs[target.name]["database_user"]
    assert told == (None if "secret" in target.name else target.user)


def test_why_a_copy_failed_is_told(applied: Applied, target: Target) -> None:
    """The question is asked as the same database user: sys_load_error_detail shows nobody else's rows."""
    s3 = applied.cloud.client("s3")
    s3.put_object(Bucket=BUCKET, Key="trips/z_bad.psv.gz", Body=gzip.compress(b"x\n"))
    try:
        letter = applied.load(target.name)
    finally:
        s3.delete_object(Bucket=BUCKET, Key="trips/z_bad.psv.gz")
    assert letter.subject == f"[{target.name}] by_hand: the load failed"
    assert "trips/z_bad.psv.gz, line 1" in letter.body
    assert applied.query(target.name, "SELECT COUNT(*) FROM nyc_yellow_taxi")[0][0] in (0, 2)


def test_without_the_credentials_nothing_is_started_and_that_is_told(applied: Applied, target: Target) -> None:
    with _without_credentials(applied, target):
        answer = applied.invoke(target.name, action="execute_sql", sql=CALL, load="refused")
        assert answer["state"] == "CLAIMED"  # the permission may be on its way
        applied.claimed_long_ago(target.name, "refused", answer["occurrence"])
        applied.invoke(target.name, action="sweep")
    letter = applied.cloud.letter(f"{target.name}/load/refused/")
    assert letter.subject == f"[{target.name}] refused: the load was not started"
    assert target.credentials in letter.body


def test_the_copies_do_not_see_each_other(applied: Applied) -> None:
    """Same account, same warehouse, five prefixes: each letter comes from one of them."""
    applied.load("iam")
    (letter,) = [one for one in applied.cloud.letters() if one.subject == "[workgroup] by_hand: the data is ready"][-1:]
    assert letter.line("Name").startswith("workgroup/load/")
    assert len({outputs["topic_arn"] for outputs in applied.outputs.values()}) == len(TARGETS)
