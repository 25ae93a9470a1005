"""Runs statements for an apply and waits for their end, as terraform apply waits for this function.

The same apply may have created the role of this function, so every call is retried while IAM propagates its policies.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from relay.actions import Context
from relay.data_api import DataApi, Statement
from relay.errors import CallFailed, RelayError
from relay.events import ENDED
from relay.iam_propagation import retry_until_authorized
from relay.names import Kind, StatementName, client_token
from warehouse_objects.transactions import DIRECTIVE

T = TypeVar("T")
_MARGIN_MS = 15_000
"""Time kept to cancel and report before Lambda ends the invocation."""
CONTINUE = "Apply again to continue after the files that ran."
"""What to do when the function's time, which is Lambda's maximum, is up: earlier files may have used it."""
SPLIT = (
    f"{CONTINUE} If the transaction alone takes longer than 15 minutes, split it (add some files in a later apply),"
    f" or add {DIRECTIVE!r} as the first line of the long file."
)


class ObjectsFailed(RelayError):
    """A file or the history failed in Redshift; the message says what of this apply stays in the warehouse."""


class TimeLimitExceeded(RelayError):
    """The function's time was nearly up: a transaction is cancelled, a nontransactional statement goes on."""


@dataclass(frozen=True)
class Runner:
    """Statements of one invocation, under one prefix."""

    api: DataApi
    prefix: str
    context: Context

    def query(self, sql: str, **parameters: str) -> list[dict[str, object]]:
        """The rows of a query about the history; raises RelayError."""
        name = StatementName(self.prefix, Kind.HISTORY, self.context.aws_request_id)
        token = client_token(str(name), sql, str(time.time_ns()))  # never the result of an earlier read
        ended = self._wait_or_cancel(self._call(lambda: self.api.execute(sql, name, token, parameters)), CONTINUE)
        if ended.status != "FINISHED":
            raise ObjectsFailed(f"the history of objects cannot be read: {ended.error or ended.status}")
        return self._call(lambda: [dict(row) for row in self.api.rows(ended.id)])

    def run_transaction(self, sqls: Sequence[str], advice: str) -> Statement:
        """Runs statements in one transaction, to its end; raises RelayError, with the advice if time runs out."""
        name = StatementName(self.prefix, Kind.OBJECTS, self.context.aws_request_id)
        token = client_token(str(name), *sqls, str(time.time_ns()))  # a failed transaction must be able to run again
        return self._wait_or_cancel(self._call(lambda: self.api.execute_batch(sqls, name, token)), advice)

    def run_nontransactional(self, sql: str, file: str, token: str) -> Statement:
        """Runs a statement outside a transaction, to its end; raises RelayError.

        For eight hours the same token returns the statement that it started before, and starts none. So the statement
        need not be cancelled when the function's time is up.
        """
        name = StatementName(self.prefix, Kind.OBJECTS, f"{file}/{token[:12]}")  # the same token, the same request
        statement_id = self._call(lambda: self.api.execute(sql, name, token))
        if ended := self._wait(statement_id):
            return ended
        raise TimeLimitExceeded(f"{file} still runs as statement {statement_id}. Apply again to wait for it.")

    def _wait_or_cancel(self, statement_id: str, advice: str) -> Statement:
        """Waits, and cancels a statement that does not end in time."""
        if ended := self._wait(statement_id):
            return ended
        raise TimeLimitExceeded(f"{self._cancel(statement_id)}. {advice}")

    def _wait(self, statement_id: str) -> Statement | None:
        """Polls with growing pauses (AWS allows 100 DescribeStatement calls a second for the whole account); None when
        the function's time is nearly up."""
        pause = 0.1
        while True:
            statement = self._call(lambda: self.api.describe(statement_id))
            if statement.status in ENDED:
                return statement
            if self.context.get_remaining_time_in_millis() < _MARGIN_MS:
                return None
            time.sleep(pause)
            pause = min(pause * 1.5, 2.0)

    def _call(self, make: Callable[[], T]) -> T:
        return retry_until_authorized(make, self.context)

    def _cancel(self, statement_id: str) -> str:
        try:
            self.api.cancel(statement_id)
        except CallFailed as error:
            # It may still succeed: the next apply reads in the history which files ran.
            return f"statement {statement_id} exceeded the time limit and could not be cancelled ({error})"
        return f"statement {statement_id} exceeded the time limit and was cancelled"
