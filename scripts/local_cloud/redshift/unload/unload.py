"""Runs an UNLOAD: collects the rows that PostgreSQL sends and writes them to S3 when they are complete.

The rows of a statement are kept in memory. They are spread over two slices, as in the smallest cluster, unless PARALLEL
is OFF.
"""

from __future__ import annotations

import bz2
import gzip
import json
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from local_cloud.redshift.copy.fields import Column
from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.s3_files import S3Files
from local_cloud.redshift.unload.command import UnloadCommand
from local_cloud.redshift.unload.parquet import check_types, parquet_file
from local_cloud.redshift.unload.text import Row, line_of

_SLICES = 2
_PARQUET_ROWS = 100_000
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_PARTITION_TYPES = {
    "int2", "int4", "int8", "numeric", "float4", "bool", "bpchar", "varchar", "text", "date", "timestamp",
}  # fmt: skip


class Unload:
    """The rows of one UNLOAD."""

    def __init__(self, command: UnloadCommand, columns: Sequence[Column], s3: S3Files) -> None:
        self._command = command
        self._columns = columns
        self._s3 = s3
        names = [column.name for column in columns]
        for name in command.partition_by:
            if name not in names:
                raise SqlError(f'column "{name}" of PARTITION BY is not in the query')
            if (kind := columns[names.index(name)]).type not in _PARTITION_TYPES:
                raise SqlError(f"Column {name} of type {kind.redshift_type} cannot be a partition column")
        self._partitions = [names.index(name) for name in command.partition_by]
        left_out = set() if command.include_partitions else set(self._partitions)
        self._kept = [i for i in range(len(columns)) if i not in left_out]
        if not self._kept:
            raise SqlError("UNLOAD requires a column that is not a partition column")
        self._written = [columns[i] for i in self._kept]
        if command.format == "parquet":
            check_types(self._written)
        self._line = line_of(command, self._written)
        self._folders: dict[str, list[Row]] = {} if self._partitions else {"": []}

    def add(self, rows: Sequence[Row]) -> None:
        for fields in rows:
            folder = "".join(f"{self._columns[i].name}={_folder(fields[i])}/" for i in self._partitions)
            self._folders.setdefault(folder, []).append([fields[i] for i in self._kept])

    def write(self) -> None:
        """Writes the files, the manifest last. Raises SqlError or S3Error."""
        command = self._command
        files = [file for folder in sorted(self._folders) for file in self._files(folder)]
        if command.manifest:
            entries = [{"url": f"s3://{command.bucket}/{key}"} for key, _ in files]
            files.append((f"{command.prefix}manifest", json.dumps({"entries": entries}, indent=2).encode()))
        self._make_room([key for key, _ in files])
        for key, body in files:
            self._s3.write(command.bucket, key, body, iam_role=command.iam_role, region=command.region)

    def _make_room(self, keys: Sequence[str]) -> None:
        command = self._command
        if command.allow_overwrite:
            return
        if command.clean_path:
            for folder in self._folders:
                for key in self._existing(folder):
                    self._s3.delete(command.bucket, key, iam_role=command.iam_role, region=command.region)
        elif set(keys) & set(self._existing("")):
            raise SqlError(
                "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix, manually "
                "removing the target files in S3, or using the ALLOWOVERWRITE option."
            )

    def _existing(self, folder: str) -> list[str]:
        command = self._command
        return self._s3.list(command.bucket, command.prefix + folder, iam_role=command.iam_role, region=command.region)

    def _files(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """Keys and contents below the prefix."""
        rows = self._folders[folder]
        if not rows and self._command.format in {"json", "parquet"}:
            return
        slices = [rows[i::_SLICES] for i in range(_SLICES)] if self._command.parallel else [rows]
        for number, part in enumerate(slices):
            for place, body in enumerate(self._bodies(part) if part or number == 0 else ()):
                name = f"{number:04}_part_{place:02}" if self._command.parallel else f"{place:03}"
                yield f"{self._command.prefix}{folder}{name}{self._suffix()}", body

    def _suffix(self) -> str:
        command = self._command
        extension = command.extension or ("parquet" if command.format == "parquet" else command.compression)
        return f".{extension}" if extension else ""

    def _bodies(self, rows: Sequence[Row]) -> Iterator[bytes]:
        """The contents of files of at most MAXFILESIZE."""
        if self._command.format == "parquet":
            for start in range(0, len(rows), _PARQUET_ROWS):
                yield parquet_file(self._written, rows[start : start + _PARQUET_ROWS])
            return
        header = self._line([column.name for column in self._written]).encode() if self._command.header else b""
        lines, size = [header], len(header)
        for row in rows:
            line = self._line(row).encode()
            if size + len(line) > self._command.max_file_size and size > len(header):
                yield self._compressed(b"".join(lines))
                lines, size = [header], len(header)
            lines.append(line)
            size += len(line)
        yield self._compressed(b"".join(lines))

    def _compressed(self, body: bytes) -> bytes:
        if self._command.compression == "gz":
            return gzip.compress(body)
        if self._command.compression == "bz2":
            return bz2.compress(body)
        if self._command.compression == "zst":
            import pyarrow as pa  # takes half a second, which no other format pays

            sink = pa.BufferOutputStream()
            with pa.CompressedOutputStream(sink, "zstd") as out:
                out.write(body)
            return bytes(sink.getvalue())
        return body


def _folder(value: str | None) -> str:
    """A partition's value in a key, with Hive's escapes."""
    return _NULL_PARTITION if value is None else quote(value, safe=" .-_")
