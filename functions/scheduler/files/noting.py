"""Notes files that landed: each version of an object once, whatever is delivered twice, late or out of order.

A batch of messages becomes one BATCH item, and each file one FILE item that names the batch:

1. The batch is opened, with the time until which its invocation may work on it.
2. Each file is written with the name of the batch, if no event of that version or of a later one came before.
3. The batch is completed: the files that step 2 wrote are now waiting for a manifest.

An invocation that dies between 1 and 3 leaves an open batch. Its messages come again; after the lease, they break the
batch, which can then no longer be completed, and take the files over. A batch that no longer exists was loaded.
Writes: one a file, and three a batch (its deletion included).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from relay.errors import RelayError
from scheduler.files.landed_file import NO_SEQUENCER, LandedFile
from scheduler.files.store import Batch, FileStore

FILES_PER_BATCH = 100
"""Files of one BATCH item: 100 keys of 1,024 bytes are a third of the 400 KB that an item may have.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""


class BatchBroken(RelayError):
    """The batch took longer than its lease, and other invocations took its files over."""


class _Noted(Enum):
    NEW = "new"
    BEFORE = "before"
    BUSY = "busy"  # another invocation is at it


@dataclass(frozen=True)
class Result:
    """What became of a batch: how many were new, and which must come again (indexes)."""

    new: int
    again: tuple[int, ...]


class Noting:
    """Notes the files of one invocation; `lease_seconds` is how long the invocation may take."""

    def __init__(self, store: FileStore, lease_seconds: int, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._lease_seconds = lease_seconds
        self._now = now

    def note(self, load: str, files: Sequence[LandedFile]) -> Result:
        """Notes up to 100 files. Raises BatchBroken, after which all of them must come again."""
        batch = self._store.open_batch(load, self._lease_until())
        accepted: dict[int, LandedFile] = {}
        again: list[int] = []
        for index, file in enumerate(files):
            noted = self._note(load, batch, file)
            if noted is _Noted.NEW:
                accepted[index] = file
            elif noted is _Noted.BUSY:
                again.append(index)
        # A later version in the same batch overwrote the item of an earlier one: only the latest is loaded.
        latest = {file.uri: file for file in sorted(accepted.values(), key=lambda one: one.sequencer)}
        if not latest:
            self._store.drop_batch(load, batch)
        elif not self._store.complete_batch(load, batch, list(latest.values())):
            raise BatchBroken(f"batch {batch} of load {load} took longer than its lease. Its files are noted again.")
        return Result(len(latest), tuple(again))

    def _note(self, load: str, batch: str, file: LandedFile) -> _Noted:
        """Writes the FILE item, unless this version or a later one is noted already."""
        note = self._store.note_listed if file.sequencer == NO_SEQUENCER else self._store.note_file
        for _ in range(3):
            found = note(load, batch, file)
            if found is None:
                return _Noted.NEW
            other = self._store.batch_state(load, found.batch)
            if found.batch == batch or other is None or other.state is Batch.COMPLETE:
                return _Noted.BEFORE
            if other.state is Batch.OPEN:
                if other.lease_until > self._now():
                    return _Noted.BUSY
                self._store.break_batch(load, found.batch)  # completed meanwhile: the next turn sees it
                continue
            if self._store.take_over(load, batch, file, found):
                return _Noted.NEW
        return _Noted.BUSY

    def _lease_until(self) -> int:
        return int(self._now()) + self._lease_seconds
