"""scripts/demo as a person runs it, from fresh copies of the working tree: three whole runs, others that end early."""

import json
import os
import pty
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest

from demonstration.arrival import ROWS
from tests.clone import copy_working_tree, lend_environment
from tests.e2e.cloud import until

STAGES = (
    "The local cloud starts",
    "Trips are uploaded to S3",
    "Terraform applies the root module",
    "A schedule fires",
    "Redshift loads the data while no function waits",
    "Subscribers are notified",
    "The materialized view has the answers",
    "A load pushes the new answer to the client",
    "A file lands in S3: a load takes it, and another follows",
    "CloudFront serves the page",
)
WHOLE_RUN = 400.0
"""Seconds that a run may take while others keep the machine busy."""


@dataclass(frozen=True)
class Clone:
    """A copy of the repository, and the folder that its demos take for temporary files."""

    root: Path
    temporary: Path

    def start(self, *options: str, stdout: int = subprocess.PIPE) -> "subprocess.Popen[str]":
        """Starts scripts/demo in a process group of its own, as a shell does."""
        return subprocess.Popen(
            ["scripts/demo", *options],
            cwd=self.root,
            env={**os.environ, "TMPDIR": str(self.temporary)},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # Whoever runs the tests in the background ignores Ctrl-C, and so would the demo.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def run(self, *options: str) -> tuple[int, str]:
        """Runs scripts/demo to its end: exit code and output."""
        demo = self.start(*options)
        said, _ = demo.communicate(timeout=WHOLE_RUN)
        return demo.returncode, said

    @property
    def env(self) -> Path:
        """The file with the exports."""
        return self.root / ".demo" / "env"

    def exports(self) -> dict[str, str]:
        """What a shell has in its environment that has read the file."""
        show = "import json, os; print(json.dumps(dict(os.environ)))"
        said = subprocess.run(
            ["sh", "-c", '. .demo/env; exec "$0" -c "$1"', sys.executable, show],
            cwd=self.root,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            check=True,
        ).stdout
        variables: dict[str, str] = json.loads(said)
        return variables

    def left(self) -> list[str]:
        """Processes and files of demos; the clone's own are not among them."""
        places = str(self.root), str(self.temporary)
        processes = [
            f"process {process.info['pid']}: {process.info['cmdline']}"
            for process in psutil.process_iter(["pid", "cmdline", "cwd"])
            if any(
                place in text
                for place in places
                for text in [*(process.info["cmdline"] or []), process.info["cwd"] or ""]
            )
        ]
        files = [path for path in (self.root / ".demo", self.root / ".demo.lock") if path.exists()]
        return [*processes, *map(str, files), *map(str, self.temporary.iterdir())]

    def nothing_is_left(self) -> None:
        """Waits for the last child to be gone."""
        with suppress(AssertionError):
            until(lambda: not self.left(), seconds=30)
        assert self.left() == []


@pytest.fixture(scope="module")
def clones() -> Iterator[list[Clone]]:
    """Two clones."""
    made = []
    try:
        for _ in range(2):
            # Not pytest's own folder: as root, PostgreSQL runs as a user that may not read there.
            folder = Path(tempfile.mkdtemp(prefix="demo-"))
            folder.chmod(0o711)
            clone = Clone(folder / "clone", folder / "tmp")
            made.append(clone)
            clone.root.mkdir()
            clone.temporary.mkdir(mode=0o711)
            copy_working_tree(clone.root)
            lend_environment(clone.root)
        yield made
    finally:
        for clone in made:
            shutil.rmtree(clone.root.parent, ignore_errors=True)


@pytest.fixture
def clone(clones: list[Clone]) -> Clone:
    """The first clone."""
    return clones[0]


def test_a_demo_stays_up_until_ctrl_c(clones: list[Clone]) -> None:
    """On a terminal, with the real trips where they are at hand; beside it the other clone's `--check`."""
    clone, other = clones
    taxi = _taxi("*.psv.gz")
    terminal, inner = pty.openpty()
    demo = clone.start(*_data(taxi), stdout=inner)
    os.close(inner)
    screen = Screen(terminal)
    check = other.start("--check")
    try:
        until(lambda: clone.env.exists() or demo.poll() is not None, ".demo/env", seconds=WHOLE_RUN)
        assert demo.poll() is None, screen.text
        assert stat.S_IMODE(clone.env.stat().st_mode) == 0o600
        exports = clone.exports()
        assert {"AWS_REGION", "AWS_DEFAULT_REGION", "TOPIC_ARN", "FUNCTION_NAMES", "DROP_SQL"} <= set(exports)
        assert re.fullmatch(r"http://[a-z0-9]+\.cloudfront\.localhost:\d+", exports["CONSOLE_URL"])
        assert _ask(exports, "SELECT COUNT(*) FROM nyc_yellow_taxi") == (22_232 if taxi else 22_500) + ROWS

        status, said = clone.run()
        assert status == 1
        assert said.strip() == f"A demo of this clone is already running: process {demo.pid}"

        said, _ = check.communicate(timeout=WHOLE_RUN)
        assert check.returncode == 0, said
        _was_good(said)
        assert "\x1b" not in said  # no terminal, no colours
        assert "Password" not in said  # nobody could use it any more
        other.nothing_is_left()

        assert demo.poll() is None
        assert clone.exports() == exports
        os.killpg(demo.pid, signal.SIGINT)
        assert demo.wait(60) == 0
    finally:
        _end(demo)
        _end(check)
        screen.end()
    _was_good(screen.text)
    for what, name in (("The page", "CONSOLE_URL"), ("Sign in as", "CONSOLE_USER"), ("Password", "CONSOLE_PASSWORD")):
        assert re.search(rf"^{what} +{re.escape(exports[name])}", screen.text, re.MULTILINE), screen.text
    clone.nothing_is_left()


@pytest.mark.parametrize("moment", ["tmp/redshift-relay-*/log", "clone/.demo/terraform/terraform.tfstate"])
def test_ctrl_c_in_the_middle_stops_everything(clone: Clone, moment: str) -> None:
    """While the local cloud starts, and while Terraform applies."""
    demo = clone.start()
    try:
        until(lambda: [*clone.root.parent.glob(moment)] or demo.poll() is not None, moment, seconds=WHOLE_RUN)
        assert demo.poll() is None
        os.killpg(demo.pid, signal.SIGINT)
        said, _ = demo.communicate(timeout=60)
    finally:
        _end(demo)
    assert "Stopped. Nothing is left behind." in said
    assert "Traceback" not in said
    clone.nothing_is_left()


def test_a_demo_that_was_killed_does_not_stop_the_next(clone: Clone) -> None:
    """The next one clears away what is left, and loads TLC's own CSV where it is at hand."""
    taxi = _taxi("raw/yellow_tripdata_2016-01.csv")
    demo = clone.start()
    until(lambda: (clone.root / ".demo" / "cloud").exists() or demo.poll() is not None, "the cloud", seconds=WHOLE_RUN)
    assert demo.poll() is None
    demo.kill()
    demo.wait()
    assert (clone.root / ".demo").exists()
    status, said = clone.run("--check", *_data(taxi))
    assert status == 0, said
    _was_good(said)
    assert f"{1_999 if taxi else 22_500:,} trips; equal to the figures computed from the files" in said
    clone.nothing_is_left()


ODD = {
    "trips.txt": b"what is this",
    "trips.psv.gz": b"not gzip",
    "trips.csv": b"a,b,c\n1,2,3\n",
    "empty.csv": b"",
    "trips.parquet": b"PAR1 not really",
}


@pytest.mark.parametrize("name", ["missing.psv", "a_folder.csv", *ODD])
def test_data_that_is_none_is_refused_by_name(clone: Clone, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    if name in ODD:
        file.write_bytes(ODD[name])
    elif name == "a_folder.csv":
        file.mkdir()
    status, said = clone.run("--check", "--data", str(file))
    assert status == 1
    assert str(file) in "".join(said.split("\n"))
    assert "Traceback" not in said
    assert "local cloud starts" not in said
    clone.nothing_is_left()


class Screen:
    """What appears on a terminal."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._said: list[bytes] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        while True:
            try:
                piece = os.read(self._terminal, 4096)
            except OSError:  # the other end is closed
                return
            self._said.append(piece)

    def end(self) -> None:
        """Waits for the last word."""
        self._thread.join(30)
        os.close(self._terminal)

    @property
    def text(self) -> str:
        """All of it, without colours and cursor movements."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(self._said).decode(errors="replace"))


def _was_good(said: str) -> None:
    lines = " ".join(said.split())
    for stage in STAGES:
        assert re.search(rf"✓ +[0-9.]+ s {re.escape(stage)}", lines), said
    assert "trips: the data is ready" in said
    assert "first_load" in said  # the schedule that started it
    assert "nyc_yellow_taxi_volume_analysis" in said
    assert "Summary" in said


def _taxi(pattern: str) -> list[Path]:
    folder = os.environ.get("TAXI_DATA")
    return sorted(Path(folder).glob(pattern)) if folder else []


def _data(files: Sequence[Path]) -> list[str]:
    return ["--data", *map(str, files)] if files else []


def _end(demo: "subprocess.Popen[str]") -> None:
    if demo.poll() is None:
        os.killpg(demo.pid, signal.SIGKILL)
        demo.wait()


def _ask(exports: dict[str, str], sql: str) -> Any:
    """The one value of a query, by a client that knows nothing but the exports."""
    session = boto3.Session(
        aws_access_key_id=exports["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=exports["AWS_SECRET_ACCESS_KEY"],
        region_name=exports["AWS_REGION"],
    )
    client = session.client("redshift-data", endpoint_url=exports["AWS_ENDPOINT_URL"])
    started = client.execute_statement(
        ClusterIdentifier=exports["REDSHIFT_CLUSTER"],
        Database=exports["REDSHIFT_DATABASE"],
        DbUser=exports["REDSHIFT_USER"],
        Sql=sql,
    )
    until(lambda: client.describe_statement(Id=started["Id"])["Status"] == "FINISHED", "the answer")
    [[value]] = client.get_statement_result(Id=started["Id"])["Records"]
    return next(iter(value.values()))
