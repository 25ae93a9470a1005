"""A local cloud for the tests: the real server in its own process, or only the Data API on a scripted warehouse."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from local_cloud.redshift.errors import Cancelled, SqlError
from local_cloud.redshift.results import Column, Outcome
from local_cloud.redshift_data.data_api import DataApi
from local_cloud.redshift_data.service_model import ApiError
from local_cloud.redshift_data.targets import Caller, CloudConfig

SCRIPTS = Path(__file__).parents[2] / "scripts"
ENDED = ("FINISHED", "FAILED", "ABORTED")


def column(name: str, kind: str) -> Column:
    return Column(name=name, type=kind, length=0, precision=0, scale=0, nullable=True, table="", schema="")


class ScriptedSession:
    """Understands `ROWS n`, `SLEEP s`, `FAIL text`, `VALUES`; anything else answers with the user's name."""

    pid = 4711

    def __init__(self, user: str) -> None:
        self.user = user
        self._cancelled = threading.Event()

    def execute(self, sql: str, parameters: Mapping[str, str] | None = None) -> Outcome:
        word, _, rest = sql.partition(" ")
        if word == "SLEEP":
            if self._cancelled.wait(float(rest)):
                raise Cancelled
            return Outcome((), [], -1, has_result=False)
        if word == "FAIL":
            raise SqlError(rest)
        if word == "ROWS":
            return Outcome((column("n", "int4"),), [(n,) for n in range(int(rest))], int(rest), has_result=True)
        if word == "INSERT":
            return Outcome((), [], int(rest), has_result=False)
        if word == "VALUES":
            row = (None, True, 7, 2.5, "x", b"\x01")
            kinds = ("varchar", "bool", "int8", "float8", "varchar", "varbyte")
            return Outcome(tuple(column(kind, kind) for kind in kinds), [row], 1, has_result=True)
        if word == "SAY":
            return Outcome((column("v", "varchar"),), [((parameters or {})["v"],)], 1, has_result=True)
        return Outcome((column("user", "varchar"),), [(self.user,)], 1, has_result=True)

    def execute_batch(self, sqls: Sequence[str], on_progress: Callable[[int, Outcome | SqlError | None], None]) -> None:
        for number, sql in enumerate(sqls):
            on_progress(number, None)
            try:
                outcome = self.execute(sql)
            except SqlError as error:
                on_progress(number, error)
                raise
            on_progress(number, outcome)

    def cancel(self) -> None:
        self._cancelled.set()

    def close(self) -> None:
        pass


@dataclass
class ScriptedWarehouse:
    users: set[str] = field(default_factory=lambda: {"awsuser", "svc"})

    def has_user(self, name: str) -> bool:
        return name in self.users

    def create_user(self, name: str) -> None:
        self.users.add(name)

    def session(self, database: str, user: str) -> ScriptedSession:
        if database != "dev":
            raise SqlError(f'database "{database}" does not exist')
        if user not in self.users:
            raise SqlError(f'user "{user}" does not exist')
        return ScriptedSession(user)


@dataclass
class ScriptedGate:
    """One caller; refuses the actions (or `action resource`) in `denied`."""

    caller: Caller
    denied: set[str] = field(default_factory=set)
    secrets: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def require(self, action: str, resource: str, service: str, context: Mapping[str, str] | None = None) -> None:
        self.asked.append((action, resource))
        if action in self.denied or f"{action} {resource}" in self.denied:
            raise ApiError("AccessDeniedException", f"{self.caller.arn} {action} {resource}")

    def secret(self, arn: str) -> str | None:
        return self.secrets.get(arn)


@dataclass
class Service:
    """The Data API without HTTP: `call` answers with the body, errors as (code, body)."""

    api: DataApi
    config: CloudConfig
    events: list[Any]

    def gate(self, name: str = "role/loader", session: str = "submit", **more: Any) -> ScriptedGate:
        account = self.config.account_id
        if name.startswith("role/"):
            arn = f"arn:aws:sts::{account}:assumed-role/{name.removeprefix('role/')}/{session}"
        else:
            arn = f"arn:aws:iam::{account}:{name}"
        return ScriptedGate(Caller(account, self.config.region, arn, f"AROA{name}:{session}"), **more)

    def call(self, operation: str, gate: ScriptedGate | None = None, **members: Any) -> dict[str, Any]:
        status, headers, body = self.api.handle(operation, json.dumps(members).encode(), gate or self.gate())
        answer: dict[str, Any] = json.loads(body)
        if status != 200:
            assert headers["x-amzn-errortype"] == answer["__type"]
            answer["status"] = status
        return answer

    def execute(self, sql: str, gate: ScriptedGate | None = None, **members: Any) -> dict[str, Any]:
        if "WorkgroupName" not in members:
            members.setdefault("ClusterIdentifier", self.config.cluster)
        return self.call("ExecuteStatement", gate, Sql=sql, Database="dev", **members)

    def ended(self, statement_id: str, gate: ScriptedGate | None = None) -> dict[str, Any]:
        ended: dict[str, Any] = until(
            lambda: self.call("DescribeStatement", gate, Id=statement_id), lambda answer: answer["Status"] in ENDED
        )
        return ended


def until(ask: Callable[[], Any], good: Callable[[Any], Any], seconds: float = 20) -> Any:
    """Ask until the answer is good."""
    deadline = time.monotonic() + seconds
    while not good(answer := ask()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.05)
    return answer


@pytest.fixture
def service() -> Iterator[Service]:
    config = CloudConfig(page_rows=1000, max_active=20, workers=10)
    events: list[Any] = []
    api = DataApi(ScriptedWarehouse(), config, events.append)  # type: ignore[arg-type]
    yield Service(api, config, events)
    api.stop()


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
