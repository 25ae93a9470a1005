"""A local cloud for the tests: the real server in its own process."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.local_cloud.setting import Setting
from tests.local_cloud.waiting import until

SCRIPTS = Path(__file__).parents[2] / "scripts"
_NUMBERS = itertools.count(1)
ENDED = ("FINISHED", "FAILED", "ABORTED")


class Cloud:
    """A running server."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.ready_file = folder / "ready.json"
        self.log = folder / "server.log"
        command = [sys.executable, "-m", "local_cloud.server", "--with-parent", "--retry-seconds", "0.2"]
        files = ["--folder", folder / "cloud", "--ready-file", self.ready_file, "--log-file", self.log]
        self.process = subprocess.Popen(
            [*command, *map(str, files), *options],
            stdin=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
        )
        until(lambda: self.ready_file.exists() or self.process.poll() is not None, bool, 60)
        assert self.process.poll() is None, self.log.read_text()[-3000:]
        self.facts: dict[str, Any] = json.loads(self.ready_file.read_text())

    def client(self, service: str, **more: Any) -> Any:
        root = {
            "aws_access_key_id": self.facts["access_key_id"],
            "aws_secret_access_key": self.facts["secret_access_key"],
        }
        where = {"endpoint_url": self.facts["endpoint"], "region_name": self.facts["region"]}
        return boto3.client(service, **{**where, **root, **more})  # type: ignore[call-overload]

    def switch(self, name: str, method: str = "POST", **body: Any) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310
            f"{self.facts['endpoint']}/_relay/{name}", json.dumps(body).encode(), method=method
        )
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            answer: dict[str, Any] = json.loads(response.read())
        return answer

    def role(self, name: str, service: str, *statements: dict[str, Any]) -> str:
        """A role that a service may assume, with one policy."""
        iam = self.client("iam")
        principal = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [principal]})
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self.allow(name, *statements)
        return arn

    def allow(self, role: str, *statements: dict[str, Any]) -> None:
        """Make these the only rights of a role."""
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
        if statements:
            self.client("iam").put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=json.dumps(document))

    def function(self, name: str, role_arn: str, code: str, **environment: str) -> str:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as package:
            package.writestr("code_of.py", code)
        made = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role_arn,
            Handler="code_of.handle",
            Code={"ZipFile": packed.getvalue()},
            Environment={"Variables": environment},
            Timeout=20,
        )
        return str(made["FunctionArn"])

    def queue(self, name: str) -> tuple[str, str]:
        """URL and ARN of a new queue."""
        url = self.client("sqs").create_queue(QueueName=name)["QueueUrl"]
        return url, f"arn:aws:sqs:{self.facts['region']}:{self.facts['account_id']}:{name}"

    def messages(self, url: str, count: int = 1, seconds: float = 10) -> list[dict[str, Any]]:
        """The next messages of a queue."""
        sqs = self.client("sqs")
        found: list[dict[str, Any]] = []

        def receive() -> list[dict[str, Any]]:
            more = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
            for message in more.get("Messages", []):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                found.append(message)
            return found

        until(receive, lambda got: len(got) >= count, seconds)
        return found

    def run(self, sql: str, client: Any = None, **members: Any) -> dict[str, Any]:
        """Execute and wait for the end."""
        client = client or self.client("redshift-data")
        members = {"Database": "dev", "ClusterIdentifier": self.facts["cluster"], "DbUser": "awsuser", **members}
        started = client.execute_statement(Sql=sql, **{key: value for key, value in members.items() if value})
        done = until(lambda: client.describe_statement(Id=started["Id"]), lambda answer: answer["Status"] in ENDED, 60)
        return dict(done)

    def rows(self, sql: str, client: Any = None, **members: Any) -> list[list[Any]]:
        """The values of a query's result."""
        client = client or self.client("redshift-data")
        done = self.run(sql, client, **members)
        assert done["Status"] == "FINISHED", done
        pages = client.get_paginator("get_statement_result").paginate(Id=done["Id"])
        return [[next(iter(field.values())) for field in row] for page in pages for row in page["Records"]]

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    running = Cloud(tmp_path_factory.mktemp("cloud"))
    yield running
    assert running.stop() == 0
    faults = re.findall(
        r"^.* ERROR (?:local_cloud|ministack|asyncio|hypercorn).*", running.log.read_text(), re.MULTILINE
    )
    assert not faults


@pytest.fixture
def start_cloud(tmp_path: Path) -> Iterator[Callable[..., Cloud]]:
    """Start more clouds; all of them are gone at the end."""
    started: list[Cloud] = []

    def start(*options: str) -> Cloud:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(Cloud(folder, *options))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop()


@pytest.fixture
def setting(cloud: Cloud, request: pytest.FixtureRequest) -> Setting:
    """A function of the test's own in the common cloud."""
    name = re.sub(r"\W", "", request.node.name.replace("test_", ""))
    return Setting(cloud, f"{next(_NUMBERS)}-{name}"[:40])
