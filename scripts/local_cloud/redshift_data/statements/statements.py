"""The statements of the last 24 hours, and the client tokens of the last 8."""

from __future__ import annotations

import itertools
import json
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from local_cloud.redshift_data.caller import Caller
from local_cloud.redshift_data.config import CloudConfig
from local_cloud.redshift_data.errors import ValidationError
from local_cloud.redshift_data.quotas import Quotas
from local_cloud.redshift_data.statements.runner import Runner
from local_cloud.redshift_data.statements.sessions import KeptSession, KeptSessions
from local_cloud.redshift_data.statements.statement import ACTIVE, RESULT_KEPT, Part, Statement
from local_cloud.redshift_data.targets import Target
from local_cloud.redshift_data.wire.service_model import JSON

if TYPE_CHECKING:
    from local_cloud.redshift.warehouse import Warehouse

TOKEN_KEPT = timedelta(hours=8)
# The text was measured: https://github.com/pulumi/pulumi-aws/issues/2055.
_EXPIRED = "Could not retrieve the query result as it has expired after {}."


@dataclass(frozen=True)
class Submission:
    """What ExecuteStatement or BatchExecuteStatement submits. A batch runs in one transaction unless `auto_commit`."""

    caller: Caller
    target: Target
    db_user: str
    sqls: Sequence[str]
    batch: bool = False
    auto_commit: bool = False
    name: str | None = None
    with_event: bool = False
    csv: bool = False
    parameters: dict[str, str] = field(default_factory=dict)
    session: KeptSession | None = None
    keep_alive: int | None = None
    token: str | None = None
    fingerprint: str = ""


