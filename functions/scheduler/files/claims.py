"""Makes manifests of the files that wait, and hands them to the load.

One conditional write decides what a manifest holds: the claim in the load's HEAD. All that follows is repeated by
whoever finds the claim: write the manifest, ask for the run, delete the batches, end the claim. The run is asked for
before the first batch goes, so a batch that is missing says that it was.
"""

import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from relay.log import log
from scheduler.files.landed_file import LandedFile
from scheduler.files.manifest import Entry, Manifests
from scheduler.files.store import FileStore, WaitingBatch
from scheduler.files.trigger import Trigger
from scheduler.loads.request import FilesOfRequest, Kind, Request, StartedBy

MANIFEST = "manifest"
"""Parameter of the SQL: the address of the manifest."""
MAX_BATCHES = 5000
"""Batches of one claim: their ids take a third of the 400 KB that an item may have."""
MAX_SKIPPED = 1000
"""Versions that a claim leaves out because a later one is noted. Further ones are loaded like any file."""


@dataclass(frozen=True)
class Claim:
    """The files of a manifest: all that wait in `batches`, in `last` those from `start` to `end`, without `skipped`.

    `skipped` holds batch and index of versions that a later one replaced.
    """

    occurrence: str
    address: str
    batches: tuple[str, ...]
    start: int
    end: int
    skipped: tuple[tuple[str, int], ...]

    @classmethod
    def parse(cls, text: str) -> "Claim":
        """Reads the attribute of HEAD."""
        found = json.loads(text)
        skipped = tuple((batch, index) for batch, index in found.pop("skipped"))
        return cls(**{**found, "batches": tuple(found["batches"]), "skipped": skipped})


class Claims:
    """Makes manifests; `ask` asks for a run, once for each load and occurrence."""

    def __init__(
        self,
        store: FileStore,
        manifests: Manifests,
        ask: Callable[[Request], object],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._manifests = manifests
        self._ask = ask
        self._now = now

    def make(self, load: str, trigger: Trigger, *, everything: bool) -> int:
        """Makes manifests of `max_files` each, with `everything` also of the rest; returns how many this call made."""
        made = 0
        while True:
            head = self._store.head(load)
            if head.claim:
                self._finish(load, head.claims, Claim.parse(head.claim))
                continue
            batches = self._store.waiting(load)
            count = sum(len(batch.waiting) for batch in batches)
            if not count or (count < trigger.max_files and not everything):
                return made
            claim = self._plan(load, trigger, batches)
            if self._store.claim(load, head.claims, json.dumps(asdict(claim))):
                self._finish(load, head.claims + 1, claim)
                made += 1

    def make_when_quiet(self, load: str, trigger: Trigger, batch: str) -> int:
        """Makes manifests if nothing has landed since a batch; a batch that came later has a timer of its own."""
        batches = self._store.waiting(load)
        newest = max(batches, key=lambda one: one.landed_at, default=None)
        if newest and newest.id != batch and newest.landed_at + trigger.quiet_seconds > self._now():
            return 0
        return self.make(load, trigger, everything=True)

    def _plan(self, load: str, trigger: Trigger, batches: Sequence[WaitingBatch]) -> Claim:
        """The oldest files, up to `max_files`."""
        chosen: list[WaitingBatch] = []
        room = trigger.max_files
        start = end = 0
        for batch in batches[:MAX_BATCHES]:
            if room <= 0:
                break
            chosen.append(batch)
            start, end = batch.taken, min(len(batch.files), batch.taken + room)
            room -= end - start
        occurrence = self._occurrence()
        return Claim(
            occurrence=occurrence,
            address=f"{trigger.manifests}{load}/{occurrence}.json",
            batches=tuple(batch.id for batch in chosen),
            start=start,
            end=end,
            skipped=tuple(self._replaced(load, chosen))[:MAX_SKIPPED],
        )

    def _occurrence(self) -> str:
        """Never the same twice, even if the table is lost: the SQL ignores an address that it has loaded."""
        moment = datetime.fromtimestamp(self._now(), UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%SZ}-{secrets.token_hex(4)}"

    def _replaced(self, load: str, batches: Sequence[WaitingBatch]) -> list[tuple[str, int]]:
        """Versions whose key has landed again: COPY would read the new content, which its own entry loads."""
        noted = self._store.noted(load, [file for batch in batches for file in batch.waiting])
        replaced = []
        for batch in batches:
            for index, file in enumerate(batch.files):
                latest = noted.get(file.uri)
                if latest is None or latest.batch == batch.id:
                    continue
                if not batch.redrive or latest.sequencer > file.sequencer:
                    replaced.append((batch.id, index))
        return replaced

    def _finish(self, load: str, claims: int, claim: Claim) -> None:
        """Hands the manifest to the load and ends the claim; may run twice, also at the same time."""
        waiting = {batch.id: batch for batch in self._store.waiting(load)}
        batches = [waiting[batch] for batch in claim.batches if batch in waiting]
        if len(batches) == len(claim.batches) and batches[-1].taken == claim.start:
            self._hand_over(load, claim, batches)
        for batch in claim.batches[:-1]:
            self._store.delete_batch(load, batch)
        last = waiting.get(claim.batches[-1])
        if last and claim.end < len(last.files):
            self._store.advance_batch(load, last.id, claim.start, claim.end)
        elif last:
            self._store.delete_batch(load, last.id)
        self._store.end_claim(load, claims)

    def _hand_over(self, load: str, claim: Claim, batches: Sequence[WaitingBatch]) -> None:
        entries = _entries(claim, batches)
        if not entries:
            return
        self._manifests.write(claim.address, entries)
        self._store.note_manifest(load, claim.occurrence, claim.batches, redrive=any(one.redrive for one in batches))
        self._ask(request_for(load, claim.occurrence, claim.address, entries))
        log("INFO", "manifest made", load=load, manifest=claim.address, files=len(entries))


def request_for(load: str, occurrence: str, address: str, entries: Sequence[Entry]) -> Request:
    """The request to load a manifest."""
    return Request(
        load=load,
        occurrence=occurrence,
        started_by=StartedBy(Kind.FILES),
        parameters={MANIFEST: address},
        files=FilesOfRequest(len(entries), sum(entry.size for entry in entries), address),
    )


def _entries(claim: Claim, batches: Sequence[WaitingBatch]) -> list[Entry]:
    """The files of a claim, each key once: the last version in the order of the batches."""
    skipped = set(claim.skipped)
    chosen: dict[str, LandedFile] = {}
    for batch in batches:
        end = claim.end if batch.id == claim.batches[-1] else len(batch.files)
        for index in range(batch.taken, end):
            if (batch.id, index) not in skipped:
                file = batch.files[index]
                chosen[file.uri] = file
    return [Entry(file.uri, file.size) for file in chosen.values()]
