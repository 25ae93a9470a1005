"""Runs a COPY: reads S3 objects and writes rows, in PostgreSQL's text format, to a pipe that PostgreSQL reads.

Memory holds only a part of one file. Load errors are reported as Redshift reports them: the statement's error names
only the table, and sys_load_error_detail has the file, line, column and reason.
"""

from __future__ import annotations

import gzip
import json
import os
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from local_cloud.redshift.copy.authorization import parse_location
from local_cloud.redshift.copy.decompression import decompressed
from local_cloud.redshift.copy.fields import Column, Convert, FieldError, converter
from local_cloud.redshift.copy.formats.json_records import json_records
from local_cloud.redshift.copy.formats.jsonpaths import Pick, by_name, by_path
from local_cloud.redshift.copy.formats.parquet_records import parquet_records
from local_cloud.redshift.copy.load_errors import LoadError
from local_cloud.redshift.copy.load_request import LoadRequest
from local_cloud.redshift.copy.pipe import Aborted, Pipe
from local_cloud.redshift.copy.plain_lines import pieces, plain_lines
from local_cloud.redshift.copy.records import Record, records, text_record
from local_cloud.redshift.errors import SqlError, not_emulated
from local_cloud.redshift.history import LoadRecord
from local_cloud.redshift.s3_files import S3Error, S3Files

