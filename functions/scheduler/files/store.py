"""Reads and writes the items of files (keys.py). Every change of a state is one conditional write."""

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from scheduler.files.keys import ASIDE, BATCH, aside_key, batch_key, file_key, head_key, manifest_key, partition
from scheduler.files.landed_file import NO_SEQUENCER, SEQUENCER_LENGTH, LandedFile
from scheduler.files.table import FileTable
from scheduler.state.keys import Key

REMEMBERED_SECONDS = 30 * 86400
"""How long a version of an object is known. SQS keeps a message for at most 14 days, EventBridge retries for one:

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
"""
LISTED_MARGIN_SECONDS = 60
"""An event may be stamped this much later than the listing that showed its object: the clocks of S3 and Lambda."""


class Batch(StrEnum):
    """States of a batch."""

    OPEN = "open"
    COMPLETE = "complete"
    BROKEN = "broken"


@dataclass(frozen=True)
class BatchState:
    """`lease_until` is in seconds since 1970."""

    state: Batch
    lease_until: int


@dataclass(frozen=True)
class NotedFile:
    """What a FILE item says: the latest version of the key, when it landed, and the batch that has it."""

    sequencer: str
    batch: str
    landed_at: int


@dataclass(frozen=True)
class WaitingBatch:
    """A complete batch: its files from `taken` on wait for a manifest."""

    id: str
    files: tuple[LandedFile, ...]
    taken: int
    redrive: bool = False

    @property
    def waiting(self) -> tuple[LandedFile, ...]:
        """The files that no claim has taken."""
        return self.files[self.taken :]

    @property
    def landed_at(self) -> int:
        """When its newest file landed."""
        return max(file.landed_at for file in self.files)


@dataclass(frozen=True)
class Head:
    """`claims` counts the claims of a load; `claim` describes the one in the making, or is empty."""

    claims: int
    claim: str


