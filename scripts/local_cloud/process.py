"""Starts the local cloud as a process of its own, and stops it with everything that it started.

scripts/demo, scripts/cloud, the benchmarks and the tests start it here.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import boto3
import psutil  # type: ignore[import-untyped]
from botocore.config import Config

from local_cloud.redshift.postgres import stop_leftover

SCRIPTS = Path(__file__).resolve().parent.parent
_READY = "ready.json"
_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)
_MODULE = "local_cloud.server"
_SERVER = (sys.executable, "-m", _MODULE)
_GRACE_SECONDS = 20.0
"""How long an orderly end may take before the process is killed."""


class CloudError(Exception):
    """The local cloud did not start. The message ends with its log."""


@dataclass(frozen=True)
class LocalCloud:
    """A running local cloud. `ready` is the content of the server's ready file: endpoint, credentials, cluster, ..."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    ready: dict[str, Any]

    @classmethod
    def start(cls, *options: str, timeout: float = 60.0, outlives_caller: bool = False) -> "LocalCloud":
        """Starts the server with these options and waits up to `timeout` seconds; raises CloudError.

        The server ends with this process, unless it `outlives_caller`: then `stop_cloud` ends it.
        """
        started: LocalCloud | None = None
        try:
            with _interrupts_delayed():
                started = cls._launch(options, outlives_caller=outlives_caller)
            return cls(started.process, started.folder, started._wait_until_ready(timeout))
        except BaseException:  # Ctrl-C too
            if started:
                started.stop()
            raise

    @classmethod
    def _launch(cls, options: Sequence[str], *, outlives_caller: bool) -> "LocalCloud":
        # Not in the clone: under root, PostgreSQL runs as another user, who may have no access to it.
        folder = Path(tempfile.mkdtemp(prefix="redshift-relay-"))
        folder.chmod(0o711)
        end = () if outlives_caller else ("--with-parent",)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*_SERVER, "--folder", str(folder / "cloud"), "--ready-file", str(folder / _READY), *end, *options],
                env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
                # With --with-parent, the server stops at the pipe's end, which comes even after SIGKILL.
                stdin=subprocess.DEVNULL if outlives_caller else subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches this process only, which stops the server in order
            )
        return cls(process, folder, {})

    def _wait_until_ready(self, timeout: float) -> dict[str, Any]:
        ready_file = self.folder / _READY
        deadline = time.monotonic() + timeout
        while not ready_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = self.log.read_text(errors="replace").strip()[-3000:]
                raise CloudError(f"The local cloud did not start:\n{said}")
            time.sleep(0.05)
        ready: dict[str, Any] = json.loads(ready_file.read_text())
        return ready

    @property
    def log(self) -> Path:
        """The file with the server's output."""
        return self.folder / "log"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point an AWS client to this cloud, as its administrator."""
        return {
            "AWS_ENDPOINT_URL": self.ready["endpoint"],
            "AWS_REGION": self.ready["region"],
            "AWS_DEFAULT_REGION": self.ready["region"],
            "AWS_ACCESS_KEY_ID": self.ready["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.ready["secret_access_key"],
        }

    def client(self, service: str) -> Any:
        """Returns a boto3 client with the administrator's credentials."""
        session: Any = boto3.Session(  # typed for literal names of services only
            aws_access_key_id=self.ready["access_key_id"],
            aws_secret_access_key=self.ready["secret_access_key"],
            region_name=self.ready["region"],
        )
        config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, read_timeout=120)
        return session.client(service, endpoint_url=self.ready["endpoint"], config=config)

    def newest_email(self, mentions: str) -> EmailMessage | None:
        """Returns the newest email in the outbox whose body contains a text, None if there is none."""
        for path in sorted((self.folder / "cloud" / "mail").glob("*.eml"), reverse=True):
            email = message_from_bytes(path.read_bytes(), policy=policy.default)
            if mentions in email.get_content():
                return email
        return None

    def stop(self) -> None:
        """Stops the server and removes its folder."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        remove_cloud_files(self.folder)


def is_cloud(process_id: int) -> bool:
    """Whether the process is a local cloud: another process may have got the same id since."""
    try:
        return _MODULE in psutil.Process(process_id).cmdline()
    except psutil.Error:
        return False


def stop_cloud(process_id: int, folder: Path) -> None:
    """Stops a local cloud that another process started, and removes its files, also if the cloud was killed."""
    with suppress(psutil.Error):
        if is_cloud(process_id):
            process = psutil.Process(process_id)
            process.terminate()
            try:
                process.wait(_GRACE_SECONDS)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(_GRACE_SECONDS)
    remove_cloud_files(folder)


def remove_cloud_files(folder: Path) -> None:
    """Removes the files of a cloud that has ended, and stops what a killed one left running."""
    stop_leftover(folder / "cloud" / "warehouse")
    _end_processes_in(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _end_processes_in(folder: Path) -> None:
    """Workers of functions run in the cloud's folder. After a killed server they end by themselves, unless busy."""
    for process in psutil.process_iter(["cwd"]):
        if (process.info["cwd"] or "").startswith(f"{folder}/"):
            with suppress(psutil.Error):
                process.kill()
                process.wait(5)


@contextmanager
def _interrupts_delayed() -> Iterator[None]:
    """Delays Ctrl-C and SIGTERM to the end of the block: within it, nobody knows yet what has to be stopped."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread handles signals
        yield
        return
    received: list[int] = []
    handlers = {number: signal.signal(number, lambda got, _: received.append(got)) for number in _INTERRUPTIONS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for interruption in received:
            signal.raise_signal(interruption)
