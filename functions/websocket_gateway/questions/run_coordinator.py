"""Starts, cancels and ends runs: one in flight per question, the next one when it is wanted, and none twice."""

import time
from dataclasses import dataclass

from relay.data_api import DataApi
from relay.errors import CallFailed, RelayError
from relay.log import log
from relay.names import client_token
from websocket_gateway.connections.persons import Persons
from websocket_gateway.deliver_function import DeliverFunction
from websocket_gateway.errors import ClientError
from websocket_gateway.questions.data_versions import DataVersion, DataVersions
from websocket_gateway.questions.latest_run import FINISHED, Definition, LatestRun
from websocket_gateway.questions.passes import Pass
from websocket_gateway.questions.question_store import QuestionStore
from websocket_gateway.questions.run import Run
from websocket_gateway.questions.run_slots import RunSlots
from websocket_gateway.settings import Settings

CACHE_SECONDS = 22 * 3600
"""How long an answer stays cached when events tell that data changed: Redshift keeps results for 24 hours."""
PERMANENT_ERRORS = ("ValidationException", "AccessDeniedException", "ResourceNotFoundException", "ParamValidationError")
"""Codes of ExecuteStatement that another attempt would not change; the sweep retries whatever else goes wrong."""

THROTTLED = "ThrottlingException"
"""The code after which more calls of the same operation are in vain for now."""


ANY_ATTEMPT = 0
"""Below the first attempt at any question."""


@dataclass(frozen=True)
class Outlook:
    """The run that answers a request, and whether its answer is there already; `run_id` is empty while none is known.

    `min_attempt` is the earliest attempt that may answer it. `is_first`: nobody has asked this question before.
    """

    run_id: str
    is_cached: bool
    min_attempt: int
    is_first: bool = False