class FileStore:
    """The items of files in the scheduler's table."""

    def __init__(self, table: FileTable, now: Callable[[], float] = time.time) -> None:
        self.table = table
        self.now = now

    def expires(self) -> int:
        """When something noted now is forgotten."""
        return int(self.now()) + REMEMBERED_SECONDS

    def new_id(self) -> str:
        """An id that sorts by time: milliseconds since 1970, then 8 random characters."""
        return f"{int(self.now() * 1000):013d}-{uuid.uuid4().hex[:8]}"

    def open_batch(self, load: str, lease_until: int) -> str:
        """Opens a batch and returns its id; ids sort by the time at which they were made."""
        batch = self.new_id()
        attributes = {"state": Batch.OPEN, "lease_until": lease_until}
        self.table.put_one(batch_key(load, batch), attributes)
        return batch

    def complete_batch(self, load: str, batch: str, files: Sequence[LandedFile]) -> bool:
        """Makes the files wait for a manifest; False if the batch was broken meanwhile."""
        return self.table.update_one(
            batch_key(load, batch),
            "SET #state = :complete, #files = :files, #taken = :zero REMOVE #lease_until",
            {":complete": Batch.COMPLETE, ":open": Batch.OPEN, ":files": dump(files), ":zero": 0},
            condition="#state = :open",
        )

    def drop_batch(self, load: str, batch: str) -> None:
        """Deletes an open batch that no file names."""
        self.table.delete_one(batch_key(load, batch))

    def break_batch(self, load: str, batch: str) -> None:
        """Keeps an open batch whose lease is over from being completed."""
        self.table.update_one(
            batch_key(load, batch),
            "SET #state = :broken, #expires_at = :expires",
            {":broken": Batch.BROKEN, ":open": Batch.OPEN, ":expires": self.expires(), ":now": int(self.now())},
            condition="#state = :open AND #lease_until <= :now",
        )

    def batch_state(self, load: str, batch: str) -> BatchState | None:
        """The state of a batch; None if it was loaded, and so deleted."""
        item = self.table.get(batch_key(load, batch))
        return BatchState(Batch(item["state"]), int(item.get("lease_until", 0))) if item else None

    def note_file(self, load: str, batch: str, file: LandedFile) -> NotedFile | None:
        """Notes the version of an event; returns what is noted already if that is this version or a later one.

        What a listing showed carries no sequencer. The event that reports the same is known by ETag and time.
        """
        condition = (
            "attribute_not_exists(pk) OR (#sequencer < :sequencer AND "
            "(#etag <> :etag OR attribute_not_exists(#listed_at) OR #listed_at < :latest_listing))"
        )
        given = {
            ":sequencer": file.sequencer,
            ":etag": file.etag,
            ":latest_listing": file.landed_at - LISTED_MARGIN_SECONDS,
        }
        if self._put_file(load, batch, file, condition, given):
            return None
        return self._noted(load, file)

    def note_listed(self, load: str, batch: str, file: LandedFile) -> NotedFile | None:
        """Notes what a listing shows; returns what is noted already if that is the same or newer.

        A known sequencer stays: an event of an older version may still come.
        """
        change = (
            "SET #batch = :batch, #etag = :etag, #landed_at = :landed, #listed_at = :now, #expires_at = :expires, "
            "#sequencer = if_not_exists(#sequencer, :none)"
        )
        given = {
            ":batch": batch,
            ":etag": file.etag,
            ":landed": file.landed_at,
            ":now": int(self.now()),
            ":expires": self.expires(),
            ":none": NO_SEQUENCER,
        }
        condition = "attribute_not_exists(pk) OR (#etag <> :etag AND #landed_at < :landed)"
        if self.table.update_one(file_key(load, file.bucket, file.key), change, given, condition=condition):
            return None
        return self._noted(load, file)

    def take_over(self, load: str, batch: str, file: LandedFile, found: NotedFile) -> bool:
        """Notes a version that a broken batch had; False if another invocation was faster, or it is not the latest."""
        if file.sequencer < found.sequencer:
            return False  # the message of the later version takes it over
        given = {":broken": found.batch, ":found": found.sequencer}
        return self._put_file(load, batch, file, "#batch = :broken AND #sequencer = :found", given)

    def _put_file(self, load: str, batch: str, file: LandedFile, condition: str, given: Mapping[str, object]) -> bool:
        attributes = {
            "sequencer": file.sequencer,
            "etag": file.etag,
            "batch": batch,
            "landed_at": file.landed_at,
            "listed_at": int(self.now()) if file.sequencer == NO_SEQUENCER else None,
            "expires_at": self.expires(),
        }
        return self.table.put_one(file_key(load, file.bucket, file.key), attributes, condition=condition, given=given)

    def _noted(self, load: str, file: LandedFile) -> NotedFile:
        item = self.table.get(file_key(load, file.bucket, file.key))
        # Its TTL may have ended between the two calls: the caller tries again.
        return _noted(item) if item else NotedFile("", "", 0)

    def waiting(self, load: str) -> list[WaitingBatch]:
        """The complete batches, oldest first, by consistent reads."""
        items = self.table.partition(partition(load), BATCH)
        return [
            WaitingBatch(
                item["sk"].removeprefix(BATCH), load_files(item["files"]), item["taken"], bool(item.get("redrive"))
            )
            for item in items
            if item["state"] == Batch.COMPLETE
        ]

    def advance_batch(self, load: str, batch: str, taken: int, to: int) -> None:
        """Marks the first `to` files of a batch as taken, if `taken` were before."""
        given = {":taken": taken, ":to": to}
        self.table.update_one(batch_key(load, batch), "SET #taken = :to", given, condition="#taken = :taken")

    def delete_batch(self, load: str, batch: str) -> None:
        """Deletes a batch whose files a manifest has."""
        self.table.delete_one(batch_key(load, batch))

    def noted(self, load: str, files: Sequence[LandedFile]) -> dict[str, NotedFile]:
        """{address: what is noted} of files."""
        keys = {file_key(load, file.bucket, file.key): file.uri for file in files}
        found = self.table.get_many(list(keys))
        return {keys[key]: _noted(item) for key, item in found.items()}

    def head(self, load: str) -> Head:
        """The claim of a load, if one is in the making."""
        item = self.table.get(head_key(load)) or {}
        return Head(int(item.get("claims", 0)), str(item.get("claim", "")))

    def claim(self, load: str, claims: int, claim: str) -> bool:
        """Starts a claim; False if another one was started since the head was read, without a claim."""
        given: dict[str, Any] = {":next": claims + 1, ":claim": claim} | ({":claims": claims} if claims else {})
        condition = "#claims = :claims" if claims else "attribute_not_exists(#claims)"
        return self.table.update_one(head_key(load), "SET #claims = :next, #claim = :claim", given, condition=condition)

    def end_claim(self, load: str, claims: int) -> None:
        """Ends a claim whose manifest was handed to the load."""
        self.table.update_one(head_key(load), "REMOVE #claim", {":claims": claims}, condition="#claims = :claims")

    def note_manifest(self, load: str, occurrence: str, batches: Sequence[str], *, redrive: bool) -> None:
        """Notes which batches a manifest was made of: whether it has a version of a file depends on that."""
        change, given = "SET #batches = :batches, #redrive = :redrive", {":batches": json.dumps(batches)}
        self.table.update_one(manifest_key(load, occurrence), change, given | {":redrive": int(redrive)})

    def forget_manifest(self, load: str, occurrence: str) -> None:
        """Lets the item of a manifest expire."""
        change, given = "SET #expires_at = :expires", {":expires": self.expires()}
        self.table.update_one(manifest_key(load, occurrence), change, given)

    def versions(self, load: str, occurrence: str) -> Callable[[NotedFile], bool]:
        """Whether a manifest has the version of a key that is noted as the latest; yes for one that has expired."""
        item = self.table.get(manifest_key(load, occurrence)) or {}
        batches = set(json.loads(item.get("batches", "[]")))
        # A file that was set aside before still names the batch with which it came.
        before = made_at(occurrence) if item.get("redrive") else 0.0
        return lambda noted: not batches or noted.batch in batches or _batch_time(noted.batch) <= before

    def set_aside(self, load: str, file: LandedFile, error: str, occurrence: str) -> None:
        """Sets a file aside until a redrive; a repeated call changes nothing."""
        attributes = {"files": dump([file]), "error": error, "occurrence": occurrence}
        self.table.put_one(aside_key(load, file.bucket, file.key), attributes)

    def asides(self, load: str) -> dict[Key, LandedFile]:
        """The files set aside, by their keys."""
        items = self.table.partition(partition(load), ASIDE)
        return {Key(item["pk"], item["sk"]): load_files(item["files"])[0] for item in items}

    def redrive(self, load: str, asides: Mapping[Key, LandedFile]) -> bool:
        """Makes up to 99 files that were set aside wait for a manifest; False if another redrive took one of them."""
        attributes = {"state": Batch.COMPLETE, "files": dump(list(asides.values())), "taken": 0, "redrive": 1}
        return self.table.move(batch_key(load, self.new_id()), attributes, list(asides))


def _noted(item: Mapping[str, Any]) -> NotedFile:
    return NotedFile(item["sequencer"], item["batch"], item["landed_at"])


def made_at(occurrence: str) -> float:
    """When a manifest was made, in seconds since 1970: its name begins with the time."""
    return datetime.fromisoformat(occurrence[: len("2026-01-31T00:00:00Z")]).timestamp()


def _batch_time(batch: str) -> float:
    return int(batch.partition("-")[0]) / 1000


def dump(files: Sequence[LandedFile]) -> str:
    """Files as JSON, an array each: an item has room for 100 with the longest keys."""
    rows = [[f.bucket, f.key, f.size, f.etag, f.sequencer.rstrip("0"), f.landed_at] for f in files]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def load_files(text: str) -> tuple[LandedFile, ...]:
    """The files of `dump`."""
    return tuple(LandedFile(b, k, s, e, q.ljust(SEQUENCER_LENGTH, "0"), at) for b, k, s, e, q, at in json.loads(text))