class Statements:
    """The store. `announce` is called after each statement with WithEvent."""

    def __init__(self, warehouse: Warehouse, config: CloudConfig, announce: Callable[[Statement], None]) -> None:
        self._config = config
        self._lock = threading.RLock()
        self.quotas = Quotas()
        self.sessions = KeptSessions(self._lock, self.quotas)
        self._runner = Runner(warehouse, config, self._lock, self.sessions, announce)
        self._statements: dict[str, Statement] = {}
        self._expired: dict[str, tuple[str, datetime]] = {}
        self._tokens: dict[tuple[str, str, str], tuple[str, str, datetime]] = {}
        self._sequence = itertools.count(1)
        self._stopped = threading.Event()
        threading.Thread(target=self._tidy_up, name="data-api-tidy-up", daemon=True).start()

    def submit(self, submission: Submission) -> Statement:
        """Start a statement; a repeated token returns the statement that it started."""
        now = datetime.now(UTC)
        caller, token = submission.caller, submission.token
        with self._lock:
            self._forget(now)
            if known := self._known_token(caller, token, submission.fingerprint):
                return known
            here = [one for one in self._statements.values() if one.target.arn == submission.target.arn]
            active = sum(one.status in ACTIVE for one in here)
            self.quotas.check_active(
                "active_statements", active, "ActiveStatementsExceededException", "Active statements"
            )
            statement = self._new_statement(submission, now)
            self._statements[statement.id] = statement
            if token:
                self._tokens[caller.region, caller.owner, token] = (submission.fingerprint, statement.id, now)
        self._runner.submit(statement)
        return statement

    def _new_statement(self, submission: Submission, now: datetime) -> Statement:
        session, keep_alive = submission.session, submission.keep_alive
        if session is None and keep_alive:
            session = self.sessions.open(submission.caller, submission.target, submission.db_user, keep_alive)
        statement = Statement(
            id=str(uuid.uuid4()),
            sql=submission.sqls[0],
            created=now,
            updated=now,
            sequence=next(self._sequence),
            caller=submission.caller,
            target=submission.target,
            db_user=submission.db_user,
            name=submission.name,
            with_event=submission.with_event,
            parameters=submission.parameters,
            batch=submission.batch,
            auto_commit=submission.auto_commit,
            csv=submission.csv,
            kept=session,
        )
        if submission.batch:
            statement.parts = [Part(f"{statement.id}:{n}", sql, now, now) for n, sql in enumerate(submission.sqls, 1)]
        if session is not None:
            self.sessions.occupy(session, statement.id, keep_alive)
        return statement

    def _known_token(self, caller: Caller, token: str | None, fingerprint: str) -> Statement | None:
        known = self._tokens.get((caller.region, caller.owner, token)) if token else None
        if known is None:
            return None
        if known[0] != fingerprint:
            raise ValidationError("The ClientToken was already used with different request parameters.")
        return self._statements.get(known[1])

    def _forget(self, now: datetime) -> None:
        self._tokens = {key: kept for key, kept in self._tokens.items() if now - kept[2] < TOKEN_KEPT}
        for statement in [one for one in self._statements.values() if one.expires < now and one.status not in ACTIVE]:
            del self._statements[statement.id]
            self._expired[statement.id] = (statement.caller.owner, statement.expires)

    def find(self, statement_id: str) -> tuple[Statement, Part] | None:
        """The statement, and the part that the id names (`<id>:<n>` is the n-th of a batch)."""
        whole, _, number = statement_id.partition(":")
        with self._lock:
            self._forget(datetime.now(UTC))
            statement = self._statements.get(whole)
        if statement is None:
            return None
        if not number:
            return statement, statement
        part = next((one for one in statement.parts if one.id == statement_id), None)
        return (statement, part) if part else None

    def check_not_expired(self, statement_id: str, owner: str) -> None:
        """Raises ValidationError for a statement of this owner that has expired."""
        whole_owner, expired = self._expired.get(statement_id.partition(":")[0], (None, None))
        if expired is not None and whole_owner == owner:
            raise ValidationError(_EXPIRED.format(int(expired.timestamp())))

    def age(self, statement_id: str, seconds: float) -> bool:
        """Move the end of a statement into the past, for tests; False if it is unknown or active."""
        return self._backdate(statement_id, lambda one: _shift(one, ended=timedelta(seconds=seconds)))

    def expire(self, statement_id: str) -> bool:
        """Let a statement expire now, for tests; False if it is unknown or active."""
        return self._backdate(statement_id, lambda one: _shift(one, ended=RESULT_KEPT, created=RESULT_KEPT))

    def _backdate(self, statement_id: str, shift: Callable[[Statement], None]) -> bool:
        with self._lock:
            statement = self._statements.get(statement_id)
            if statement is None or statement.status in ACTIVE:
                return False
            shift(statement)
        return True

    def newest_first(self) -> list[Statement]:
        """All statements that have not expired."""
        with self._lock:
            self._forget(datetime.now(UTC))
            return sorted(self._statements.values(), key=lambda one: -one.sequence)

    def begin_wait(self, part: Part) -> None:
        """Count a request that waits for this part. Raises ActiveWaitingRequestsExceededException."""
        code = "ActiveWaitingRequestsExceededException"
        with self._lock:
            self.quotas.check_active("waiting_requests", part.waiting, code, "Active waiting requests")
            part.waiting += 1

    def end_wait(self, part: Part) -> None:
        """The opposite of `begin_wait`."""
        with self._lock:
            part.waiting -= 1

    def cancel(self, statement: Statement) -> None:
        """Cancel a statement and wait until it has ended. Raises ValidationError if it had ended before."""
        self._runner.cancel(statement)

    def stop(self) -> None:
        """Cancel running statements, close the sessions and end the workers."""
        self._stopped.set()
        self._runner.stop(self.newest_first())
        self.sessions.close_expired(everything=True)

    def _tidy_up(self) -> None:
        """Close sessions in time, and cancel statements that exceed 24 hours."""
        while not self._stopped.wait(self._config.tidy_up_seconds):
            ended = {one.statement_id for one in self.sessions.close_expired()}
            with self._lock:
                running = list(self._statements.values())
            self._runner.end_overdue([one for one in running if one.status in ACTIVE], ended)


def _shift(statement: Statement, *, ended: timedelta, created: timedelta = timedelta(0)) -> None:
    statement.updated -= ended
    statement.created -= created


def fingerprint(request: JSON) -> str:
    """What must be equal when a ClientToken is repeated."""
    return json.dumps({key: value for key, value in request.items() if key != "ClientToken"}, sort_keys=True)
