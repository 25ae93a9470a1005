"""`.acceptance/`: one folder for each run that has something in the account, so that the next one removes it."""

from __future__ import annotations

import fcntl
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from account_check.warehouse import Warehouse

PREFIX = "relay-check-"
_RECORD = "run.json"


class AlreadyRunning(Exception):
    """Another check of this clone runs."""


@dataclass(frozen=True)
class Run:
    """One run: its prefix, its folder with Terraform's state, and the warehouse that it was for."""

    folder: Path
    region: str
    warehouse: Warehouse

    @property
    def prefix(self) -> str:
        """Prefix of all names, and the value of the tag."""
        return self.folder.name

    @property
    def table(self) -> str:
        """Prefix of the objects in the warehouse."""
        return self.prefix.replace("-", "_")

    @property
    def statement_role(self) -> str:
        """The role that owns the objects, as modules/statement_role names it."""
        return f"{self.prefix}-statements"

    def forget(self) -> None:
        """Removes the folder: nothing of the run is left."""
        shutil.rmtree(self.folder)


@contextmanager
def workspace(root: Path) -> Iterator[Path]:
    """The folder, for this process alone; raises AlreadyRunning."""
    folder = root / ".acceptance"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning("Another scripts/acceptance of this clone runs") from None
        yield folder


def new_run(folder: Path, region: str, warehouse: Warehouse) -> Run:
    """Notes a new run before anything is created."""
    run = Run(folder / f"{PREFIX}{int(time.time()):x}", region, warehouse)
    run.folder.mkdir()
    (run.folder / _RECORD).write_text(json.dumps({"region": region, "warehouse": asdict(warehouse)}, indent=2) + "\n")
    return run


def earlier_runs(folder: Path) -> list[Run]:
    """The runs that were not cleaned up."""
    runs = []
    for path in sorted(folder.glob(f"{PREFIX}*/{_RECORD}")):
        noted = json.loads(path.read_text())
        runs.append(Run(path.parent, noted["region"], Warehouse(**noted["warehouse"])))
    return runs


def started_at(prefix: str) -> float | None:
    """When the run with this prefix began, in epoch seconds; None if it is not a prefix of a run."""
    try:
        return float(int(prefix.removeprefix(PREFIX), 16)) if prefix.startswith(PREFIX) else None
    except ValueError:
        return None
