"""scripts/acceptance against scripts/cloud: it passes, names a missing permission, and cleans up after kills.

It is told nothing but the environment that scripts/cloud wrote: it does not know that this is not AWS.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.clone import fresh_clone
from tests.e2e.cloud import until

STAGES = (
    "The warehouse is found",
    "Terraform applies the modules",
    "A second plan is empty",
    "A schedule starts a load",
    "A notification tells that the data are ready",
    "A user signs in and connects with a ticket",
    "A query is answered over the WebSocket",
    "A load pushes the new answer",
    "A load that fails says why and changes nothing",
    "A load without permission is told as not started",
    "With the permission, loads start again",
    "CloudFront serves the page",
    "Everything is removed",
)
WHOLE_RUN = 900.0
"""Seconds that a run may take while others keep the machine busy; alone it takes less than 300."""
TARGET = ("--cluster", "warehouse", "--db-user", "awsuser", "--database", "dev", "--yes")


@dataclass(frozen=True)
class Account:
    """The local cloud as an account, and a clone that checks it."""

    root: Path
    environment: Mapping[str, str]

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Starts scripts/acceptance in a process group of its own."""
        return subprocess.Popen(
            ["scripts/acceptance", *arguments],
            cwd=self.root,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # Whoever runs the tests in the background ignores Ctrl-C, and so would the check.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Runs it to its end: exit status and output."""
        check = self.start(*arguments, **environment)
        said, _ = check.communicate(timeout=WHOLE_RUN)
        return check.returncode, said

    def client(self, service: str) -> Any:
        """A client of the administrator."""
        session: Any = boto3.Session(
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            region_name=self.environment["AWS_REGION"],
        )
        return session.client(service, endpoint_url=self.environment["AWS_ENDPOINT_URL"])

    def left(self) -> list[str]:
        """Everything in the account that is not the cloud's own, by service, and the objects in the warehouse."""
        found = {
            "function": [one["FunctionName"] for one in self.client("lambda").list_functions()["Functions"]],
            "role": [one["RoleName"] for one in self.client("iam").list_roles()["Roles"]],
            "log group": [one["logGroupName"] for one in self.client("logs").describe_log_groups()["logGroups"]],
            "table": self.client("dynamodb").list_tables()["TableNames"],
            "queue": self.client("sqs").list_queues().get("QueueUrls", []),
            "topic": [one["TopicArn"] for one in self.client("sns").list_topics()["Topics"]],
            "rule": [one["Name"] for one in self.client("events").list_rules()["Rules"]],
            "bucket": [one["Name"] for one in self.client("s3").list_buckets()["Buckets"]],
            "api": [one["Name"] for one in self.client("apigatewayv2").get_apis()["Items"]],
            "pool": [one["Name"] for one in self.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]],
            "group": [one["Name"] for one in self.client("scheduler").list_schedule_groups()["ScheduleGroups"]],
            "alarm": [one["AlarmName"] for one in self.client("cloudwatch").describe_alarms()["MetricAlarms"]],
            "distribution": [
                one["Id"] for one in self.client("cloudfront").list_distributions()["DistributionList"].get("Items", [])
            ],
            "object": [row[0] for row in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")],
        }
        own = {"redshift-default", "default"}
        return [f"{kind} {name}" for kind, names in found.items() for name in names if name not in own]

    def rows(self, sql: str) -> list[list[Any]]:
        """The rows of a query as the cluster's admin."""
        client = self.client("redshift-data")
        started = client.execute_statement(ClusterIdentifier="warehouse", Database="dev", DbUser="awsuser", Sql=sql)
        until(lambda: client.describe_statement(Id=started["Id"])["Status"] == "FINISHED", sql)
        records = client.get_statement_result(Id=started["Id"])["Records"]
        return [[next(iter(value.values())) for value in record] for record in records]


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    """An account with one cluster."""
    with fresh_clone() as root:
        environment = {**os.environ, "TMPDIR": str(root.parent / "tmp"), "COLUMNS": "300"}
        start = ["scripts/cloud", "start", "--port", "0", "--cluster", "warehouse", "--workgroup", "adhoc"]
        subprocess.run(start, cwd=root, env=environment, check=True, timeout=WHOLE_RUN)
        try:
            show = "import json, os; print(json.dumps(dict(os.environ)))"
            read = ["sh", "-c", '. .cloud/env; exec .venv/bin/python -c "$0"', show]
            said = subprocess.run(read, cwd=root, env=environment, check=True, capture_output=True, text=True)
            yield Account(root, json.loads(said.stdout))
        finally:
            subprocess.run(["scripts/cloud", "stop"], cwd=root, env=environment, check=True, timeout=WHOLE_RUN)


def test_it_passes_and_leaves_nothing(account: Account) -> None:
    status, said = account.run(*TARGET)
    assert status == 0, said
    table = said[said.index("| stage |") :]
    lines = [line.split(" | ") for line in table.splitlines()[2:]]
    assert [line[0].removeprefix("| ") for line in lines] == list(STAGES)
    assert {line[1] for line in lines} == {"held"}
    left = account.left()
    assert left == [], "\n".join(left)
    assert [path.name for path in (account.root / ".acceptance").iterdir()] == ["lock"]


@pytest.mark.long
@pytest.mark.parametrize("warehouse", [("--workgroup", "adhoc"), ("--cluster", "warehouse")], ids=lambda one: one[0])
@pytest.mark.parametrize("secret", [False, True], ids=["identity", "secret"])
def test_it_passes_with_every_warehouse_and_way_in(account: Account, warehouse: tuple[str, str], secret: bool) -> None:
    given = list(warehouse)
    secrets = account.client("secretsmanager")
    if secret:
        text = json.dumps({"username": "awsuser", "password": "S3cret-of-awsuser"})
        given += ["--secret-arn", secrets.create_secret(Name="warehouse", SecretString=text)["ARN"]]
    try:
        status, said = account.run(*given, "--database", "dev", "--yes")
    finally:
        if secret:
            secrets.delete_secret(SecretId="warehouse", ForceDeleteWithoutRecovery=True)
    assert status == 0, said
    left = account.left()
    assert left == [], "\n".join(left)


def test_a_missing_permission_is_named(account: Account) -> None:
    iam = account.client("iam")
    iam.create_user(UserName="limited")
    rights = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    rights += [{"Effect": "Deny", "Action": "sqs:CreateQueue", "Resource": "*"}]
    policy = json.dumps({"Version": "2012-10-17", "Statement": rights})
    iam.put_user_policy(UserName="limited", PolicyName="limited", PolicyDocument=policy)
    key = iam.create_access_key(UserName="limited")["AccessKey"]
    keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    status, said = account.run(*TARGET, **keys)
    assert status == 1, said
    [failed] = [line for line in said.splitlines() if line.startswith("| ") and "| failed |" in line]
    assert failed.startswith("| Terraform applies the modules | failed | missing permission sqs:CreateQueue: ")
    left = account.left()
    assert left == [], "\n".join(left)


def killed_in(stage: str) -> Any:
    """A kill in the middle of a stage; that of the plain suite leaves the most that Terraform's state does not have."""
    return pytest.param(stage, marks=[] if stage == "Terraform applies the modules" else pytest.mark.long)


@pytest.mark.parametrize("stage", [killed_in(stage) for stage in STAGES])
def test_a_killed_run_is_cleaned_up_by_the_next(account: Account, stage: str) -> None:
    check = account.start(*TARGET)
    assert check.stdout
    if stage != STAGES[0]:
        before = STAGES[STAGES.index(stage) - 1]
        said = ""
        for line in check.stdout:
            said += line
            if before in line:
                break
        assert before in said, said
    if stage == "Terraform applies the modules":
        until(lambda: account.client("lambda").list_functions()["Functions"], "the first function", seconds=WHOLE_RUN)
    else:
        time.sleep(0.3)
    os.killpg(check.pid, signal.SIGKILL)
    check.wait(10)
    check.stdout.close()

    # Whatever the next one checks, it first removes what the killed one left.
    status, said = account.run("--cluster", "nowhere", "--database", "dev", "--yes")
    assert (status, "cluster nowhere: not found" in said) == (1, True), said
    left = account.left()
    assert left == [], "\n".join(left)


def test_an_interrupted_run_removes_all(account: Account) -> None:
    check = account.start(*TARGET)
    until(lambda: account.client("lambda").list_functions()["Functions"], "the first function", seconds=WHOLE_RUN)
    os.kill(check.pid, signal.SIGINT)
    said, _ = check.communicate(timeout=WHOLE_RUN)
    assert check.returncode == 1, said
    left = account.left()
    assert left == [], "\n".join(left)


def test_nothing_is_created_without_a_yes(account: Account) -> None:
    status, said = account.run(*TARGET[:-1])
    assert (status, "Go on?" in said) == (1, True), said
    left = account.left()
    assert left == [], "\n".join(left)
