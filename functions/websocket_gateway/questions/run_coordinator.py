"""Starts runs: one in flight per question, the next one when it is wanted, and none twice."""

import json
import time
from functools import cache
from typing import TYPE_CHECKING

import boto3

from relay.data_api import DataApi
from relay.errors import CallFailed, RelayError
from relay.log import log
from relay.names import client_token
from websocket_gateway.questions.question_store import FINISHED, Definition, Meta, Questions, Version
from websocket_gateway.questions.run import Run
from websocket_gateway.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

HELD_SECONDS = 22 * 3600
"""How long a held answer may serve when events tell that data changed: results are kept for 24 hours."""

REFUSED = ("ValidationException", "AccessDeniedException", "ResourceNotFoundException", "ParamValidationError")
"""Codes of ExecuteStatement that another attempt would not change; whatever else goes wrong, the sweep tries again."""


@cache
def default_lambda_client() -> "LambdaClient":
    """Made at the first use, once per process."""
    return boto3.client("lambda")


class Runs:
    """Runs of questions at one warehouse."""

    def __init__(self, questions: Questions, api: DataApi, settings: Settings, functions: "LambdaClient") -> None:
        self._questions = questions
        self._api = api
        self._settings = settings
        self._functions = functions

    def least(self, question: str, version: Version, max_age: int | None, resume: str) -> int:
        """The earliest attempt that may answer whoever asks now; an older answer may be too old for them."""
        seen = self._questions.read(question)
        if seen is None:
            return 0
        answers = seen.in_flight or self._held(seen, version, max_age, resume)
        return seen.run.attempt if answers else seen.run.attempt + 1

    def ensure(
        self, question: str, definition: Definition, version: Version, max_age: int | None = None, resume: str = ""
    ) -> tuple[str, bool]:
        """Sees to it that the question gets an answer no older than a data version.

        Returns the run that will answer, and whether its answer is held already. Whoever waits must be stored before.
        """
        while True:
            seen = self._questions.read(question)
            if seen and seen.in_flight:
                if self.wanted(seen, version):
                    return seen.run.id, False
            elif seen and self._held(seen, version, max_age, resume):
                self.deliver_soon(question)
                return seen.run.id, True
            elif run := self._questions.claim(question, definition, self._promised(seen, version), seen):
                self.start(run, definition)
                return run.id, False
            # The question has moved on meanwhile, and so may have the data.
            version = self._questions.version()

    def _promised(self, ended: Meta | None, version: Version) -> Version:
        """The version of the next run: changes that found it wanted already count on the one that is current by now."""
        return self._questions.version() if ended and ended.wanted > ended.run.version else version

    def wanted(self, seen: Meta, version: Version) -> bool:
        """Sees to it that the run in flight is of a data version, or followed by one that is; False if it has ended."""
        followed = seen.wanted > seen.run.version  # by a run of the version that is current by then
        return seen.run.version >= version.number or followed or self._questions.want(seen, version.number)

    def cancel(self, meta: Meta, reason: str) -> None:
        """Stops the statement of a run in flight; its completion tells the rest.

        A run that has no statement yet is stopped by whoever starts it, who sees the reason.
        """
        if noted := self._questions.unwanted(meta, reason):
            self._stop(noted)

    def ended(self, run: Run, state: str, statement: str) -> Meta | None:
        """Notes the end of a run, once or again; None if a later run has taken its place."""
        meta = self._questions.ended(run, state, statement) or self._questions.read(run.question)
        return meta if meta and meta.run == run and not meta.in_flight else None

    def deliver_soon(self, question: str) -> None:
        """Lets the deliver function deliver what is there, without waiting for it."""
        self.invoke({"action": "deliver", "question": question})

    def invoke(self, payload: dict[str, object]) -> None:
        """Invokes the deliver function asynchronously."""
        self._functions.invoke(
            FunctionName=self._settings.deliver_function,
            InvocationType="Event",
            Payload=json.dumps(payload).encode(),
        )

    def _held(self, meta: Meta, version: Version, max_age: int | None, resume: str) -> bool:
        """Whether the answer that is there will do.

        Without events nobody knows when data changes, so nothing is held unless the query allows an age; but who
        resumes a run goes on with it.
        """
        if meta.state != FINISHED or meta.run.version < version.number:
            return False
        allowed = max_age if max_age is not None else HELD_SECONDS if self._settings.versioned else 0
        if resume == meta.run.id:
            allowed = HELD_SECONDS
        return time.time() - meta.ended / 1000 < min(allowed, HELD_SECONDS)

    def start(self, run: Run, definition: Definition) -> None:
        """Starts a claimed run. After a killed function, the token returns the statement if it was started already."""
        name = run.statement_name(self._settings.name_prefix)
        try:
            statement = self._api.execute(definition.sql, name, client_token(str(name)), dict(definition.bound))
        except RelayError as error:
            log("ERROR", "query not started", statement_name=str(name), reason=str(error))
            if isinstance(error, CallFailed) and error.code not in REFUSED:
                return
            self.give_up(run)
            return
        log("INFO", "query started", statement_name=str(name), statement_id=statement)
        noted = self._questions.started(run, statement)
        if noted and noted.reason:
            self._stop(noted)

    def give_up(self, run: Run) -> None:
        """Lets a run end that was never started."""
        if self._questions.not_started(run):
            self.deliver_soon(run.question)

    def _stop(self, meta: Meta) -> None:
        if not meta.statement:
            return
        try:
            self._api.cancel(meta.statement)
        except CallFailed as error:
            # It has ended meanwhile, and its completion is on its way; or the sweep tries again.
            log("INFO", "statement not cancelled", statement_id=meta.statement, reason=str(error))
