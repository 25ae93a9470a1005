"""The statements of the last 24 hours, and the client tokens of the last 8."""

from __future__ import annotations

import itertools
import json
import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from local_cloud.redshift_data.caller import Caller
from local_cloud.redshift_data.config import CloudConfig
from local_cloud.redshift_data.errors import ApiError, ValidationError
from local_cloud.redshift_data.runner import Runner
from local_cloud.redshift_data.statement import ACTIVE, Part, Statement
from local_cloud.redshift_data.targets import Target
from local_cloud.redshift_data.wire.service_model import JSON

if TYPE_CHECKING:
    from local_cloud.redshift.warehouse import Warehouse

TOKEN_KEPT = timedelta(hours=8)


class Statements:
    """The store. `announce` is called after each statement with WithEvent."""

    def __init__(self, warehouse: Warehouse, config: CloudConfig, announce: Callable[[Statement], None]) -> None:
        self._config = config
        self._lock = threading.RLock()
        self._runner = Runner(warehouse, config.workers, self._lock, announce)
        self._statements: dict[str, Statement] = {}
        self._tokens: dict[tuple[str, str, str], tuple[str, str, datetime]] = {}
        self._sequence = itertools.count(1)

    def submit(
        self,
        caller: Caller,
        target: Target,
        db_user: str,
        sqls: Sequence[str],
        *,
        batch: bool = False,
        name: str | None = None,
        with_event: bool = False,
        parameters: dict[str, str] | None = None,
        token: str | None = None,
        fingerprint: str = "",
    ) -> Statement:
        """Start a statement; a repeated token returns the statement that it started."""
        now = datetime.now(UTC)
        with self._lock:
            self._forget(now)
            if known := self._known_token(caller, token, fingerprint):
                return known
            if sum(1 for one in self._statements.values() if one.status in ACTIVE) >= self._config.max_active:
                message = f"Active statements exceeded the allowed quota ({self._config.max_active})."
                raise ApiError("ActiveStatementsExceededException", message)
            statement = Statement(
                id=str(uuid.uuid4()),
                sql=sqls[0],
                created=now,
                updated=now,
                sequence=next(self._sequence),
                caller=caller,
                target=target,
                db_user=db_user,
                name=name,
                with_event=with_event,
                parameters=parameters or {},
                batch=batch,
            )
            if batch:
                statement.parts = [Part(f"{statement.id}:{n}", sql, now, now) for n, sql in enumerate(sqls, 1)]
            self._statements[statement.id] = statement
            if token:
                self._tokens[caller.region, caller.owner, token] = (fingerprint, statement.id, now)
        self._runner.submit(statement)
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

    def age(self, statement_id: str, seconds: float) -> bool:
        """Move the end of a statement into the past, for tests; False if it is unknown or active."""
        with self._lock:
            statement = self._statements.get(statement_id)
            if statement is None or statement.status in ACTIVE:
                return False
            statement.updated -= timedelta(seconds=seconds)
        return True

    def newest_first(self) -> list[Statement]:
        """All statements that have not expired."""
        with self._lock:
            self._forget(datetime.now(UTC))
            return sorted(self._statements.values(), key=lambda one: -one.sequence)

    def cancel(self, statement: Statement) -> None:
        """Cancel a statement and wait until it has ended. Raises ValidationError if it had ended before."""
        self._runner.cancel(statement)

    def stop(self) -> None:
        """Cancel running statements and end the workers."""
        self._runner.stop(self.newest_first())


def fingerprint(request: JSON) -> str:
    """What must be equal when a ClientToken is repeated."""
    return json.dumps({key: value for key, value in request.items() if key != "ClientToken"}, sort_keys=True)
