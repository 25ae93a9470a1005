"""Reads TLC's CSV files as published since 2009: with a byte order mark or without, LF or CRLF, a blank line after the
header (2010 to 2014), empty fields at the end of every record (green, 2013 to 2015)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path

from trips.rows import DataError, open_for_reading
from trips.tlc import columns
from trips.tlc.record import Report, rejected_line, row_line

_LONGEST_FIELD = 131_072  # characters; a record has some 200, so a longer field lacks its closing quote


@dataclass(frozen=True)
class _Record:
    line: int  # its first line
    lines: int
    fields: list[str]


def lines(source: Path, report: Report) -> Iterator[str]:
    """Yields the lines of the converted file, with the text of the source; raises DataError."""
    with open_for_reading(source) as raw:
        if raw.peek(2)[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            raise DataError(f"{source}: is UTF-16. Save it as UTF-8.")
        # Bytes that are not UTF-8 stay as they are: the warehouse rejects them.
        records = _records(source, TextIOWrapper(raw, "utf-8-sig", "surrogateescape", newline=""))
        header = next(records, None)
        if header is None:
            raise DataError(f"{source}: is empty")
        positions = columns.find(header.fields, source)
        first = list(islice(records, 1))
        surplus = first[0].fields[len(header.fields) :] if first else []
        width = len(header.fields) + (0 if any(surplus) else len(surplus))
        for number, record in enumerate(chain(first, records), 1):
            if len(record.fields) != width:
                problem = f"{len(record.fields)} fields where the header has {len(header.fields)}"
            elif record.lines > 1:
                problem = f"a quoted field spans {record.lines} lines. Is a quote missing?"
            else:
                texts = {column: record.fields[position] for column, position in positions.items()}
                yield row_line(texts, report, number, record.line)
                continue
            report.warn(number, record.line, problem)
            yield rejected_line(record.fields, problem)


def _records(source: Path, text: TextIOWrapper) -> Iterator[_Record]:
    """Yields the records without blank lines."""
    csv.field_size_limit(_LONGEST_FIELD)  # of the whole process: other readers of CSV set theirs
    reader = csv.reader(text)
    while True:
        before = reader.line_num
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(f"{source} line {before + 1}: not CSV: {error}. Is a quote missing?") from error
        if fields:
            yield _Record(before + 1, reader.line_num - before, fields)
