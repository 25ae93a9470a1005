"""Rows as a Parquet file: version 1.0, compressed by Snappy ("UNLOAD", Amazon Redshift Database Developer Guide)."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from local_cloud.redshift.copy.fields import Column
from local_cloud.redshift.errors import not_emulated
from local_cloud.redshift.unload.text import Row

_READ: dict[str, Callable[[str], object]] = {
    "bool": lambda text: text == "t",
    "int2": int, "int4": int, "int8": int, "float4": float, "float8": float, "numeric": Decimal,
    "varchar": str, "bpchar": str, "text": str,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "timestamptz": lambda text: datetime.fromisoformat(text).replace(tzinfo=None),
}  # fmt: skip


def parquet_file(columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    """The content of a file."""
    import pyarrow as pa  # takes half a second, which no other format pays
    import pyarrow.parquet as pq

    arrays = {}
    for i, column in enumerate(columns):
        read = _READ[column.type]
        values = [None if row[i] is None else read(str(row[i])) for row in rows]
        arrays[column.name] = pa.array(values, _type(column))
    file = io.BytesIO()
    pq.write_table(pa.table(arrays), file, version="1.0", compression="snappy")
    return file.getvalue()


def check_types(columns: Sequence[Column]) -> None:
    """Raises SqlError for a column that has no type in Parquet here."""
    for column in columns:
        if column.type not in _READ:
            raise not_emulated(f"UNLOAD of type {column.redshift_type} to PARQUET")


def _type(column: Column) -> Any:
    import pyarrow as pa

    if column.type == "numeric":
        modifier = column.modifier
        return pa.decimal128(*(((modifier - 4) >> 16, (modifier - 4) & 0x7FF) if modifier >= 4 else (38, 18)))
    return {
        "bool": pa.bool_(), "int2": pa.int16(), "int4": pa.int32(), "int8": pa.int64(), "float4": pa.float32(),
        "float8": pa.float64(), "date": pa.date32(), "timestamp": pa.timestamp("us"), "timestamptz": pa.timestamp("us"),
    }.get(column.type, pa.string())  # fmt: skip
