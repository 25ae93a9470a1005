"""Asks Redshift which files of a manifest could not be loaded. It waits for nothing: the caller comes again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from relay.data_api import DataApi, Statement
from relay.errors import CallFailed, StatementNotFound
from relay.events import ENDED
from relay.log import log
from relay.names import Kind, StatementName, client_token

_HINTS = ("sys_load_error_detail", "stl_load_errors")
"""What the error of a failed COPY names: `Check 'sys_load_error_detail' system table for details.`"""
GIVE_UP = timedelta(minutes=10)
"""After this, files that cannot be asked for count as not named."""
FILE_NAME_LENGTH = 256
"""Characters of `file_name`: https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html"""

_SQL = """\
SELECT DISTINCT file_name
FROM sys_load_error_detail
WHERE session_id = CAST(:session AS INTEGER) AND start_time >= CAST(:since AS TIMESTAMP)
LIMIT 10000"""


class LoadErrors:
    """The rows of sys_load_error_detail for the runs of one name_prefix."""

    def __init__(self, api: DataApi, name_prefix: str) -> None:
        self._api = api
        self._name_prefix = name_prefix

    def named(self, statement_id: str | None, error: str, uris: Sequence[str]) -> set[str] | None:
        """Those of `uris` that Redshift names for a failed statement; None while it is being asked.

        Empty if the error is none of COPY's, or if nothing can be found out any more.
        """
        if statement_id is None or not any(hint in error for hint in _HINTS):
            return set()
        names: list[str] | None = None
        try:
            failed = self._api.describe(statement_id)
            recent = failed.updated_at is None or datetime.now(UTC) - failed.updated_at < GIVE_UP
            names = self._names(failed)
        except StatementNotFound:
            recent = False
        except CallFailed as problem:
            recent = True
            log("ERROR", "load errors not queried", statement_id=statement_id, reason=str(problem))
        if names is None:
            return None if recent else set()
        return {uri for uri in uris if any(_is(name, uri) for name in names)}

    def _names(self, failed: Statement) -> list[str] | None:
        """The names, or None while the query runs; the ClientToken keeps it from running twice."""
        name = StatementName(self._name_prefix, Kind.FILE_ERRORS, failed.id)
        since = failed.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if failed.created_at else "1970-01-01"
        parameters = {"session": str(failed.session_id), "since": since}
        question = self._api.describe(self._api.execute(_SQL, name, client_token(str(name)), parameters))
        if question.status not in ENDED:
            return None
        if question.status != "FINISHED":
            log("ERROR", "load errors not queried", statement_id=failed.id, reason=question.error)
            return []
        return [str(row["file_name"] or "").strip() for row in self._api.rows(question.id)]


def _is(name: str, uri: str) -> bool:
    """Whether a name is that of a file; long names are cut off."""
    return name == uri or (len(name) >= FILE_NAME_LENGTH and uri.startswith(name))
