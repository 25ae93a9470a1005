"""Everything about the files that start loads, for the handler and for the rest of the scheduler."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from relay.data_api import DataApi
from relay.errors import InputError, RelayError
from relay.log import log
from scheduler.files.claims import Claims
from scheduler.files.failures import Failures
from scheduler.files.landed_file import LandedFile, parse_message
from scheduler.files.listing import chunks, prefix_of
from scheduler.files.load_errors import LoadErrors
from scheduler.files.manifest import Manifests
from scheduler.files.noting import FILES_PER_BATCH, Noting
from scheduler.files.store import FileStore
from scheduler.files.table import FileTable
from scheduler.files.trigger import Trigger
from scheduler.loads.request import Request
from scheduler.state.reads import Reads
from scheduler.timers import Timers

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

QUIET = "files_quiet"
"""Kind of the timer that ends the wait for further files."""
LISTING = "files_listing"
"""Kind of the timer that goes on with a listing."""
CHUNKS_PER_CALL = 50
"""Chunks of 100 files that one invocation lists and notes: some 30 s of its 60."""
REDRIVEN_AT_ONCE = 99
"""A transaction has at most 100 items (dynamodb service model, TransactWriteItemList)."""
LEASE_SECONDS = 90
"""How long an invocation may work on a batch: longer than the function's time limit, which is 60 s."""
SWEEP_GRACE_SECONDS = 120
"""How long after the quiet time the sweep takes a timer for lost."""


class Files:
    """`ask` asks for a run, once for each load and occurrence; `reads` knows the loads and their runs."""

    def __init__(
        self,
        table: FileTable,
        s3: "S3Client",
        api: DataApi,
        timers: Timers,
        reads: Reads,
        ask: Callable[[Request], object],
        name_prefix: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = FileStore(table, now)
        self._noting = Noting(self._store, LEASE_SECONDS, now)
        manifests = Manifests(s3)
        self._claims = Claims(self._store, manifests, ask, now)
        self._failures = Failures(self._store, manifests, LoadErrors(api, name_prefix), ask, reads.occurrence)
        self._timers = timers
        self._s3 = s3
        self._reads = reads
        self._now = now

    def note(self, records: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, str]]]:
        """Notes the messages of one invocation; returns those that SQS delivers again.

        https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
        """
        again: list[str] = []
        by_load: dict[str, list[tuple[str, LandedFile]]] = {}
        for record in records:
            try:
                load, file = parse_message(record["body"])
            except InputError as error:
                log("ERROR", "message not understood", message_id=record["messageId"], reason=str(error))
                again.append(record["messageId"])  # until it is in the dead-letter queue
                continue
            by_load.setdefault(load, []).append((record["messageId"], file))
        for load, messages in by_load.items():
            for start in range(0, len(messages), FILES_PER_BATCH):
                again += self._note(load, messages[start : start + FILES_PER_BATCH])
        return {"batchItemFailures": [{"itemIdentifier": message} for message in again]}

    def _note(self, load: str, messages: list[tuple[str, LandedFile]]) -> list[str]:
        """Notes files of one load; returns the messages that must come again."""
        ids = [message_id for message_id, _ in messages]
        try:
            trigger = self._trigger(load)
            result = self._noting.note(load, [file for _, file in messages])
            self._go_on(load, trigger)
        except Exception as error:  # one load's trouble must not keep the messages of others
            if not isinstance(error, RelayError):
                log("ERROR", "files not noted", load=load, error=type(error).__name__, reason=str(error))
            else:
                log("ERROR", "files not noted", load=load, reason=str(error))
            return ids
        log("INFO", "files noted", load=load, new=result.new, known=len(ids) - result.new - len(result.again))
        return [ids[index] for index in result.again]

    def _go_on(self, load: str, trigger: Trigger) -> None:
        """Makes full manifests and arms the timer for the rest: also if all was noted by a call that died after it."""
        self._claims.make(load, trigger, everything=False)
        waiting = self._store.waiting(load)
        if waiting:
            newest = max(waiting, key=lambda batch: batch.landed_at)
            quiet_at = min(newest.landed_at, self._now()) + trigger.quiet_seconds
            # Delays are whole seconds: too late by less than one, never too early.
            self._timers.send(QUIET, max(0, int(quiet_at - self._now() + 0.999)), load=load, batch=newest.id)

    def timer(self, kind: str, what: Mapping[str, Any]) -> None:
        """A timer of files has ended; raises InputError if the load has no files any more."""
        load = str(what["load"])
        if kind == QUIET:
            self._claims.make_when_quiet(load, self._trigger(load), str(what["batch"]))
        elif kind == LISTING:
            self._list(load, str(what["prefix"]), str(what["after"]))

    def run(self, load: str, uri: str) -> dict[str, int]:
        """Loads what is in the bucket under an address, except for what was noted before; returns how many files.

        Raises InputError if the bucket cannot be listed, or if there is nothing to load.
        """
        trigger = self._trigger(load)
        listed, new, more = self._list(load, prefix_of(uri, trigger), "")
        if not new and not more:
            reason = f"all {listed} files were noted before" if listed else f"none matches {trigger.pattern!r}"
            raise InputError("files", f"nothing to load under {uri!r}: {reason}")
        return {"listed": listed, "new": new}

    def _list(self, load: str, prefix: str, after: str) -> tuple[int, int, bool]:
        """Notes what is listed and makes manifests of it; (listed, new, whether a timer goes on)."""
        trigger = self._trigger(load)
        listed = new = 0
        for number, chunk in enumerate(chunks(self._s3, trigger, prefix, after), start=1):
            new += self._noting.note(load, chunk.files).new
            listed += len(chunk.files)
            if number == CHUNKS_PER_CALL:
                self._timers.send(LISTING, 0, load=load, prefix=prefix, after=chunk.after)
                self._claims.make(load, trigger, everything=False)
                return listed, new, True
        self._claims.make(load, trigger, everything=True)
        return listed, new, False

    def redrive(self, load: str) -> dict[str, int]:
        """Loads the files that were set aside; returns how many. Raises InputError if there are none."""
        trigger = self._trigger(load)
        asides = list(self._store.asides(load).items())
        if not asides:
            raise InputError("load", f"no file of {load!r} is set aside")
        for start in range(0, len(asides), REDRIVEN_AT_ONCE):
            self._store.redrive(load, dict(asides[start : start + REDRIVEN_AT_ONCE]))
        self._claims.make(load, trigger, everything=True)
        return {"redriven": len(asides)}

    def sweep(self) -> None:
        """Does what a lost timer or a killed invocation left."""
        for definition in self._reads.definitions():
            if definition.files:
                trigger = Trigger.parse(definition.name, definition.files)
                waiting = self._store.waiting(definition.name)
                newest = max((batch.landed_at for batch in waiting), default=0)
                overdue = bool(waiting) and newest + trigger.quiet_seconds + SWEEP_GRACE_SECONDS < self._now()
                if overdue or self._store.head(definition.name).claim:
                    self._claims.make(definition.name, trigger, everything=overdue)

    def loaded(self, request: Request) -> None:
        """The run of a request with files has finished."""
        if request.files:
            self._failures.loaded(request)

    def failed(self, request: Request, error: str) -> tuple[str, ...] | None:
        """The last attempt has failed; the files set aside, or None if that is not known yet."""
        return self._failures.failed(request, error)

    def _trigger(self, load: str) -> Trigger:
        definition = self._reads.definition(load)
        return Trigger.parse(load, definition.files if definition else None)
