"""`.demo/`: the one folder of a clone that a demo uses, and the removal of what a killed demo left there."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from local_cloud.process import stop_cloud


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


def _remove_leftovers(folder: Path) -> None:
    """Removes what a killed demo left."""
    with suppress(FileNotFoundError, ValueError):
        process_id, cloud_folder = (folder / "cloud").read_text().splitlines()
        stop_cloud(int(process_id), Path(cloud_folder))
    shutil.rmtree(folder, ignore_errors=True)
