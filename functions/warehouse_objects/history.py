"""The table in the warehouse that records which files ran, and which nontransactional files began."""

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
    """A nontransactional file whose end was not recorded: the function died meanwhile, or its time was up."""

    checksum: str
    token: str
    minutes_ago: int


@dataclass(frozen=True)
class History:
    """`ran` is {file: checksum}; `begun` are the files that may have run or not."""

    ran: dict[str, str] = field(default_factory=dict)
    begun: dict[str, Begun] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[dict[str, object]]) -> "History":
        """Reads the rows of HistoryTable.select."""
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
            raise InputError("history_table", "must be schema.table in lower-case letters, digits and '_'")
        return cls(match[1], match[2], prefix)

    @property
    def name(self) -> str:
        """The qualified name."""
        return f"{self.schema}.{self.table}"

    @property
    def create(self) -> str:
        """Creates the table if it is missing."""
        return (
            f"CREATE TABLE IF NOT EXISTS {self.name} (name_prefix VARCHAR(64) NOT NULL, file VARCHAR(256) NOT NULL,"
            " checksum CHAR(64) NOT NULL, applied_at TIMESTAMP NOT NULL, begun CHAR(64))"
        )

    @property
    def lock(self) -> str:
        """Waits until no other transaction of an apply runs.

        It must be the first statement of its transaction: the snapshot is then taken after the wait. SELECT, DML and
        CREATE TABLE take it, so the table is created in a transaction of its own.
        https://docs.aws.amazon.com/redshift/latest/dg/r_LOCK.html and c_serial_isolation.html
        """
        return f"LOCK {self.name}"

    def guard(self, files: Iterable[SqlFile], history: History) -> str:
        """Fails, by a division by zero, if a row of the files is not as in the history that was read.

        Redshift enforces no primary key: https://docs.aws.amazon.com/redshift/latest/dg/t_Defining_constraints.html
        """
        changed = " OR ".join(_changed(file.name, history) for file in files)
        return (
            "SELECT 1 / CASE WHEN COUNT(*) = 0 THEN 1 ELSE 0 END AS unchanged"  # noqa: S608 - checked
            f" FROM {self.name} WHERE name_prefix = '{self.prefix}' AND ({changed})"
        )

    @property
    def select(self) -> str:
        """Reads what ran or began under `:prefix`."""
        return (
            "SELECT file, checksum, begun, DATEDIFF(minute, applied_at, SYSDATE) AS minutes_ago"  # noqa: S608 - checked
            f" FROM {self.name} WHERE name_prefix = :prefix"
        )

    def delete(self, files: Iterable[SqlFile]) -> str:
        """Deletes the rows of files."""
        names = ", ".join(f"'{file.name}'" for file in files)
        return f"DELETE FROM {self.name} WHERE name_prefix = '{self.prefix}' AND file IN ({names})"  # noqa: S608 - checked

    def record(self, files: Iterable[SqlFile]) -> str:
        """Records that files ran."""
        rows = ", ".join(f"('{self.prefix}', '{file.name}', '{file.checksum}', SYSDATE)" for file in files)
        return f"INSERT INTO {self.name} (name_prefix, file, checksum, applied_at) VALUES {rows}"  # noqa: S608 - checked

    def record_begun(self, file: SqlFile, token: str) -> str:
        """Records that a nontransactional file is about to run."""
        return f"INSERT INTO {self.name} VALUES ('{self.prefix}', '{file.name}', '{file.checksum}', SYSDATE, '{token}')"  # noqa: S608 - checked

    def record_ran(self, file: SqlFile, token: str) -> str:
        """Records that a file that began with this token ran; does nothing if another apply recorded it."""
        return (
            f"UPDATE {self.name} SET begun = NULL, applied_at = SYSDATE"  # noqa: S608 - checked
            f" WHERE name_prefix = '{self.prefix}' AND file = '{file.name}' AND begun = '{token}'"
        )

    def forget_begun(self, file: SqlFile, token: str) -> str:
        """Removes the record of a beginning, unless another apply began the file again."""
        return f"{self.delete([file])} AND begun = '{token}'"

    def by_hand(self, file: SqlFile) -> str:
        """The SQL that records by hand whether a file that began took effect."""
        where = f"WHERE name_prefix = '{self.prefix}' AND file = '{file.name}'"
        return (
            f"  it did:     UPDATE {self.name} SET begun = NULL {where}\n"  # noqa: S608 - checked
            f"  it did not: DELETE FROM {self.name} {where}"
        )


def _changed(file: str, history: History) -> str:
    """The condition for a row that is not as it was read."""
    if begun := history.begun.get(file):
        return f"file = '{file}' AND (begun IS NULL OR begun <> '{begun.token}')"
    if checksum := history.ran.get(file):
        return f"file = '{file}' AND (begun IS NOT NULL OR checksum <> '{checksum}')"
    return f"file = '{file}'"
