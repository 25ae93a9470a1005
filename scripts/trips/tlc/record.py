"""One record of TLC's on its way to one line, and what is told about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trips.rows import COLUMNS, DELIMITER, SMALLINT, UNLOADABLE, line_of, what_is_wrong
from trips.tlc.columns import PAYMENTS

SUSPECTS_KEPT = 100  # per file; all are counted

_WHOLE = re.compile(r"([+-]?\d+)\.0*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Suspect:
    """A record that the warehouse will probably refuse."""

    source: Path
    record: int  # also the line in the converted file
    line: int | None  # in the source; Parquet has none
    what: str

    def __str__(self) -> str:
        place = f"record {self.record}" if self.line is None else f"line {self.line} (record {self.record})"
        return f"{self.source.name} {place}: {self.what}"


@dataclass
class Report:
    """What looks wrong in one file."""

    source: Path
    suspects: list[Suspect] = field(default_factory=list)
    wrong: int = 0

    def tell(self, record: int, line: int | None, what: str) -> None:
        self.wrong += 1
        if len(self.suspects) < SUSPECTS_KEPT:
            self.suspects.append(Suspect(self.source, record, line, what))


def row_line(texts: Mapping[str, str], report: Report, record: int, line: int | None = None) -> str:
    """The line of a record whose columns are known. A value that looks wrong goes to the warehouse as it stands."""
    pickup = texts["pickup_datetime"]
    values = {**texts, "pickup_date": re.split("[ T]", pickup, maxsplit=1)[0]}
    row = [_loadable(column, values[column]) for column in COLUMNS]
    what = what_is_wrong(row)
    if what is not None:
        report.tell(record, line, what)
        if any(UNLOADABLE.search(text) for text in row):
            return refused_line(row, what)
    return line_of(row)


def refused_line(fields: Sequence[str], what: str) -> str:
    """The fields as they stand, in one line that COPY cannot take for a row of ten columns."""
    line = line_of([_CONTROL.sub(lambda found: ascii(found[0])[1:-1], text) for text in fields])
    # A line that happens to have ten fields would be loaded, and COPY overlooks one delimiter at the end.
    if line.count(DELIMITER) in {len(COLUMNS) - 1, len(COLUMNS)}:
        line += DELIMITER + _CONTROL.sub(" ", what)
    return line


def _loadable(column: str, text: str) -> str:
    """The text as it stands, unless the column's type could not take it and there is one way to say the same."""
    if column in SMALLINT and not text.isdigit():
        if whole := _WHOLE.fullmatch(text):
            return whole[1]
        if column == "payment_type":
            return PAYMENTS.get(text.strip().casefold(), text)
    return text
