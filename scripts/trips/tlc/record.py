"""Turns one record of TLC's files into one line, and collects warnings about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trips.rows import COLUMNS, DELIMITER, SMALLINT, UNLOADABLE, line_of, problem_of
from trips.tlc.columns import PAYMENTS

WARNINGS_KEPT = 100  # per file; all are counted

_WHOLE = re.compile(r"([+-]?\d+)\.0*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class SuspectRecord:
    """A record that the warehouse will probably reject."""

    source: Path
    record: int  # also the line in the converted file
    line: int | None  # in the source; Parquet has none
    problem: str

    def __str__(self) -> str:
        position = f"record {self.record}" if self.line is None else f"line {self.line} (record {self.record})"
        return f"{self.source.name} {position}: {self.problem}"


@dataclass
class Report:
    """The warnings about one file. `count` counts all, `warnings` holds the first WARNINGS_KEPT."""

    source: Path
    warnings: list[SuspectRecord] = field(default_factory=list)
    count: int = 0

    def warn(self, record: int, line: int | None, problem: str) -> None:
        """Adds a warning about a record."""
        self.count += 1
        if len(self.warnings) < WARNINGS_KEPT:
            self.warnings.append(SuspectRecord(self.source, record, line, problem))


def row_line(texts: Mapping[str, str], report: Report, record: int, line: int | None = None) -> str:
    """Returns the line of a record with known columns. A value that looks wrong stays as it is."""
    pickup = texts["pickup_datetime"]
    values = {**texts, "pickup_date": re.split("[ T]", pickup, maxsplit=1)[0]}
    row = [_loadable(column, values[column]) for column in COLUMNS]
    problem = problem_of(row)
    if problem is not None:
        report.warn(record, line, problem)
        if any(UNLOADABLE.search(text) for text in row):
            return rejected_line(row, problem)
    return line_of(row)


def rejected_line(fields: Sequence[str], problem: str) -> str:
    """Returns the fields as they are, in one line that COPY cannot take for a row of ten columns."""
    line = line_of([_CONTROL.sub(lambda found: ascii(found[0])[1:-1], text) for text in fields])
    # COPY would load a line that happens to have ten fields, and ignores one delimiter at the end.
    if line.count(DELIMITER) in {len(COLUMNS) - 1, len(COLUMNS)}:
        line += DELIMITER + _CONTROL.sub(" ", problem)
    return line


def _loadable(column: str, text: str) -> str:
    """Returns the text, or the one text of the same meaning that fits the type of the column."""
    if column in SMALLINT and not text.isdigit():
        if whole := _WHOLE.fullmatch(text):
            return whole[1]
        if column == "payment_type":
            return PAYMENTS.get(text.strip().casefold(), text)
    return text