_PIECE = 64 * 1024
_POSTGRES_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Load:
    """Feeds one COPY from a thread of its own."""

    def __init__(
        self, request: LoadRequest, s3: S3Files, folder: Path, name: str, report: Callable[[LoadError], None]
    ) -> None:
        self._request = request
        self._command = request.command
        self._s3 = s3
        self._report = report
        self._errors = 0
        self.record: LoadRecord | None = None
        """Counts what is loaded, for SYS_LOAD_HISTORY."""
        self._lengths: dict[str, int] = {}
        self._keys = list(self._objects())
        self._converters: Sequence[tuple[Column, Convert]] = [(c, converter(c, self._command)) for c in request.columns]
        self._pick = self._picker()
        self._pipe = Pipe(folder / f"{name}.pipe")
        self._failure = folder / f"{name}.pipe.failure"
        self._thread = threading.Thread(target=self._run, name=f"copy {request.table_name}", daemon=True)

    @property
    def files(self) -> int:
        return len(self._keys)

    @property
    def path(self) -> Path:
        return self._pipe.path

    def start(self) -> None:
        self._thread.start()

    def abort(self) -> None:
        """Ends the stream at once, after PostgreSQL got the cancel."""
        self._pipe.abort()

    def finish(self) -> None:
        """After the statement: ends the thread and removes its files, whether or not PostgreSQL read the pipe."""
        for _ in range(20):
            if not self._thread.is_alive():
                break  # otherwise it waits for its reader or for S3
            self._pipe.abort()
            self._thread.join(0.05)
        self._pipe.path.unlink(missing_ok=True)
        self._failure.unlink(missing_ok=True)

    def _objects(self) -> Iterator[tuple[str, str]]:
        command = self._command
        if command.manifest:
            yield from self._manifest()
            return
        keys = self._list(command.bucket, command.key)
        if not keys:
            raise SqlError(f"The specified S3 prefix '{command.key}' does not exist")
        yield from ((command.bucket, key) for key in keys)

    def _manifest(self) -> Iterator[tuple[str, str]]:
        command = self._command
        if command.key not in self._list(command.bucket, command.key):
            raise SqlError(f"The specified S3 prefix '{command.key}' does not exist")
        try:
            with self._open(command.bucket, command.key) as stream:
                entries = json.load(stream)["entries"]
            files = [(str(entry["url"]), bool(entry.get("mandatory", False))) for entry in entries]
            self._lengths = self._content_lengths(entries) if command.parquet else {}
        except (ValueError, KeyError, TypeError) as error:
            raise SqlError(f"Problem reading manifest file - invalid JSON or no entries with a url ({error})") from None
        for url, mandatory in files:
            bucket, _, key = url.removeprefix("s3://").partition("/")
            if not url.startswith("s3://") or not key:
                raise SqlError(f"Problem reading manifest file - '{url}' is not an s3:// URL")
            if key in self._list(bucket, key):
                yield bucket, key
            elif mandatory:
                raise SqlError(
                    f"Problem reading manifest file - S3ServiceException:The specified key does not exist.,"
                    f"Status 404,Error NoSuchKey,Key {key}"
                )

    def _content_lengths(self, entries: Sequence[Mapping[str, Any]]) -> dict[str, int]:
        """{address: size} as a manifest of Parquet files says.

        Source: "Using a manifest to specify data files", Database Developer Guide; the error is that of
        https://github.com/awslabs/aws-lambda-redshift-loader/pull/221
        """
        for entry in entries:
            if "meta" not in entry:
                raise SqlError("File entry does not have 'meta' key.")
            if "content_length" not in entry["meta"]:
                raise not_emulated("COPY of Parquet by a manifest without content_length")
        return {str(entry["url"]): int(entry["meta"]["content_length"]) for entry in entries}

    def _check_length(self, stream: BinaryIO, file: str) -> None:
        """Redshift reads the end of a Parquet file where the manifest says it is.

        Source of the error: https://github.com/awslabs/aws-lambda-redshift-loader/issues/223
        """
        if file not in self._lengths:
            return
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        if self._lengths[file] > size:
            raise SqlError("HTTP response error code: 416 Message: InvalidRange The requested range is not satisfiable")
        if self._lengths[file] < size:
            raise not_emulated("COPY of Parquet by a manifest whose content_length is too small")

    def _picker(self) -> Pick:
        """How a JSON object becomes fields."""
        command = self._command
        columns = [column.name for column in self._request.columns]
        if command.json is None or not command.json.startswith("s3://"):
            return by_name(columns, ignore_case=command.json == "auto ignorecase")
        bucket, key = parse_location("COPY JSON", command.json)
        if key not in self._list(bucket, key):
            raise SqlError(f"The specified S3 prefix '{key}' does not exist")
        with self._open(bucket, key) as stream:
            return by_path(stream.read(), columns)

    def _list(self, bucket: str, prefix: str) -> list[str]:
        return self._s3.list(bucket, prefix, iam_role=self._command.iam_role, region=self._command.region)

    def _open(self, bucket: str, key: str) -> BinaryIO:
        return self._s3.open(bucket, key, iam_role=self._command.iam_role, region=self._command.region)

    def _run(self) -> None:
        try:
            self._pipe.open()
            try:
                self._feed()
            except Aborted:
                raise
            except SqlError as error:
                self._fail(error.message.removeprefix("ERROR: "))
            except S3Error as error:
                self._fail(error.message)
            except (OSError, EOFError, gzip.BadGzipFile, zlib.error) as error:
                self._fail(f"S3 data could not be read or decompressed: {error}")
            except Exception as error:  # PostgreSQL must not wait for a dead thread
                self._fail(f"COPY failed inside the local cloud: {error!r}")
                raise
        except Aborted:
            pass
        finally:
            self._pipe.close()

    def _feed(self) -> None:
        piece: list[bytes] = []
        size = 0
        for bucket, key in self._keys:
            with self._open(bucket, key) as stream:
                for row in self._rows(stream, f"s3://{bucket}/{key}"):
                    piece.append(row)
                    size += len(row)
                    if size >= _PIECE:
                        self._write(b"".join(piece))
                        piece, size = [], 0
        self._write(b"".join(piece))

    def _write(self, rows: bytes) -> None:
        self._pipe.write(rows)
        if self.record is not None:
            self.record.rows += rows.count(b"\n")
            self.record.bytes += len(rows)

    def _rows(self, stream: BinaryIO, file: str) -> Iterator[bytes]:
        """Lines for PostgreSQL, one or several at a time."""
        plain = plain_lines(self._request.columns, self._command)
        if plain is None:
            for record in self._records(stream, file):
                row = self._row(file, record)
                if row is not None and not self._command.no_load:
                    yield row.encode()
            return
        delimiter = self._command.delimiter.encode()
        for piece in pieces(decompressed(stream, self._command.compression), plain, self._command.ignore_header):
            if piece.plain:
                yield piece.data.replace(delimiter, b"\t")
            elif (one := text_record(piece.line, piece.data, self._command)) is not None:
                row = self._row(file, one)
                if row is not None:
                    yield row.encode()

    def _records(self, stream: BinaryIO, file: str) -> Iterator[Record]:
        command = self._command
        if command.parquet:
            self._check_length(stream, file)
            return parquet_records(stream, file, self._request.columns, fill_record=command.fill_record)
        content = decompressed(stream, command.compression)
        return json_records(content, self._pick) if command.json else records(content, command)

    def _row(self, file: str, record: Record) -> str | None:
        """The record as a line for PostgreSQL; None if it was reported as an error and is skipped."""
        column: Column | None = None
        field: str | None = ""
        try:
            fields = self._fields(record)
            values = []
            for (column, convert), field in zip(self._converters, fields, strict=True):  # noqa: B007 (reported on failure)
                value = convert(field)
                values.append("\\N" if value is None else value.translate(_POSTGRES_ESCAPES))
            return "\t".join(values) + "\n"
        except FieldError as error:
            if column is None and error.code == 1214 and record.fields:
                column = self._request.columns[len(record.fields) - 1]
            self._note(
                LoadError(file, record.line, column, error.position, record.text, field or "", error.code, error.reason)
            )
            return None

    def _fields(self, record: Record) -> Sequence[str | None]:
        expected = len(self._converters)
        fields = record.fields
        if fields is None:
            raise FieldError(1214 if self._command.csv else 1216, record.problem)
        if len(fields) == expected + 1 and not fields[-1] and not self._command.csv:
            fields = fields[:-1]  # one delimiter at the end of a line is allowed
        if len(fields) > expected:
            raise FieldError(1202, "Extra column(s) found")
        if len(fields) < expected:
            if not self._command.fill_record:
                raise FieldError(1214, "Delimiter not found")
            fields = [*fields, *[""] * (expected - len(fields))]
        return fields

    def _note(self, error: LoadError) -> None:
        self._report(error)
        self._errors += 1
        if self.record is not None:
            self.record.errors = self._errors
        if self._errors >= max(1, self._command.max_error) and not self._command.ignore_all_errors:
            name = self._request.table_name
            raise SqlError(f"Load into table '{name}' failed. Check 'sys_load_error_detail' system table for details.")

    def _fail(self, message: str) -> None:
        """Writes the reason where redshift.copy looks for it, then sends a line that no table accepts."""
        if self._pipe.aborted:
            raise Aborted
        self._failure.write_text(message)
        self._failure.chmod(0o644)
        self._pipe.write(b"\t" * (len(self._converters) + 1) + b"\n")
