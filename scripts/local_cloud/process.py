"""Starts the local cloud as a process of its own, and stops it with everything that it started."""

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
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

SCRIPTS = Path(__file__).resolve().parent.parent
_READY = "ready.json"
_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)
_SERVER = (sys.executable, "-m", "local_cloud.server", "--port", "0", "--with-parent")


class CloudError(Exception):
    """The local cloud did not start. The message ends with its log."""


@dataclass(frozen=True)
class LocalCloud:
    """A running local cloud. `ready` is the content of the server's ready file: endpoint, credentials, cluster, ..."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    ready: dict[str, Any]

    @classmethod
    def start(cls, *options: str, timeout: float = 60.0) -> "LocalCloud":
        """Starts the server on a free port of 127.0.0.1 and waits up to `timeout` seconds; raises CloudError."""
        started: LocalCloud | None = None
        try:
            with _interrupts_delayed():
                started = cls._launch(options)
            return cls(started.process, started.folder, started._wait_until_ready(timeout))
        except BaseException:  # Ctrl-C too
            if started:
                started.stop()
            raise

    @classmethod
    def _launch(cls, options: Sequence[str]) -> "LocalCloud":
        # Not in the clone: under root, PostgreSQL runs as another user, who may have no access to it.
        folder = Path(tempfile.mkdtemp(prefix="redshift-relay-"))
        folder.chmod(0o711)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*_SERVER, "--folder", str(folder / "cloud"), "--ready-file", str(folder / _READY), *options],
                env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
                stdin=subprocess.PIPE,  # the server stops at its end, which comes even after SIGKILL
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
                raise CloudError(f"the local cloud did not start:\n{self.log.read_text(errors='replace')[-3000:]}")
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
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)


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