class RunCoordinator:
    """Runs of questions at one warehouse."""

    def __init__(
        self,
        questions: QuestionStore,
        versions: DataVersions,
        api: DataApi,
        settings: Settings,
        deliver_function: DeliverFunction,
        slots: RunSlots,
        persons: Persons,
    ) -> None:
        self._questions = questions
        self._versions = versions
        self._slots = slots
        self._persons = persons
        self._api = api
        self._settings = settings
        self._deliver_function = deliver_function

    def look(self, question: str, version: DataVersion, max_age: int | None, resume: str, person: str) -> Outlook:
        """What a request of now can expect: an earlier answer may be too old for it.

        Raises ClientError if a run is needed and a person may start none now.
        """
        seen = self._questions.read(question)
        if seen and seen.is_in_flight:
            return Outlook(seen.run.id, is_cached=False, min_attempt=seen.run.attempt)
        if seen and self._is_cached(seen, version, max_age, resume):
            return Outlook(seen.run.id, is_cached=True, min_attempt=seen.run.attempt)
        self._slots.check(person)
        return Outlook("", is_cached=False, min_attempt=seen.run.attempt + 1 if seen else ANY_ATTEMPT)

    def ensure_run(
        self,
        question: str,
        definition: Definition,
        version: DataVersion,
        max_age: int | None = None,
        resume: str = "",
        person: str = "",
    ) -> Outlook:
        """Makes sure that there is an answer no older than a data version, or a run in flight that will be one.

        The waiter must be stored before. Whoever finds a cached answer has to deliver it. Raises ClientError if a run
        is needed and no slot is free.
        """
        while True:
            seen = self._questions.read(question)
            if seen and seen.is_in_flight:
                if self.ensure_version(seen, version):
                    return Outlook(seen.run.id, is_cached=False, min_attempt=seen.run.attempt)
            elif seen and self._is_cached(seen, version, max_age, resume):
                return Outlook(seen.run.id, is_cached=True, min_attempt=seen.run.attempt)
            elif run := self._claim(question, definition, self._next_version(definition, seen, version), seen, person):
                self.start(run, definition)
                return Outlook(run.id, is_cached=False, min_attempt=run.attempt, is_first=seen is None)
            # The question has changed meanwhile, and the data may have changed too.
            version = self._versions.current(definition.refreshed_by)

    def _claim(
        self, question: str, definition: Definition, version: DataVersion, seen: LatestRun | None, person: str
    ) -> Run | None:
        """Takes a slot and claims the next run with it; None if the question has changed since it was `seen`."""
        slot = self._slots.take(question, person)
        try:
            self._persons.charge(person)
        except ClientError:
            self._slots.release(slot)
            raise
        run = self._questions.claim(question, definition, version, seen, slot)
        if run is None:
            self._slots.release(slot)
            self._persons.refund(person)
        return run

    def _next_version(self, definition: Definition, ended: LatestRun | None, version: DataVersion) -> DataVersion:
        """The version of the next run: the current one, where earlier data changes already count on this run."""
        return self._versions.current(definition.refreshed_by) if ended and ended.has_next_version else version

    def ensure_version(self, seen: LatestRun, version: DataVersion) -> bool:
        """Makes sure that the run in flight has a data version, or that a run which has it follows; False if it has
        ended."""
        # The run that follows takes the version that is current by then.
        has_version = seen.run.version >= version.number or seen.has_next_version
        return has_version or self._questions.set_wanted_version(seen, version.number)

    def cancel(self, latest: LatestRun, reason: str) -> bool:
        """Cancels the statement of a run in flight; its completion event does the rest. False if Redshift
        throttles: more calls are in vain for now.

        A run without a statement is cancelled by the function that starts it, which sees the reason.
        """
        noted = self._questions.set_cancel_reason(latest, reason)
        return noted is None or self.cancel_statement(noted.statement)

    def mark_ended(self, run: Run, state: str, statement: str, owner: str) -> tuple[LatestRun | None, Pass | None]:
        """Marks a run as ended, once or again, and begins the pass that delivers it, unless an older one is at work.

        None if a later run has taken its place.
        """
        if one := self._questions.mark_ended_and_pass(run, state, statement, owner):
            return one.run, one
        latest = self._questions.mark_ended(run, state, statement) or self._questions.read(run.question)
        return latest if latest and latest.run == run and not latest.is_in_flight else None, None

    def _is_cached(self, latest: LatestRun, version: DataVersion, max_age: int | None, resume: str) -> bool:
        """Whether the answer of the latest run is recent enough.

        Without events nobody knows when data changes, so answers are cached only if the query has a `max_age`. A client
        that resumes a run gets the rest of it in any case.
        """
        if latest.state != FINISHED or latest.run.version < version.number:
            return False
        allowed = max_age if max_age is not None else CACHE_SECONDS if self._settings.versioned else 0
        if resume == latest.run.id:
            allowed = CACHE_SECONDS
        return time.time() - latest.ended / 1000 < min(allowed, CACHE_SECONDS)

    def start(self, run: Run, definition: Definition) -> None:
        """Starts a claimed run. If a killed function started it already, the token returns that statement."""
        name = run.statement_name(self._settings.name_prefix)
        try:
            statement = self._api.execute(definition.sql, name, client_token(str(name)), dict(definition.bound))
        except RelayError as error:
            log("ERROR", "query not started", statement_name=str(name), reason=str(error))
            if isinstance(error, CallFailed) and error.code not in PERMANENT_ERRORS:
                return
            self.give_up(run)
            return
        log("INFO", "query started", statement_name=str(name), statement_id=statement)
        noted = self._questions.mark_running(run, statement)
        if noted and noted.reason:
            self.cancel_statement(statement)

    def give_up(self, run: Run) -> None:
        """Ends a run that was never started."""
        if latest := self._questions.mark_not_started(run):
            self.release(latest)
            self._deliver_function.deliver(run.question)

    def release(self, latest: LatestRun) -> None:
        """Releases the slot of a run that has ended; another run takes it."""
        if latest.slot:
            self._slots.release(latest.slot)

    def abandon(self, latest: LatestRun) -> None:
        """Holds the slot of a run that has ended although its statement cannot be cancelled, until that has ended."""
        log("ERROR", "statement cannot be cancelled", statement_id=latest.statement, run=latest.run.id)
        self._slots.keep_for_statement(latest.slot, latest.statement)

    def cancel_statement(self, statement: str) -> bool:
        """Cancels a statement, if there is one; False if Redshift throttles.

        Otherwise it has ended, and its completion event is on the way, or the sweep tries again: CancelStatement
        connects to the warehouse (service model: DatabaseConnectionException, QueryTimeoutException).
        """
        if not statement:
            return True
        try:
            self._api.cancel(statement)
        except CallFailed as error:
            log("INFO", "statement not cancelled", statement_id=statement, reason=str(error))
            return error.code != THROTTLED
        return True
