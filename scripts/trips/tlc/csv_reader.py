"""TLC's CSV files, as they were published from 2009 on: with a byte order mark or without, LF or CRLF, a blank line
after the header (2010 to 2014), empty fields at the end of every record (green, 2013 to 2015)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path

from trips.rows import DataError, reading
from trips.tlc import columns
from trips.tlc.record import Report, refused_line, row_line

_LONGEST_FIELD = 131_072  # characters; a record of trips has some 200, so that a longer field is a forgotten quote


@dataclass(frozen=True)
class _Record:
    line: int  # its first line
    lines: int
    fields: list[str]


def lines(source: Path, report: Report) -> Iterator[str]:
    """The lines of the converted file; text stays as it stands."""
    with reading(source) as raw:
        if raw.peek(2)[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            raise DataError(f"{source}: is UTF-16; save it as UTF-8")
        # Bytes that are no UTF-8 go through as they are, for the warehouse to refuse.
        records = _records(source, TextIOWrapper(raw, "utf-8-sig", "surrogateescape", newline=""))
        header = next(records, None)
        if header is None:
            raise DataError(f"{source}: is empty")
        places = columns.find(header.fields, source)
        first = list(islice(records, 1))
        surplus = first[0].fields[len(header.fields) :] if first else []
        width = len(header.fields) + (0 if any(surplus) else len(surplus))
        for number, record in enumerate(chain(first, records), 1):
            if len(record.fields) != width:
                what = f"{len(record.fields)} fields where the header has {len(header.fields)}"
            elif record.lines > 1:
                what = f"a quoted field goes on for {record.lines} lines; is a quote missing?"
            else:
                texts = {column: record.fields[place] for column, place in places.items()}
                yield row_line(texts, report, number, record.line)
                continue
            report.tell(number, record.line, what)
            yield refused_line(record.fields, what)


def _records(source: Path, text: TextIOWrapper) -> Iterator[_Record]:
    """What is not a blank line."""
    csv.field_size_limit(_LONGEST_FIELD)  # the whole process's: whoever reads CSV sets its own
    reader = csv.reader(text)
    while True:
        before = reader.line_num
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(f"{source} line {before + 1}: not CSV: {error}; is a quote missing?") from error
        if fields:
            yield _Record(before + 1, reader.line_num - before, fields)
