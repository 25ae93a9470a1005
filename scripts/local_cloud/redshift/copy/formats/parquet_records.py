"""Reads records from a Parquet file, column by position.

Source: "COPY from columnar data formats", Amazon Redshift Database Developer Guide. The page does not say which types
of Parquet a column takes: each takes its own, and the others are refused.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO, cast

from local_cloud.redshift.copy.fields import Column
from local_cloud.redshift.copy.records import Record
from local_cloud.redshift.errors import SqlError, not_emulated

_ROWS = 4096
_KINDS = {
    "bool": "bool", "int2": "int16", "int4": "int32", "int8": "int64", "float4": "float", "float8": "double",
    "date": "date32[day]", "varchar": "string", "bpchar": "string", "text": "string", "numeric": "decimal",
    "timestamp": "timestamp", "timestamptz": "timestamp",
}  # fmt: skip
_NUMBERS = ("int8", "int16", "int32", "int64", "float", "double", "decimal")


def parquet_records(stream: BinaryIO, file: str, columns: Sequence[Column], *, fill_record: bool) -> Iterator[Record]:
    """A record for each row, `line` is its number. Raises SqlError if the file's columns are not the table's."""
    import pyarrow as pa  # takes half a second, which no other format pays
    import pyarrow.parquet as pq

    try:
        data = pq.ParquetFile(pa.PythonFile(cast(io.IOBase, stream), "r"))
    except pa.ArrowInvalid as error:
        raise SqlError(f"Spectrum Scan Error: File '{file}' is not a Parquet file: {error}") from None
    schema = data.schema_arrow
    missing = len(columns) - len(schema)
    if missing < 0 or (missing and not fill_record):
        raise SqlError(
            f"Spectrum Scan Error: Unmatched number of columns between table and file. Table columns: {len(columns)}, "
            f"Data columns: {len(schema)}, File name: {file}"
        )
    for column, field in zip(columns, schema, strict=False):
        _check_type(column, str(field.type), field.name, file)
    number = 0
    for batch in data.iter_batches(_ROWS):
        values = [batch.column(i).to_pylist() for i in range(len(schema))]
        for row in zip(*values, strict=True):
            number += 1
            fields = [*map(_field, row), *[None] * missing]
            yield Record(number, "", fields)


def _check_type(column: Column, arrow: str, name: str, file: str) -> None:
    kind = arrow.partition("128")[0].partition("256")[0].partition("[")[0] if "date" not in arrow else arrow
    wanted = _KINDS.get(column.type)
    if kind == wanted or (kind == "large_string" and wanted == "string"):
        return
    if wanted in _NUMBERS and kind in _NUMBERS:
        raise not_emulated(f"COPY of Parquet's {arrow} into a column of type {column.redshift_type}")
    raise SqlError(
        f"Spectrum Scan Error: File '{file}' has an incompatible Parquet schema for column '{column.name}'. "
        f"Column type: {column.redshift_type.upper()}, Parquet schema: {arrow} {name}"
    )


def _field(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)
