"""Runs statements for an apply and waits for their end: this function alone may, since terraform apply waits for it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from relay.actions import Context
from relay.data_api import DataApi, Statement
from relay.errors import CallFailed, RelayError
from relay.events import ENDED
from relay.names import Kind, StatementName, client_token
from relay.patience import patiently

_MARGIN_MS = 15_000
"""Time kept to cancel and report before Lambda ends the invocation."""


class ObjectsFailed(RelayError):
    """Redshift refused a file, or the history; the message says what of this apply stays in the warehouse."""


class TookTooLong(RelayError):
    """The function's time was nearly up, so the statement was told to stop."""


@dataclass(frozen=True)
class Runner:
    """Statements of one invocation, under one prefix."""

    api: DataApi
    prefix: str
    context: Context

    def query(self, sql: str, **parameters: str) -> list[dict[str, object]]:
        """The rows of a query about the history; raises RelayError."""
        name = StatementName(self.prefix, Kind.HISTORY, self.context.aws_request_id)
        token = client_token(str(name), sql, str(time.time_ns()))  # a reading is never to be a remembered one
        ended = self._wait(patiently(lambda: self.api.execute(sql, name, token, parameters)))
        if ended.status != "FINISHED":
            raise ObjectsFailed(f"the history of objects cannot be read: {ended.error or ended.status}")
        return [dict(row) for row in self.api.rows(ended.id)]

    def together(self, sqls: Sequence[str]) -> Statement:
        """Runs statements in one transaction, to its end; raises RelayError."""
        name = StatementName(self.prefix, Kind.OBJECTS, self.context.aws_request_id)
        token = client_token(str(name), *sqls, str(time.time_ns()))  # a failed change must be able to run again
        return self._wait(self.api.execute_batch(sqls, name, token))

    def alone(self, sql: str, file: str, token: str) -> Statement:
        """Runs a statement outside a transaction, to its end; raises RelayError.

        For eight hours the same token tells of the statement that it started before, and starts none.
        """
        name = StatementName(self.prefix, Kind.OBJECTS, f"{file}/{token[:12]}")  # the same token, the same request
        return self._wait(self.api.execute(sql, name, token))

    def _wait(self, statement_id: str) -> Statement:
        """Polls with growing pauses: AWS allows 100 DescribeStatement calls a second for the whole account."""
        pause = 0.1
        while True:
            statement = self.api.describe(statement_id)
            if statement.status in ENDED:
                return statement
            if self.context.get_remaining_time_in_millis() < _MARGIN_MS:
                raise TookTooLong(f"{self._cancel(statement_id)}; raise the timeout of the function")
            time.sleep(pause)
            pause = min(pause * 1.5, 2.0)

    def _cancel(self, statement_id: str) -> str:
        try:
            self.api.cancel(statement_id)
        except CallFailed as error:
            # It may end well yet: the next apply reads in the history what ran.
            return f"statement {statement_id} took too long and was not cancelled ({error})"
        return f"statement {statement_id} took too long and was cancelled"
