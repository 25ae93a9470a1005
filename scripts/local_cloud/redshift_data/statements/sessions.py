"""Database sessions that outlive a statement: SessionKeepAliveSeconds and SessionId.

A session runs one statement at a time. Another one is refused when it is submitted (measured: awslabs/mcp,
src/redshift-mcp-server, transactions.py; its text is not known). The session closes `keep_alive` seconds after its last
statement, and at the latest after 24 hours (API reference of ExecuteStatement).
"""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from local_cloud.redshift_data.caller import Caller
from local_cloud.redshift_data.errors import ValidationError
from local_cloud.redshift_data.quotas import Quotas
from local_cloud.redshift_data.targets import Target

if TYPE_CHECKING:
    from local_cloud.redshift.session import Session

LONGEST = timedelta(hours=24)

# Both texts were measured: https://github.com/awslabs/mcp/issues/4587.
_UNKNOWN = "Session with Id: {} is invalid"
_NOT_AVAILABLE = "Session is not available"


@dataclass
class KeptSession:
    """A session and, once its first statement runs, its database connection."""

    caller: Caller
    target: Target
    db_user: str
    keep_alive: int
    created: datetime
    updated: datetime
    statement_id: str | None = None
    closed: bool = False
    connection: Session | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def status(self) -> str:
        """AVAILABLE, BUSY or CLOSED."""
        return "CLOSED" if self.closed else "BUSY" if self.statement_id else "AVAILABLE"

    @property
    def expires(self) -> datetime:
        """When the session closes, unless another statement prolongs it."""
        last = self.created + LONGEST
        return last if self.statement_id else min(last, self.updated + timedelta(seconds=self.keep_alive))


class KeptSessions:
    """The sessions of the last 24 hours. `lock` guards them; connections are closed outside of it."""

    def __init__(self, lock: threading.RLock, quotas: Quotas) -> None:
        self._lock = lock
        self._quotas = quotas
        self._sessions: dict[str, KeptSession] = {}

    def open(self, caller: Caller, target: Target, db_user: str, keep_alive: int) -> KeptSession:
        """A new session. Raises ActiveSessionsExceededException."""
        now = datetime.now(UTC)
        with self._lock:
            active = sum(not one.closed and one.target.arn == target.arn for one in self._sessions.values())
            self._quotas.check_active("active_sessions", active, "ActiveSessionsExceededException", "Active sessions")
            session = KeptSession(caller, target, db_user, keep_alive, now, now)
            self._sessions[session.id] = session
        return session

    def find(self, session_id: str, owner: str) -> KeptSession:
        """The owner's session. Raises ValidationError if it never existed."""
        with self._lock:
            session = self._sessions.get(session_id)
        if session is None or session.caller.owner != owner:
            raise ValidationError(_UNKNOWN.format(session_id))
        return session

    def occupy(self, session: KeptSession, statement_id: str, keep_alive: int | None) -> None:
        """Reserve the session for a statement. Raises ValidationError unless it is AVAILABLE."""
        with self._lock:
            if session.status != "AVAILABLE" or session.expires <= datetime.now(UTC):
                raise ValidationError(_NOT_AVAILABLE)
            session.statement_id, session.updated = statement_id, datetime.now(UTC)
            session.keep_alive = session.keep_alive if keep_alive is None else keep_alive

    def release(self, session: KeptSession) -> None:
        """The session's statement has ended. The session closes if its time is up or it could not connect."""
        with self._lock:
            session.statement_id, session.updated = None, datetime.now(UTC)
            session.closed = session.closed or session.connection is None or session.keep_alive == 0
        if session.closed and session.connection is not None:
            session.connection.close()

    def owned(self, caller: Caller, *, role_level: bool) -> list[KeptSession]:
        """The caller's sessions, the newest first: of the role, or of this IAM session only."""
        with self._lock:
            known = sorted(self._sessions.values(), key=lambda one: one.created, reverse=True)
        if role_level:
            return [one for one in known if one.caller.owner == caller.owner]
        return [one for one in known if one.caller.arn == caller.arn]

    def close_expired(self, *, everything: bool = False) -> list[KeptSession]:
        """Close what has expired, and forget what is older than 24 hours. Returns what still runs a statement."""
        now = datetime.now(UTC)
        with self._lock:
            ended = [one for one in self._sessions.values() if not one.closed and (everything or one.expires <= now)]
            for session in ended:
                session.closed, session.updated = True, now
            self._sessions = {
                key: one for key, one in self._sessions.items() if not one.closed or now - one.created < LONGEST
            }
        for session in ended:
            if session.statement_id is None and session.connection is not None:
                session.connection.close()
        return [one for one in ended if one.statement_id is not None]
