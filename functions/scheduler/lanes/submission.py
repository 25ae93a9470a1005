"""Hands the frozen statement of a claimed occurrence to Redshift, once however often it is repeated.

The ClientToken starts nothing twice for 8 hours. After that, and until Redshift forgets a statement after 24 hours, the
statement is found by its name.
"""

from datetime import UTC, datetime, timedelta

from relay.data_api import DataApi
from relay.errors import CallFailed, InputError, RelayError
from relay.iam_propagation import may_be_propagating
from relay.log import log
from relay.names import StatementName, client_token
from scheduler.loads.definition import Definition
from scheduler.loads.parameters import bound
from scheduler.retried_errors import PASSING_CODES
from scheduler.state.occurrence import Occurrence

PROPAGATION = timedelta(minutes=3)
"""How long a missing permission may be one that IAM does not know everywhere yet."""


class NotYet(RelayError):
    """Redshift may accept the statement later."""


class Refused(RelayError):
    """Redshift does not accept the statement, now or later; `field` names what has to change."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def freeze(prefix: str, definition: Definition, waiting: Occurrence, at: str) -> dict[str, object]:
    """What a claim keeps, so that every repetition submits the same; raises InputError."""
    request, attempt = waiting.request, waiting.attempt
    waited = datetime.fromisoformat(at) - datetime.fromisoformat(waiting.requested_at)
    return {
        "waited_seconds": waited.total_seconds() if attempt == 1 else waiting.waited_seconds,
        "sqls": definition.sqls,
        "batch": definition.batch,
        "bound": bound(definition, request),
        "statement_name": str(StatementName.of_load(prefix, request.load, request.occurrence, attempt)),
        "token": client_token(prefix, request.load, request.occurrence, str(attempt)),
        "attempts": max(definition.retries + 1, attempt),
        "timeout_minutes": definition.timeout_minutes,
        "claimed_at": at,
        "error": None,
    }


def find(api: DataApi, claimed: Occurrence) -> str | None:
    """The id of the statement of a claimed occurrence, whatever its state; None if Redshift does not know it."""
    name = claimed.statement_name or ""
    return next((found.id for found in api.listed(name, ("ALL",)) if found.name == name), None)


def submit(api: DataApi, prefix: str, claimed: Occurrence) -> str:
    """Starts the statement and returns its id. Raises NotYet or Refused."""
    request = claimed.request
    name = StatementName.of_load(prefix, request.load, request.occurrence, claimed.attempt)
    try:
        if claimed.batch:
            statement_id = api.execute_batch(claimed.sqls, name, claimed.token or "", with_event=True)
        else:
            statement_id = api.execute(claimed.sqls[0], name, claimed.token or "", claimed.bound)
    except InputError as error:
        raise Refused(error.field, str(error)) from error
    except CallFailed as error:
        log("ERROR", "load not accepted", statement_name=str(name), reason=str(error))
        waited = datetime.now(UTC) - datetime.fromisoformat(claimed.claimed_at or "")
        propagating = may_be_propagating(error) and waited < PROPAGATION
        if error.code in PASSING_CODES or propagating:
            raise NotYet(str(error)) from error
        raise Refused("statements" if claimed.batch else "sql", str(error)) from error
    log("INFO", "load started", statement_name=str(name), statement_id=statement_id)
    return statement_id
