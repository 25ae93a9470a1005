"""The files of a folder of warehouse objects, named as Flyway names them: `V1__name.sql` and `R__name.sql`."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from relay.errors import InputError, RelayError
from relay.redaction import first_line
from relay.sql_size import check_sql
from warehouse_objects.single_statement import check_single_statement
from warehouse_objects.transactions import is_nontransactional

_LEADING = re.compile(r"\A[\s\ufeff]+")
_LINE_END = re.compile(r"\r+\n")
_VERSIONED = re.compile(r"V([0-9]+(?:[._][0-9]+)*)__[A-Za-z0-9_]+\.sql")
_REPEATABLE = re.compile(r"R__[A-Za-z0-9_]+\.sql")


class ChangedAfterItRan(RelayError):
    """A versioned file was changed after it ran: the warehouse would no longer match the files."""


class RenamedAfterItRan(RelayError):
    """A version ran under another name, or its text under another version: it would run twice."""


@dataclass(frozen=True)
class SqlFile:
    """One statement. `version` is None for a file that runs again whenever its text changes; transactions.py says which
    files are `nontransactional`."""

    name: str
    sql: str
    version: tuple[int, ...] | None
    nontransactional: bool = False

    @classmethod
    def parse(cls, name: str, sql: str) -> "SqlFile":
        """Checks the name, the size, the directive and that it is one statement; raises InputError."""
        sql = _plain(sql)
        check_sql(sql, name)
        if not sql:
            raise InputError(name, "the file is empty. Write one SQL statement.")
        version = _version(name)
        if version is None and not _REPEATABLE.fullmatch(name):
            raise InputError(
                "files", f"{name!r} is not supported. Name the file V<version>__<name>.sql or R__<name>.sql."
            )
        nontransactional = is_nontransactional(name, sql)
        check_single_statement(name, sql)
        return cls(name, sql, version, nontransactional)

    @property
    def checksum(self) -> str:
        """SHA-256 of the text that runs."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def first_line(self) -> str:
        """Enough to recognize the statement."""
        return first_line(self.sql)


def _version(name: str) -> tuple[int, ...] | None:
    match = _VERSIONED.fullmatch(name)
    return tuple(int(part) for part in re.split(r"[._]", match[1])) if match else None


def _plain(sql: str) -> str:
    """The text without what editors and platforms change: byte order mark, line ends, and surrounding blanks.

    What runs is the text that is compared, because a ClientToken belongs to one text.
    """
    return _LEADING.sub("", _LINE_END.sub("\n", sql)).rstrip()


def sort_files(files: Iterable[SqlFile]) -> list[SqlFile]:
    """Versioned files by version, then the others by name; raises InputError for a version that occurs twice."""
    ordered = sorted(files, key=lambda file: (file.version is None, file.version or (), file.name))
    for first, second in pairwise(ordered):
        if first.name == second.name or (first.version is not None and first.version == second.version):
            raise InputError("files", f"{first.name} and {second.name} have the same version or name. Rename one.")
    return ordered


def pending(files: Iterable[SqlFile], history: Mapping[str, str]) -> list[SqlFile]:
    """The files to run, in order, given {name: checksum} of what ran; raises ChangedAfterItRan."""
    todo = [file for file in sort_files(files) if history.get(file.name) != file.checksum]
    for file in todo:
        if file.version is not None and file.name in history:
            raise ChangedAfterItRan(
                f"{file.name} was changed after it ran (checksum {history[file.name][:12]}, now {file.checksum[:12]}). "
                "Restore it, and put the change into a new V file."
            )
    return todo


def check_names(files: Sequence[SqlFile], ran: Mapping[str, str]) -> None:
    """Raises RenamedAfterItRan for a file that ran or began under another name or version (`ran`: {name: checksum})."""
    names = {file.name for file in files}
    gone = {name: checksum for name, checksum in ran.items() if name not in names}
    for file in files:
        if file.version is None or file.name in ran:
            continue
        for name, checksum in sorted(gone.items()):
            if _version(name) == file.version or (_version(name) and checksum == file.checksum):
                raise RenamedAfterItRan(
                    f"{file.name} ran as {name} and would run again. Restore that name, "
                    "or give a new statement a new version."
                )
