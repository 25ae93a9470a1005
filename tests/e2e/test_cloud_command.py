"""scripts/cloud as a person uses it: an own root outside the repository, restarts, kills, and commands of CI."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.clone import fresh_clone, processes_in
from tests.e2e.cloud import until

OWN_ROOT = Path(__file__).parent / "own_root"
NAMES = ("--cluster", "warehouse", "--workgroup", "adhoc", "--database", "analytics", "--database", "scratch")
WHOLE_RUN = 600.0
"""Seconds that a command may take while others keep the machine busy."""
QUERY = """
import boto3, json, sys, time
client = boto3.client("redshift-data")
target = dict(ClusterIdentifier="warehouse", Database="analytics", DbUser="awsuser")
statement = client.execute_statement(Sql=sys.argv[1], **target)["Id"]
while (told := client.describe_statement(Id=statement))["Status"] not in ("FINISHED", "FAILED", "ABORTED"):
    time.sleep(0.1)
assert told["Status"] == "FINISHED", told
print(json.dumps([[next(iter(f.values())) for f in r] for r in client.get_statement_result(Id=statement)["Records"]]))
"""


@dataclass(frozen=True)
class Clone:
    """A clone, and a shell in it. `port` is its own: other tests and people have clouds too."""

    root: Path
    port: str

    def cloud(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs scripts/cloud."""
        return self.shell(f"scripts/cloud {' '.join(arguments)}", env=False)

    def start(self, *options: str) -> None:
        """Starts a cloud with the names above."""
        started = self.cloud("start", "--port", self.port, *NAMES, *options)
        assert started.returncode == 0, started

    def shell(self, command: str, *, env: bool = True, where: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Runs a command in a shell that has read .cloud/env."""
        read = f". {self.root}/.cloud/env && " if env else ""
        return subprocess.run(
            ["sh", "-c", f"{read}{command}"],
            cwd=where or self.root,
            env={**os.environ, "TMPDIR": str(self.root.parent / "tmp")},
            capture_output=True,
            text=True,
            timeout=WHOLE_RUN,
            check=False,
        )

    def rows(self, sql: str) -> list[list[object]]:
        """Queries the warehouse with nothing but the environment."""
        answer = self.shell(f"'{sys.executable}' -c '{QUERY}' \"{sql}\"")
        assert answer.returncode == 0, answer
        rows: list[list[object]] = json.loads(answer.stdout)
        return rows

    def process_id(self) -> int:
        """The server's process."""
        return int(json.loads((self.root / ".cloud" / "cloud.json").read_text())["process_id"])

    def nothing_is_left(self) -> None:
        """No process, no temporary file, no environment."""
        until(lambda: not processes_in(self.root.parent), "the end of the last process", seconds=30)
        assert sorted(path.name for path in (self.root / ".cloud").iterdir()) == ["lock"]
        assert list((self.root.parent / "tmp").iterdir()) == []


@pytest.fixture(scope="module")
def clone() -> Iterator[Clone]:
    """A clone of the working tree."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with fresh_clone() as root:
        clone = Clone(root, str(port))
        yield clone
        clone.cloud("stop")


def test_an_own_root_applies_and_is_kept(clone: Clone) -> None:
    data = clone.root.parent / "data"
    root = clone.root.parent / "own" / "root"
    shutil.copytree(OWN_ROOT, root)
    (root.parent / "relay").symlink_to(clone.root)
    clone.start("--data-dir", str(data))
    for command in ("init -input=false", "apply -input=false -auto-approve"):
        ran = clone.shell(f"terraform {command} -no-color", where=root)
        assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr
    plan = "terraform plan -input=false -detailed-exitcode -no-color"
    planned = clone.shell(plan, where=root)
    assert planned.returncode == 0, planned.stdout[-3000:] + planned.stderr
    assert clone.rows("SELECT id, amount FROM sales.orders") == [[1, "9.99"]]

    assert clone.cloud("stop").returncode == 0
    clone.nothing_is_left()
    clone.start("--data-dir", str(data))
    assert clone.rows("SELECT id, amount FROM sales.orders") == [[1, "9.99"]]
    planned = clone.shell(plan, where=root)
    assert planned.returncode == 0, planned.stdout[-3000:] + planned.stderr
    invoke = "from_here = boto3.client('lambda').invoke(FunctionName='sales-scheduler', Payload=json.dumps(event))"
    event = "event = {'action': 'run', 'load': 'orders'}"
    called = clone.shell(f'{sys.executable} -c "import boto3, json; {event}; {invoke}"')
    assert called.returncode == 0, called
    until(lambda: len(clone.rows("SELECT id FROM sales.orders")) == 2, "the second order")

    clone.cloud("stop")
    elsewhere = clone.cloud("start", "--port", "0", *NAMES, "--data-dir", str(data))
    assert elsewhere.returncode == 1
    assert f"Start with --port {clone.port}" in elsewhere.stderr
    clone.nothing_is_left()


def test_stop_after_a_kill_leaves_nothing(clone: Clone) -> None:
    clone.start()
    assert clone.rows("SELECT 1") == [[1]]
    os.kill(clone.process_id(), signal.SIGKILL)
    assert clone.cloud("status").returncode == 3
    assert clone.cloud("stop").returncode == 0
    clone.nothing_is_left()


def test_a_second_start(clone: Clone) -> None:
    clone.start()
    process = clone.process_id()
    clone.start()  # says that it runs
    other = clone.cloud("start", "--port", clone.port, "--cluster", "another")
    assert (other.returncode, clone.process_id()) == (1, process)
    assert "scripts/cloud stop" in other.stderr
    status = clone.cloud("status")
    assert (status.returncode, str(process) in status.stdout) == (0, True)
    clone.cloud("stop")
    assert not psutil.pid_exists(process)
    clone.nothing_is_left()


def test_a_taken_port_is_named(clone: Clone) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = clone.cloud("start", "--port", str(port))
    assert refused.returncode == 1
    assert f"127.0.0.1:{port} cannot be opened" in refused.stderr
    clone.nothing_is_left()


def test_run_gives_a_command_its_own_cloud(clone: Clone) -> None:
    command = f'{sys.executable} -c "import boto3; print(boto3.client(\\"sts\\").get_caller_identity()[\\"Account\\"])"'
    ran = clone.cloud("run", "--", command)
    assert (ran.returncode, ran.stdout) == (0, "000000000000\n"), ran
    assert clone.cloud("run", "--", "sh", "-c", "'exit 7'").returncode == 7
    assert clone.cloud("run", "--", "no-such-command").returncode == 127
    clone.nothing_is_left()
