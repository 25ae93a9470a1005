"""Starts the local cloud as a process of its own, and stops it with all that it started."""

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
    """The local cloud did not start; the message is the end of its log."""


@dataclass(frozen=True)
class LocalCloud:
    """A running local cloud. `ready` is what the server said of itself when it was up."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    ready: dict[str, Any]

    @classmethod
    def start(cls, *options: str, timeout: float = 60.0) -> "LocalCloud":
        """Starts the server on a free port of 127.0.0.1 and waits until it is up; raises CloudError."""
        started: LocalCloud | None = None
        try:
            with _undisturbed():
                started = cls._launch(options)
            return cls(started.process, started.folder, started._told(timeout))
        except BaseException:  # Ctrl-C too
            if started:
                started.stop()
            raise

    @classmethod
    def _launch(cls, options: Sequence[str]) -> "LocalCloud":
        # Not below the clone: as root, PostgreSQL runs as a user that may not be able to read there.
        folder = Path(tempfile.mkdtemp(prefix="redshift-relay-"))
        folder.chmod(0o711)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*_SERVER, "--folder", str(folder / "cloud"), "--ready-file", str(folder / _READY), *options],
                env={**os.environ, "PYTHONPATH": str(SCRIPTS)},
                stdin=subprocess.PIPE,  # its end tells the server that we are gone, even after SIGKILL
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for us, we stop the server in order
            )
        return cls(process, folder, {})

    def _told(self, timeout: float) -> dict[str, Any]:
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
        """What the server printed."""
        return self.folder / "log"

    @property
    def environment(self) -> dict[str, str]:
        """Points any AWS client at this cloud, as its administrator."""
        return {
            "AWS_ENDPOINT_URL": self.ready["endpoint"],
            "AWS_REGION": self.ready["region"],
            "AWS_DEFAULT_REGION": self.ready["region"],
            "AWS_ACCESS_KEY_ID": self.ready["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.ready["secret_access_key"],
        }

    def client(self, service: str) -> Any:
        """A boto3 client of the administrator."""
        session: Any = boto3.Session(  # typed for literal names of services only
            aws_access_key_id=self.ready["access_key_id"],
            aws_secret_access_key=self.ready["secret_access_key"],
            region_name=self.ready["region"],
        )
        config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, read_timeout=120)
        return session.client(service, endpoint_url=self.ready["endpoint"], config=config)

    def letter(self, about: str) -> EmailMessage | None:
        """The newest e-mail that mentions something, as the local cloud's outbox keeps it; None if there is none."""
        for path in sorted((self.folder / "cloud" / "mail").glob("*.eml"), reverse=True):
            letter = message_from_bytes(path.read_bytes(), policy=policy.default)
            if about in letter.get_content():
                return letter
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
def _undisturbed() -> Iterator[None]:
    """Ctrl-C waits until the end: in the middle nobody would know yet what is to be stopped."""
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's
        yield
        return
    came: list[int] = []
    handlers = {number: signal.signal(number, lambda got, _: came.append(got)) for number in _INTERRUPTIONS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for interruption in came:
            signal.raise_signal(interruption)
