"""Your own trips for the demo: `.psv` as they are, TLC's CSV and Parquet turned into the ten columns on the way.

The warehouse is the judge of every row. Nothing is repaired, dropped or guessed: what looks wrong is told with its file
and line, and what cannot stand in this form is written so that COPY refuses it. One line is written for each record, in
the order of the source: the line that COPY names is the record of the source (its header and blank lines not counted).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from gzip import GzipFile
from io import BufferedReader
from pathlib import Path

from trips.rows import DataError, reading, writing
from trips.tlc import csv_reader, parquet_reader
from trips.tlc.record import Report, Suspect

__all__ = ["SUFFIXES", "Converted", "DataError", "Suspect", "convert"]

SUFFIXES = (".psv", ".psv.gz", ".csv", ".csv.gz", ".parquet")


@dataclass(frozen=True)
class Converted:
    """A `.psv.gz` that is ready to be loaded. `wrong` counts the suspects, `warnings` holds the first of them."""

    path: Path
    source: Path
    rows: int
    warnings: tuple[Suspect, ...] = ()
    wrong: int = 0


def convert(paths: Sequence[Path], out_folder: Path) -> list[Converted]:
    """Makes a `.psv.gz` of every file, in `out_folder`. DataError names the file that cannot be one, and why."""
    plan: dict[str, tuple[Path, Path]] = {}
    for path in paths:
        name = _output_name(path)
        other, _ = plan.get(name.casefold(), (None, None))
        if other is not None:
            raise DataError(f"{other} and {path} would both be loaded as {name}: rename one, or give it once")
        if not path.is_file():
            raise DataError(f"{path}: {'not a file' if path.exists() else 'no such file'}")
        if path.stat().st_size == 0:
            raise DataError(f"{path}: is empty")
        target = out_folder / name
        if target.exists() and target.samefile(path):
            raise DataError(f"{path}: lies in the folder that the converted files go to")
        plan[name.casefold()] = (path, target)
    out_folder.mkdir(parents=True, exist_ok=True)
    return [_convert(source, target) for source, target in plan.values()]


def _output_name(path: Path) -> str:
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix) and len(path.name) > len(suffix):
            return path.name[: -len(suffix)] + ".psv.gz"
    raise DataError(f"{path}: not a kind of file that is read here; allowed: {' '.join(SUFFIXES)}")


def _convert(source: Path, target: Path) -> Converted:
    name = source.name.lower()
    if name.endswith(".psv.gz"):
        return Converted(target, source, _pass_on(source, target))
    if name.endswith(".psv"):
        return Converted(target, source, _pack(source, target))
    report = Report(source)
    lines = parquet_reader.lines(source, report) if name.endswith(".parquet") else csv_reader.lines(source, report)
    rows = 0
    with writing(target) as file:
        for line in lines:
            file.write(line.encode("utf-8", "surrogateescape") + b"\n")
            rows += 1
        if not rows:
            raise DataError(f"{source}: has a header and no trips")
    return Converted(target, source, rows, tuple(report.suspects), report.wrong)


def _pass_on(source: Path, target: Path) -> int:
    """Copies the bytes as they are; unpacks only to count, and to say so if it cannot be unpacked."""
    with reading(source) as file:
        rows = _not_empty(sum(_lines_in(block) for block in _blocks(file)), source)
    part = target.with_name(target.name + ".partial")
    try:
        shutil.copyfile(source, part)
        part.replace(target)
    except OSError as error:
        raise DataError(f"{target}: cannot be made: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return rows


def _pack(source: Path, target: Path) -> int:
    """Packs the bytes as they are, because one COPY reads packed or plain files but not both."""
    rows = 0
    with reading(source) as file, writing(target) as packed:
        for block in _blocks(file):
            rows += _lines_in(block)
            packed.write(block)
    return rows


def _not_empty(rows: int, source: Path) -> int:
    if not rows:
        raise DataError(f"{source}: is empty")
    return rows


def _blocks(file: BufferedReader | GzipFile) -> Iterator[bytes]:
    """The file in pieces that end with whole lines, the last one perhaps without its line end."""
    rest = b""
    while block := file.read(1 << 20):
        whole, newline, rest = (rest + block).rpartition(b"\n")
        if newline:
            yield whole + newline
    if rest:
        yield rest


def _lines_in(block: bytes) -> int:
    return block.count(b"\n") + (not block.endswith(b"\n"))
