"""The server as a process: how it starts, what it opens, and that nothing is left when it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_cloud.redshift.postgres import stop_leftover

SCRIPTS = Path(__file__).parents[2] / "scripts"


def descendants(pid: int) -> set[int]:
    """All processes below this one (Linux)."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found: set[int] = set()
    grown = {pid}
    while grown:
        grown = {child for child, parent in parents.items() if parent in grown} - found
        found |= grown
    return found


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists()}


def until(ask: Callable[[], Any], good: Callable[[Any], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not good(answer := ask()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)


def listening(pids: set[int]) -> set[str]:
    """Local TCP addresses (as in /proc/net/tcp) on which the processes listen."""
    sockets = set()
    for pid in pids:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            sockets.add(str(entry.readlink()))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                found.add(fields[1])
    return found


def test_it_tells_where_it_is_and_opens_nothing_else(cloud: Any) -> None:
    facts = cloud.facts
    assert facts["endpoint"] == f"http://127.0.0.1:{facts['port']}"
    assert facts["pid"] == cloud.process.pid
    assert cloud.client("sts").get_caller_identity()["Account"] == facts["account_id"]
    everyone = {cloud.process.pid} | descendants(cloud.process.pid)
    assert listening(everyone) == {f"0100007F:{facts['port']:04X}"}
    assert cloud.ready_file.stat().st_mode & 0o077 == 0


def test_nothing_is_left_after_sigterm(start_cloud: Callable[..., Any]) -> None:
    cloud = start_cloud()
    role = cloud.role("r", "lambda.amazonaws.com")
    cloud.function("f", role, "def handle(event, context): return 1")
    cloud.client("lambda").invoke(FunctionName="f")
    assert cloud.rows("SELECT 1") == [[1]]
    everyone = descendants(cloud.process.pid)
    assert everyone
    assert cloud.stop() == 0
    assert not alive(everyone)
    assert not cloud.ready_file.exists()
    assert not (cloud.folder / "cloud" / "tmp").exists()


def test_it_ends_with_its_parent(start_cloud: Callable[..., Any]) -> None:
    cloud = start_cloud()
    everyone = descendants(cloud.process.pid)
    cloud.process.stdin.close()
    assert cloud.process.wait(30) == 0
    assert not alive(everyone)


def test_nothing_lives_on_after_sigkill(start_cloud: Callable[..., Any]) -> None:
    cloud = start_cloud()
    role = cloud.role("r", "lambda.amazonaws.com")
    cloud.function("f", role, "def handle(event, context): return 1")
    cloud.client("lambda").invoke(FunctionName="f")
    everyone = descendants(cloud.process.pid)
    cloud.process.kill()
    cloud.process.wait(10)
    until(lambda: alive(everyone), lambda left: not left)
    stop_leftover(cloud.folder / "cloud" / "warehouse")  # files stay until the next start in the same folder


def test_a_sleeping_statement_does_not_hold_up_the_end(start_cloud: Callable[..., Any]) -> None:
    cloud = start_cloud()
    cloud.client("redshift-data").execute_statement(
        Sql="WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n",
        ClusterIdentifier=cloud.facts["cluster"],
        Database="dev",
    )
    cloud.process.send_signal(signal.SIGINT)
    assert cloud.process.wait(20) == 0


def test_settings_of_the_command_line(start_cloud: Callable[..., Any]) -> None:
    options = ["--account-id", "123456789012", "--region", "eu-central-1", "--access-key", "AKIAMINE"]
    names = ["--cluster", "house", "--workgroup", "shed", "--database", "one", "--database", "two", "--admin", "boss"]
    cloud = start_cloud(*options, "--secret-key", "s3cret", *names)
    assert cloud.facts["cluster_arn"] == "arn:aws:redshift:eu-central-1:123456789012:cluster:house"
    assert cloud.facts["access_key_id"] == "AKIAMINE"
    assert cloud.client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:root"
    assert cloud.rows("SELECT current_user", Database="two", DbUser="boss") == [["boss"]]


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = subprocess.run(
            [sys.executable, "-m", "local_cloud.server", "--folder", tmp_path, "--port", str(port)],
            env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ran.returncode == 1
    assert f"127.0.0.1:{port} cannot be opened" in ran.stderr


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [("events", {"mode": "odd"}, 400), ("kill", {"when": "never", "operation": "a:b"}, 400), ("nothing", {}, 404)],
)
def test_the_switches_reject_what_they_do_not_know(cloud: Any, name: str, body: dict[str, Any], status: int) -> None:
    with pytest.raises(urllib.error.HTTPError) as raised:
        cloud.switch(name, **body)
    assert raised.value.code == status
    assert json.loads(raised.value.read())["message"]
