"""Splits a data file into records: the line where each starts, its text and its fields."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice, pairwise
from typing import BinaryIO, NamedTuple

from local_cloud.redshift.copy.command import CopyCommand

_LONGEST_LINE = 4 * 1024 * 1024  # "The maximum size of a single input row from any source is 4 MB" (COPY)

Lines = Iterator[tuple[int, str]]


class Record(NamedTuple):
    """Fields are None if the text could not be split; `problem` says why. A field that is None is NULL."""

    line: int
    text: str
    fields: Sequence[str | None] | None
    problem: str = ""


def records(stream: BinaryIO, command: CopyCommand) -> Iterator[Record]:
    """Streams a decompressed data file, without its header, with invalid bytes as surrogates."""
    lines = islice(_lines(stream), command.ignore_header, None)
    split = _csv if command.csv else _fixed if command.widths else _text
    for record in split(lines, command):
        if record.text or not command.ignore_blank_lines:
            yield record


def text_record(number: int, line: bytes, command: CopyCommand) -> Record | None:
    """One line of a text file; None if it is blank and blank lines are ignored."""
    record = next(_text(iter([(number, line.decode(errors="surrogateescape"))]), command))
    return record if record.text or not command.ignore_blank_lines else None


def _lines(stream: BinaryIO) -> Lines:
    number = 0
    while line := stream.readline(_LONGEST_LINE + 1):
        number += 1
        yield number, line.decode(errors="surrogateescape")


def _text(lines: Lines, command: CopyCommand) -> Iterator[Record]:
    delimiter = command.delimiter
    careful = command.escape or command.remove_quotes
    for number, line in lines:
        text = line.removesuffix("\n").removesuffix("\r")
        if len(text) > _LONGEST_LINE:
            yield Record(number, text[:1024], None, "Input line is longer than 4 MB")
            continue
        if careful:
            while command.escape and _ends_escaped(text) and (following := next(lines, None)):
                text += "\n" + following[1].removesuffix("\n").removesuffix("\r")
            try:
                yield Record(number, text, _split(text, command))
            except _OpenQuoteError:
                yield Record(number, text, None, "Missing ending quotation mark")
        else:
            yield Record(number, text, text.split(delimiter))


class _OpenQuoteError(Exception):
    """REMOVEQUOTES: a field begins with a quotation mark and has no corresponding one at its end."""


def _fixed(lines: Lines, command: CopyCommand) -> Iterator[Record]:
    """FIXEDWIDTH: columns of so many characters; a line may end early."""
    for number, line in lines:
        text = line.removesuffix("\n").removesuffix("\r")
        starts = (0, *accumulate(command.widths))
        fields = [text[start:end] for start, end in pairwise(starts) if start < len(text)]
        if len(text) > starts[-1]:
            fields.append(text[starts[-1] :])
        yield Record(number, text, fields)


def _ends_escaped(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _split(text: str, command: CopyCommand) -> list[str]:
    """ESCAPE keeps the character after a backslash; REMOVEQUOTES removes the quotes around a field."""
    fields: list[str] = []
    field: list[str] = []
    quote = ""
    at = 0
    while at < len(text):
        character = text[at]
        if command.escape and character == "\\" and at + 1 < len(text):
            is_null = text[at : at + 2] == command.null_as  # \N is kept for the comparison with NULL AS
            field.append(text[at : at + 2] if is_null else text[at + 1])
            at += 2
            continue
        if command.remove_quotes and not field and not quote and character in "'\"":
            if not _closes(text, at, command):
                raise _OpenQuoteError
            quote = character
        elif quote and character == quote and text.startswith((command.delimiter, ""), at + 1):
            quote = "" if at + 1 == len(text) or text.startswith(command.delimiter, at + 1) else quote
            if quote:
                field.append(character)
        elif not quote and text.startswith(command.delimiter, at):
            fields.append("".join(field))
            field = []
            at += len(command.delimiter)
            continue
        else:
            field.append(character)
        at += 1
    return [*fields, "".join(field)]


def _closes(text: str, at: int, command: CopyCommand) -> bool:
    """Whether the quote that opens here is closed before a delimiter or the end of the line."""
    return text.find(text[at] + command.delimiter, at + 1) >= 0 or (text.endswith(text[at]) and len(text) > at + 1)


def _csv(lines: Lines, command: CopyCommand) -> Iterator[Record]:
    taken: list[tuple[int, str]] = []

    def texts() -> Iterator[str]:
        for number, line in lines:
            taken.append((number, line))
            yield line

    csv.field_size_limit(_LONGEST_LINE)  # applies to the whole process; every reader of CSV sets its own
    reader = csv.reader(texts(), delimiter=command.delimiter, quotechar=command.quote, strict=True)
    while True:
        taken.clear()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Record(taken[0][0], _raw(taken), None, "Invalid quote formatting for CSV")
            continue
        yield Record(taken[0][0], _raw(taken), fields)


def _raw(taken: list[tuple[int, str]]) -> str:
    return "".join(line for _, line in taken).rstrip("\r\n")
