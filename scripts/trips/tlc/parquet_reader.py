"""Reads TLC's Parquet files: those since 2022, and the older years as TLC has published them since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trips.rows import DataError
from trips.tlc import columns
from trips.tlc.record import Report, row_line

_ROWS_AT_ONCE = 65536


def lines(source: Path, report: Report) -> Iterator[str]:
    """Yields the lines of the converted file, with one batch of rows in memory; raises DataError."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise DataError(f"{source}: pyarrow is required to read Parquet: {error}") from error
    number = 0
    try:
        with pq.ParquetFile(source) as file:
            names = file.schema_arrow.names
            positions = columns.find(names, source)
            wanted = {column: names[position] for column, position in positions.items()}
            for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=list(wanted.values())):
                texts = {column: _texts(batch.column(name), column, name, source) for column, name in wanted.items()}
                for values in zip(*texts.values(), strict=True):
                    number += 1
                    yield row_line(dict(zip(texts, values, strict=True)), report, number)
    except (pa.ArrowException, OSError, OverflowError, ValueError) as error:
        raise DataError(f"{source}: not Parquet (after record {number}): {error}") from error


def _texts(array: Any, column: str, name: str, source: Path) -> list[str]:
    import pyarrow as pa

    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    if pa.types.is_timestamp(kind):
        if kind.tz is not None:
            raise DataError(
                f"{source}: {name} has the time zone {kind.tz}, but TLC's times are New York's and have no zone"
            )
        return ["" if v is None else v.isoformat(" ") for v in array.cast(pa.timestamp("us")).to_pylist()]
    if pa.types.is_float64(kind):
        # A vendor is a name: 1.0, which pandas makes of 1, is 1.
        plain = column == "vendorid"
        return ["" if v is None else str(int(v)) if plain and v.is_integer() else repr(v) for v in array.to_pylist()]
    if pa.types.is_decimal(kind):
        return ["" if v is None else format(v, "f") for v in array.to_pylist()]
    if pa.types.is_date(kind):
        return ["" if v is None else v.isoformat() for v in array.to_pylist()]
    if (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)  # Arrow writes narrower types with their shortest text
        or pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_null(kind)
    ):
        return [v or "" for v in array.cast(pa.string()).to_pylist()]
    raise DataError(f"{source}: {name} has the type {kind}, which cannot become {column}")
