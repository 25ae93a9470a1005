"""What becomes of the files of a manifest that failed after all retries.

Files that Redshift names are set aside, and the others are loaded without them. Where it names none, the manifest is
halved: one half at a time, so that one bad file among 1,000 costs about twenty runs, and a fault that is in no file
about twelve: when three files fail alone, one after the other, all that is left is set aside.
One conditional write decides; everything after it is repeated until it is done.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from relay.log import log
from scheduler.files.claims import request_for
from scheduler.files.keys import manifest_key
from scheduler.files.landed_file import NO_SEQUENCER, LandedFile
from scheduler.files.load_errors import LoadErrors
from scheduler.files.manifest import Entry, Manifests, split_uri
from scheduler.files.store import FileStore
from scheduler.loads.request import Request
from scheduler.state.keys import Key
from scheduler.state.occurrence import Occurrence, State

MAX_ALONE = 3
"""Files that fail alone, one after the other, before the fault is taken to be in none of them."""
MAX_REPORTED = 100
"""Addresses that a message names: an entry of PutEvents has 256 KB, a key up to 1,024 bytes."""


@dataclass(frozen=True)
class Queue:
    """The manifests that follow a manifest of a failed one, and how many files failed alone just before it."""

    waiting: tuple[str, ...] = ()
    alone: int = 0

    @classmethod
    def parse(cls, found: Mapping[str, Any]) -> "Queue":
        """Reads what `asdict` made."""
        return cls(tuple(found["waiting"]), int(found["alone"]))


@dataclass(frozen=True)
class Decision:
    """What becomes of a failed manifest: files set aside, new manifests (address => files), and what comes next.

    Files are numbers of entries of the failed manifest.
    """

    aside: tuple[int, ...]
    parts: Mapping[str, tuple[int, ...]]
    next: Queue

    @classmethod
    def parse(cls, text: str) -> "Decision":
        """Reads the attribute of a MANIFEST item."""
        found = json.loads(text)
        parts = {address: tuple(indexes) for address, indexes in found["parts"].items()}
        return cls(tuple(found["aside"]), parts, Queue.parse(found["next"]))


class Failures:
    """Decides about failed manifests; `ask` asks for a run, once for each load and occurrence."""

    def __init__(
        self,
        store: FileStore,
        manifests: Manifests,
        errors: LoadErrors,
        ask: Callable[[Request], object],
        occurrence: Callable[[str, str], Occurrence | None],
    ) -> None:
        self._store = store
        self._manifests = manifests
        self._errors = errors
        self._ask = ask
        self._occurrence = occurrence

    def loaded(self, request: Request) -> None:
        """Goes on with the manifests that wait for this one."""
        queue = self._queue(request)
        if queue.waiting:
            self._ask_next(request.load, replace(queue, alone=0))
        self._store.forget_manifest(request.load, request.occurrence)

    def failed(self, request: Request, error: str) -> tuple[str, ...] | None:
        """Sets files aside and asks for the rest; the addresses set aside, or None while Redshift is being asked."""
        if request.files is None:
            return ()
        entries = self._manifests.read(request.files.manifest)
        item = self._store.table.get(_key(request)) or {}
        if "decision" in item:
            decision = Decision.parse(item["decision"])
        else:
            found = self._decide(request, entries, error)
            if found is None:
                return None
            decision = self._keep(request, found)
        aside = [entries[index] for index in decision.aside]
        if decision.next.alone >= MAX_ALONE:
            aside += [entry for address in decision.next.waiting for entry in self._manifests.read(address)]
        if not item.get("done"):
            self._carry_out(request, entries, decision, aside, error)
        return tuple(entry.uri for entry in aside[:MAX_REPORTED])

    def _decide(self, request: Request, entries: Sequence[Entry], error: str) -> Decision | None:
        """None while Redshift is being asked."""
        run = self._occurrence(request.load, request.occurrence)
        queue = self._queue(request)
        if run is None or run.state is not State.FAILED:
            # Cancelled, or never started: no file is at fault, and a person decides.
            return Decision(tuple(range(len(entries))), {}, replace(queue, alone=MAX_ALONE))
        named = self._errors.named(run.statement_id, error, [one.uri for one in entries])
        return None if named is None else _decided(request, entries, named, queue)

    def _keep(self, request: Request, decision: Decision) -> Decision:
        """The first decision counts."""
        given = {":decision": json.dumps(asdict(decision)), ":expires": self._store.expires()}
        change = "SET #decision = :decision, #expires_at = :expires"
        if self._store.table.update_one(_key(request), change, given, condition="attribute_not_exists(#decision)"):
            return decision
        item = self._store.table.get(_key(request)) or {}
        return Decision.parse(item["decision"])

    def _carry_out(
        self, request: Request, entries: Sequence[Entry], decision: Decision, aside: Sequence[Entry], error: str
    ) -> None:
        for address, indexes in decision.parts.items():
            self._manifests.write(address, [entries[index] for index in indexes])
        if aside:
            self._set_aside(request, aside, error)
        if decision.next.waiting and decision.next.alone < MAX_ALONE:
            self._ask_next(request.load, decision.next)
        # A later redrive must not meet a repeated call that sets the same files aside again.
        self._store.table.update_one(_key(request), "SET #done = :one", {":one": 1})

    def _set_aside(self, request: Request, entries: Sequence[Entry], error: str) -> None:
        has_version = self._store.versions(request.load, request.occurrence.partition(".")[0])
        noted = self._store.noted(request.load, [_file(entry, NO_SEQUENCER) for entry in entries])
        for entry in entries:
            latest = noted.get(entry.uri)
            # A version that landed after the manifest was made has a manifest of its own: a redrive leaves the key out.
            file = _file(entry, latest.sequencer if latest and has_version(latest) else NO_SEQUENCER)
            self._store.set_aside(request.load, file, error, request.occurrence)
        log("ERROR", "files set aside", load=request.load, occurrence=request.occurrence, files=len(entries))

    def _ask_next(self, load: str, queue: Queue) -> None:
        """Asks for the first manifest that waits; the others wait for its end."""
        address, *waiting = queue.waiting
        occurrence = address.rsplit("/", 1)[-1].removesuffix(".json")
        rest = json.dumps(asdict(Queue(tuple(waiting), queue.alone)))
        key = manifest_key(load, occurrence)
        self._store.table.update_one(key, "SET #queue = :queue", {":queue": rest})
        self._ask(request_for(load, occurrence, address, self._manifests.read(address)))

    def _queue(self, request: Request) -> Queue:
        item = self._store.table.get(_key(request)) or {}
        return Queue.parse(json.loads(item["queue"])) if "queue" in item else Queue()


def _decided(request: Request, entries: Sequence[Entry], named: set[str], queue: Queue) -> Decision:
    kept = tuple(index for index, entry in enumerate(entries) if entry.uri not in named)
    if named:
        aside = tuple(index for index, entry in enumerate(entries) if entry.uri in named)
        parts = {_part(request, "rest"): kept} if kept else {}
        return Decision(aside, parts, Queue((*parts, *queue.waiting), 0))
    if len(entries) == 1:
        return Decision((0,), {}, Queue(queue.waiting, queue.alone + 1))
    middle = len(kept) // 2
    parts = {_part(request, "first"): kept[:middle], _part(request, "second"): kept[middle:]}
    return Decision((), parts, Queue((*parts, *queue.waiting), queue.alone))


def _part(request: Request, which: str) -> str:
    """The address of a part: next to the first manifest, whose name it begins with; never longer, however often cut."""
    folder = str(request.files.manifest if request.files else "").rpartition("/")[0]
    first = request.occurrence.partition(".")[0]
    digest = hashlib.sha256(f"{request.occurrence}/{which}".encode()).hexdigest()[:8]
    return f"{folder}/{first}.{digest}.json"


def _key(request: Request) -> Key:
    return manifest_key(request.load, request.occurrence)


def _file(entry: Entry, sequencer: str) -> LandedFile:
    bucket, key = split_uri(entry.uri)
    return LandedFile(bucket, key, entry.size, etag="", sequencer=sequencer, landed_at=int(time.time()))
