"""The table in the warehouse that remembers what ran, and of a statement that runs alone that it was begun."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from relay.actions import Event, text
from relay.errors import InputError
from warehouse_objects.files import SqlFile

_TABLE = re.compile(r"([a-z_][a-z0-9_]{0,126})\.([a-z_][a-z0-9_]{0,126})")
"""At most 127 bytes each: https://docs.aws.amazon.com/redshift/latest/dg/r_names.html"""


@dataclass(frozen=True)
class Begun:
    """A statement that was begun and whose end was not noted: the function died meanwhile, or its time was up."""

    checksum: str
    token: str
    minutes_ago: int


@dataclass(frozen=True)
class History:
    """`ran` is {file: checksum}; `begun` are the files of which nobody knows yet whether they ran."""

    ran: dict[str, str] = field(default_factory=dict)
    begun: dict[str, Begun] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[dict[str, object]]) -> "History":
        """The rows that HistoryTable.select gives."""
        history = cls()
        for row in rows:
            file, checksum = str(row["file"]), str(row["checksum"])
            if row["begun"]:
                history.begun[file] = Begun(checksum, str(row["begun"]), int(str(row["minutes_ago"])))
            else:
                history.ran[file] = checksum
        return history


@dataclass(frozen=True)
class HistoryTable:
    """The SQL of the table.

    All values in it are checked: the names of the table and of files by their patterns, the prefix by Terraform;
    checksums and tokens are hexadecimal.
    """

    schema: str
    table: str
    prefix: str

    @classmethod
    def parse(cls, event: Event, prefix: str) -> "HistoryTable":
        """Reads `history_table`; raises InputError."""
        match = _TABLE.fullmatch(text(event, "history_table"))
        if not match:
            raise InputError("history_table", "schema.table in lower-case letters, digits and '_' is required")
        return cls(match[1], match[2], prefix)

    @property
    def name(self) -> str:
        """As SQL names it."""
        return f"{self.schema}.{self.table}"

    @property
    def create(self) -> str:
        """Makes the table if it is missing."""
        return (
            f"CREATE TABLE IF NOT EXISTS {self.name} (name_prefix VARCHAR(64) NOT NULL, file VARCHAR(256) NOT NULL,"
            " checksum CHAR(64) NOT NULL, applied_at TIMESTAMP NOT NULL, begun CHAR(64))"
        )

    @property
    def select(self) -> str:
        """What ran or was begun under `:prefix`."""
        return (
            "SELECT file, checksum, begun, DATEDIFF(minute, applied_at, SYSDATE) AS minutes_ago"  # noqa: S608 - checked
            f" FROM {self.name} WHERE name_prefix = :prefix"
        )

    def forget(self, files: Iterable[SqlFile]) -> str:
        """Takes the files' rows away."""
        names = ", ".join(f"'{file.name}'" for file in files)
        return f"DELETE FROM {self.name} WHERE name_prefix = '{self.prefix}' AND file IN ({names})"  # noqa: S608 - checked

    def remember(self, files: Iterable[SqlFile]) -> str:
        """The files ran."""
        rows = ", ".join(f"('{self.prefix}', '{file.name}', '{file.checksum}', SYSDATE)" for file in files)
        return f"INSERT INTO {self.name} (name_prefix, file, checksum, applied_at) VALUES {rows}"  # noqa: S608 - checked

    def begin(self, file: SqlFile, token: str) -> str:
        """The file is about to run alone."""
        return f"INSERT INTO {self.name} VALUES ('{self.prefix}', '{file.name}', '{file.checksum}', SYSDATE, '{token}')"  # noqa: S608 - checked

    def by_hand(self, file: SqlFile) -> str:
        """What a person runs who knows whether a file that was begun took effect."""
        where = f"WHERE name_prefix = '{self.prefix}' AND file = '{file.name}'"
        return (
            f"  it did:     UPDATE {self.name} SET begun = NULL {where}\n"  # noqa: S608 - checked
            f"  it did not: DELETE FROM {self.name} {where}"
        )
