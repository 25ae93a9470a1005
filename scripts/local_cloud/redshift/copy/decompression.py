"""Decompresses data files while they are read."""

from __future__ import annotations

import bz2
import gzip
import io
from typing import BinaryIO, cast


def decompressed(stream: BinaryIO, compression: str | None) -> BinaryIO:
    """The content of a file that is compressed by `gzip`, `bz2`, `zstd`, or not at all."""
    if compression == "gzip":
        return cast(BinaryIO, gzip.GzipFile(fileobj=stream, mode="rb"))
    if compression == "bz2":
        return cast(BinaryIO, bz2.BZ2File(stream))
    if compression == "zstd":
        import pyarrow as pa  # takes half a second, which no other format pays

        return cast(
            BinaryIO, io.BufferedReader(pa.CompressedInputStream(pa.PythonFile(cast(io.IOBase, stream), "r"), "zstd"))
        )
    return stream
