"""`.demo/`: the one place in a clone that a demo uses, and what a killed demo left there."""

import fcntl
import os
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from shlex import quote

import psutil  # type: ignore[import-untyped]

from local_cloud.redshift.postgres import stop_leftover


class AlreadyRunning(Exception):
    """A demo of this clone is running; the message names it."""


@contextmanager
def demo_folder(root: Path) -> Iterator[Path]:
    """The folder `.demo`, ours alone until the end, and gone afterwards; raises AlreadyRunning."""
    folder = root / ".demo"
    # The lock lies beside the folder's content, not in it: whoever holds it may remove all the rest.
    lock_path = root / ".demo.lock"
    with lock_path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise AlreadyRunning(f"a demo of this clone is running already: {lock.read().strip()}") from None
        _clear(folder)
        folder.mkdir()
        lock_path.write_text(f"process {os.getpid()}\n")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock_path.unlink(missing_ok=True)


def remember_cloud(folder: Path, process_id: int, cloud_folder: Path) -> None:
    """Notes what a later demo has to clear away if this one is killed."""
    (folder / "cloud").write_text(f"{process_id}\n{cloud_folder}\n")


def write_env(folder: Path, variables: Mapping[str, str]) -> Path:
    """Writes `export` lines, readable only by us, all at once."""
    path, draft = folder / "env", folder / "env.draft"
    draft.touch(mode=0o600)
    draft.write_text("".join(f"export {name}={quote(value)}\n" for name, value in variables.items()))
    draft.rename(path)
    return path


def _clear(folder: Path) -> None:
    """Removes what a demo left that was killed: its cloud stops by itself, unless it was killed too."""
    with suppress(FileNotFoundError, ValueError):
        process_id, cloud_folder = (folder / "cloud").read_text().splitlines()
        _wait_for_end(int(process_id))
        stop_leftover(Path(cloud_folder) / "cloud" / "warehouse")
        shutil.rmtree(cloud_folder, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _wait_for_end(process_id: int) -> None:
    for _ in range(100):
        if not _is_cloud(process_id):
            return
        time.sleep(0.1)
    with suppress(ProcessLookupError):
        os.kill(process_id, signal.SIGKILL)


def _is_cloud(process_id: int) -> bool:
    """A process id is used again: only a process that still looks like ours is waited for."""
    try:
        return "local_cloud.server" in psutil.Process(process_id).cmdline()
    except psutil.Error:
        return False
