"""`.demo/`: the one folder of a clone that a demo uses, and the removal of what a killed demo left there."""

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
    """Another demo of this clone is running. The message names its process."""


@contextmanager
def workspace(root: Path) -> Iterator[Path]:
    """Creates `.demo` for this process alone and removes it afterwards; raises AlreadyRunning."""
    folder = root / ".demo"
    # The lock is not in the folder: its holder may remove the folder.
    lock_path = root / ".demo.lock"
    with lock_path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise AlreadyRunning(f"A demo of this clone is already running: {lock.read().strip()}") from None
        _remove_leftovers(folder)
        folder.mkdir()
        lock_path.write_text(f"process {os.getpid()}\n")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            lock_path.unlink(missing_ok=True)


def remember_cloud(folder: Path, process_id: int, cloud_folder: Path) -> None:
    """Notes what the next demo has to remove if this one is killed."""
    (folder / "cloud").write_text(f"{process_id}\n{cloud_folder}\n")


def write_env(folder: Path, variables: Mapping[str, str]) -> Path:
    """Writes `export` lines into `env`, which only its owner can read. The file appears complete or not at all."""
    path, draft = folder / "env", folder / "env.draft"
    draft.touch(mode=0o600)
    draft.write_text("".join(f"export {name}={quote(value)}\n" for name, value in variables.items()))
    draft.rename(path)
    return path


def _remove_leftovers(folder: Path) -> None:
    """Removes what a killed demo left. Its cloud stops by itself, unless it was killed too."""
    with suppress(FileNotFoundError, ValueError):
        process_id, cloud_folder = (folder / "cloud").read_text().splitlines()
        _end_cloud(int(process_id))
        stop_leftover(Path(cloud_folder) / "cloud" / "warehouse")
        shutil.rmtree(cloud_folder, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def _end_cloud(process_id: int) -> None:
    """Waits for the process to end by itself, and kills it after 10 s."""
    for _ in range(100):
        if not _is_cloud(process_id):
            return
        time.sleep(0.1)
    with suppress(ProcessLookupError):
        os.kill(process_id, signal.SIGKILL)


def _is_cloud(process_id: int) -> bool:
    """Whether the process is a local cloud: another process may have got the same id since."""
    try:
        return "local_cloud.server" in psutil.Process(process_id).cmdline()
    except psutil.Error:
        return False
