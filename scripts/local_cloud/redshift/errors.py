"""The errors of failed statements, in Redshift's wording."""

from __future__ import annotations

import re

import psycopg

NOT_ON_TABLES = "Specified types or functions (one per INFO message) not supported on Amazon Redshift tables."


class SqlError(Exception):
    """A statement failed; `message` is the text that DescribeStatement shows."""

    def __init__(self, message: str) -> None:
        self.message = message if message.startswith("ERROR: ") else f"ERROR: {message}"
        super().__init__(self.message)


class SqlSyntaxError(SqlError):
    """The statement is no SQL from `word` on; line and column count from 1."""

    def __init__(self, word: str, line: int, column: int, hint: str = "") -> None:
        self.word, self.line, self.column, self.hint = word, line, column, hint
        super().__init__(f'syntax error at or near "{word}" (line {line}, column {column}){hint and f": {hint}"}')

    def moved(self, line: int, column: int) -> SqlSyntaxError:
        """The error as seen from a text in which this one starts at `line` and `column`."""
        return SqlSyntaxError(
            self.word, self.line + line - 1, self.column + (column - 1 if self.line == 1 else 0), self.hint
        )


class Cancelled(SqlError):
    """The statement was cancelled."""

    def __init__(self) -> None:
        super().__init__("Query cancelled on user's request")


def not_redshift(construct: str) -> SqlError:
    """PostgreSQL knows it, Redshift does not."""
    return SqlError(f"{construct} is not Redshift SQL")


def not_emulated(construct: str) -> SqlError:
    """Redshift knows it, the local cloud does not."""
    return SqlError(f"{construct} is not emulated")


# PostgreSQL 18 is more specific where Redshift, a descendant of PostgreSQL 8, says relation or user.
_REDSHIFT_WORDS = [
    (
        re.compile(r"permission denied for (?:table|view|materialized view|sequence) "),
        "permission denied for relation ",
    ),
    (re.compile(r"must be owner of (?:table|view|materialized view|sequence) "), "must be owner of relation "),
    (re.compile(r'role "([^"]*)" does not exist'), r'user "\1" does not exist'),
    (re.compile(r'role "([^"]*)" already exists'), r'user "\1" already exists'),
    (
        re.compile(r"^invalid transaction termination$"),
        "COMMIT, ROLLBACK and TRUNCATE cannot be invoked from a procedure that is executing in an atomic context.",
    ),
    (re.compile(r"invalid input syntax for type "), "invalid input syntax for "),
    (
        re.compile(r'new row for relation "[^"]*" violates check constraint "numeric_overflow_.*"'),
        "Numeric data overflow (result precision)",
    ),
    (re.compile(r"MERGE command cannot affect row a second time"), "Found multiple matches to update the same tuple"),
]


# "System tables and views reference", Amazon Redshift Database Developer Guide: those that the local cloud lacks.
_MISSING_VIEW = re.compile(
    r'relation "((?:stl|stv|svl|svv|svcs|sys)_\w+|pg_table_def|pg_(?:class|user|database)_info)" does not exist'
)


def from_postgres(error: psycopg.Error) -> SqlError:
    """PostgreSQL's error as Redshift reports it."""
    return SqlError(redshift_words(error.diag.message_primary or str(error).strip() or type(error).__name__))


def redshift_words(message: str) -> str:
    """PostgreSQL's message as Redshift words it."""
    if view := _MISSING_VIEW.search(message):
        return f"The system view {view[1].upper()} is not emulated"
    for pattern, replacement in _REDSHIFT_WORDS:
        message = pattern.sub(replacement, message)
    return message
