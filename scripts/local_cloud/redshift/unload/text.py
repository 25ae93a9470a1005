"""Rows as lines of delimited, fixed-width, CSV or JSON text.

Source: "UNLOAD" and "UNLOAD examples", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from local_cloud.redshift.copy.fields import Column
from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.unload.command import UnloadCommand

Row = Sequence[str | None]
Line = Callable[[Row], str]
_TEXTS = {"varchar", "bpchar", "text"}
_NUMBERS = {"int2", "int4", "int8", "float4", "float8", "numeric"}


def line_of(command: UnloadCommand, columns: Sequence[Column]) -> Line:
    """The function that makes a line of a row."""
    if command.format == "json":
        return lambda row: _json(columns, row)
    if command.format == "csv":
        return lambda row: command.delimiter.join(_csv(command, field) for field in row) + "\n"
    if command.widths:
        if len(command.widths) != len(columns):
            raise SqlError(f"FIXEDWIDTH names {len(command.widths)} columns, the query has {len(columns)}")
        return lambda row: "".join(map(_fixed, [command] * len(row), columns, command.widths, row)) + "\n"
    return lambda row: command.delimiter.join(map(_delimited, [command] * len(row), columns, row)) + "\n"


def _delimited(command: UnloadCommand, column: Column, field: str | None) -> str:
    if field is None:
        field = command.null_as
    elif command.escape and column.type in _TEXTS:
        special = {"\n", "\r", "\\", command.delimiter} | ({'"', "'"} if command.add_quotes else set())
        field = "".join(f"\\{character}" if character in special else character for character in field)
    return f'"{field}"' if command.add_quotes else field


def _csv(command: UnloadCommand, field: str | None) -> str:
    text = command.null_as if field is None else field
    if any(character in text for character in (command.delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def _fixed(command: UnloadCommand, column: Column, width: int, field: str | None) -> str:
    """NULL is blank; a null string that is too long is blank too, except in a character column."""
    if field is None:
        field = "" if len(command.null_as) > width and column.type not in _TEXTS else command.null_as
    if len(field) > width:
        raise SqlError(f"The value '{field}' of column {column.name} exceeds its FIXEDWIDTH {width}")
    return field.ljust(width)


def _json(columns: Sequence[Column], row: Row) -> str:
    fields = (f"{_quoted(column.name)}:{_value(column, field)}" for column, field in zip(columns, row, strict=True))
    return "{" + ",".join(fields) + "}\n"


def _value(column: Column, field: str | None) -> str:
    if field is None:
        return "null"
    return field if column.type in _NUMBERS else _quoted(field)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
