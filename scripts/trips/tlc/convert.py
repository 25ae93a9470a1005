"""Makes a loadable `.psv.gz` of your own trips: of `.psv` as it is, of TLC's CSV and Parquet by its ten columns.

The warehouse judges every row. Nothing is repaired, dropped or guessed: what looks wrong becomes a warning with file
and line, and what this form cannot hold is written so that COPY rejects it. Each record becomes one line, in the order
of the source: the line that COPY names is the number of the record (without the header and blank lines).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from gzip import GzipFile
from io import BufferedReader
from pathlib import Path

from trips.rows import DataError, open_for_reading, open_for_writing
from trips.tlc import csv_reader, parquet_reader
from trips.tlc.record import Report, SuspectRecord

SUFFIXES = (".psv", ".psv.gz", ".csv", ".csv.gz", ".parquet")


@dataclass(frozen=True)
class Converted:
    """A `.psv.gz` that is ready to load. `warnings` holds the first warnings, `warning_count` counts all."""

    path: Path
    source: Path
    rows: int
    warnings: tuple[SuspectRecord, ...] = ()
    warning_count: int = 0


def convert(paths: Sequence[Path], out_folder: Path) -> list[Converted]:
    """Writes a `.psv.gz` of every file to `out_folder`; raises DataError."""
    plan: dict[str, tuple[Path, Path]] = {}
    for path in paths:
        name = _output_name(path)
        other, _ = plan.get(name.casefold(), (None, None))
        if other is not None:
            raise DataError(f"{other} and {path} would both become {name}. Rename one of them.")
        if not path.is_file():
            raise DataError(f"{path}: {'not a file' if path.exists() else 'no such file'}")
        if path.stat().st_size == 0:
            raise DataError(f"{path}: is empty")
        target = out_folder / name
        if target.exists() and target.samefile(path):
            raise DataError(f"{path}: is in the folder of the converted files")
        plan[name.casefold()] = (path, target)
    out_folder.mkdir(parents=True, exist_ok=True)
    return [_convert(source, target) for source, target in plan.values()]


def _output_name(path: Path) -> str:
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix) and len(path.name) > len(suffix):
            return path.name[: -len(suffix)] + ".psv.gz"
    raise DataError(f"{path}: this type of file is not supported. Supported: {' '.join(SUFFIXES)}")


def _convert(source: Path, target: Path) -> Converted:
    name = source.name.lower()
    if name.endswith(".psv.gz"):
        return Converted(target, source, _copy(source, target))
    if name.endswith(".psv"):
        return Converted(target, source, _pack(source, target))
    report = Report(source)
    lines = parquet_reader.lines(source, report) if name.endswith(".parquet") else csv_reader.lines(source, report)
    rows = 0
    with open_for_writing(target) as file:
        for line in lines:
            file.write(line.encode("utf-8", "surrogateescape") + b"\n")
            rows += 1
        if not rows:
            raise DataError(f"{source}: has no trips, only a header")
    return Converted(target, source, rows, tuple(report.warnings), report.count)


def _copy(source: Path, target: Path) -> int:
    """Copies the bytes. Unpacks them only to count the rows, and to find out that they can be unpacked."""
    with open_for_reading(source) as file:
        rows = _not_empty(sum(_lines_in(block) for block in _blocks(file)), source)
    part = target.with_name(target.name + ".partial")
    try:
        shutil.copyfile(source, part)
        part.replace(target)
    except OSError as error:
        raise DataError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return rows


def _pack(source: Path, target: Path) -> int:
    """Packs the bytes: one COPY reads either packed or plain files."""
    rows = 0
    with open_for_reading(source) as file, open_for_writing(target) as packed:
        for block in _blocks(file):
            rows += _lines_in(block)
            packed.write(block)
    return rows


def _not_empty(rows: int, source: Path) -> int:
    if not rows:
        raise DataError(f"{source}: is empty")
    return rows


def _blocks(file: BufferedReader | GzipFile) -> Iterator[bytes]:
    """Yields the file in blocks of whole lines. The last line may have no line end."""
    rest = b""
    while block := file.read(1 << 20):
        whole, newline, rest = (rest + block).rpartition(b"\n")
        if newline:
            yield whole + newline
    if rest:
        yield rest


def _lines_in(block: bytes) -> int:
    return block.count(b"\n") + (not block.endswith(b"\n"))
