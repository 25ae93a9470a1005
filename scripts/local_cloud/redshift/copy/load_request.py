"""What PostgreSQL knows about a COPY: the command, the columns and who runs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from local_cloud.redshift.copy.command import CopyCommand
from local_cloud.redshift.copy.fields import Column
from local_cloud.redshift.errors import SqlError


@dataclass(frozen=True)
class LoadRequest:
    """The request that redshift.copy sends (internal/copy.sql)."""

    command: CopyCommand
    columns: tuple[Column, ...]
    table_id: int
    table_name: str
    user_id: int
    transaction_id: int
    session_id: int
    started: datetime

    @classmethod
    def from_json(cls, request: dict[str, object]) -> LoadRequest:
        columns = request["columns"]
        command = request["command"]
        assert isinstance(columns, list)  # noqa: S101
        assert isinstance(command, dict)  # noqa: S101
        for column in columns:
            if column["type"] is None:
                missing, table = column["name"], request["table_name"]
                raise SqlError(f'column "{missing}" of relation "{table}" does not exist')
        return cls(
            CopyCommand.from_request(command),
            tuple(Column(**column) for column in columns),
            int(str(request["table_id"])),
            str(request["table_name"]),
            int(str(request["user_id"])),
            int(str(request["transaction_id"])),
            int(str(request["session_id"])),
            datetime.now(UTC).replace(tzinfo=None),
        )
