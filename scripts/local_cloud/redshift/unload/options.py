"""Parses UNLOAD: the query, the place and the options.

Source: "UNLOAD", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot.tokenizer_core import Token

from local_cloud.redshift.copy.authorization import AUTHORIZATIONS, parse_location, parse_role
from local_cloud.redshift.errors import SqlError, not_emulated
from local_cloud.redshift.sql.words import Words
from local_cloud.redshift.unload.command import UnloadCommand

_UNITS = {"MB": 1024**2, "GB": 1024**3}
_SMALLEST, _LARGEST = 5 * 1024**2, int(6.2 * 1024**3)
_TEXT_ONLY = {"DELIMITER", "FIXEDWIDTH", "ADDQUOTES", "ESCAPE", "NULL", "HEADER"}
_COMPRESSIONS = {"GZIP", "BZIP2", "ZSTD"}
_CONFLICTS = {
    "CSV": {"FIXEDWIDTH", "ADDQUOTES"},
    "JSON": _TEXT_ONLY,
    "PARQUET": _TEXT_ONLY | _COMPRESSIONS,
    "FIXEDWIDTH": {"DELIMITER", "HEADER"},
    "CLEANPATH": {"ALLOWOVERWRITE"},
}


def parse_unload(tokens: list[Token]) -> tuple[UnloadCommand, str]:
    """The options and the text of the query. Raises SqlError that names an option that is not emulated."""
    words = Words("UNLOAD", tokens)
    words.expect("UNLOAD")
    words.expect("(")
    query = words.string("query")
    words.expect(")")
    words.expect("TO")
    command = UnloadCommand(*parse_location("UNLOAD to", words.string("TO")))
    while words.more():
        command = _option(command, words)
    if not command.iam_role:
        raise SqlError("UNLOAD requires IAM_ROLE 'arn' or IAM_ROLE default")
    _check_conflicts(words.seen)
    if command.partition_by and not command.prefix.endswith("/"):
        command = replace(command, prefix=f"{command.prefix}/")
    return replace(command, delimiter=command.delimiter or ("," if command.format == "csv" else "|")), query


def _check_conflicts(options: set[str]) -> None:
    for name, others in _CONFLICTS.items():
        if name in options and (found := sorted(others & options)):
            raise SqlError(f"UNLOAD: {name} is not compatible with {' or '.join(found)}")
    for names in (_COMPRESSIONS, {"CSV", "JSON", "PARQUET"}):
        if len(found := sorted(names & options)) > 1:
            raise SqlError(f"UNLOAD: {found[0]} is not compatible with {found[1]}")


def _option(command: UnloadCommand, words: Words) -> UnloadCommand:
    words.skip("WITH")  # before CREDENTIALS
    name = words.option()
    if name in AUTHORIZATIONS:
        return replace(command, iam_role=parse_role(name, words))
    if name in _FLAGS:
        return replace(command, **_FLAGS[name])  # type: ignore[arg-type]
    if name not in _VALUES:
        raise not_emulated(f"UNLOAD option {name}")
    return _VALUES[name](command, words)


def _format(command: UnloadCommand, words: Words) -> UnloadCommand:
    words.skip("AS")
    name = words.option()
    if name not in {"CSV", "JSON", "PARQUET"}:
        raise SqlError(f'syntax error at or near "{name}"')
    return replace(command, format=name.lower())


def _delimiter(command: UnloadCommand, words: Words) -> UnloadCommand:
    text = words.string("DELIMITER")
    text = {"\\t": "\t"}.get(text, text)
    if len(text) != 1 or not text.isascii():
        raise SqlError("UNLOAD delimiter must be a single ASCII character")
    return replace(command, delimiter=text)


def _fixed_width(command: UnloadCommand, words: Words) -> UnloadCommand:
    specification = words.string("FIXEDWIDTH")
    widths = [part.rpartition(":")[2].strip() for part in specification.split(",")]
    if not all(width.isdigit() and int(width) > 0 for width in widths):
        raise SqlError(f"Invalid FIXEDWIDTH '{specification}': write 'column:width,column:width'")
    return replace(command, widths=tuple(map(int, widths)))


def _null(command: UnloadCommand, words: Words) -> UnloadCommand:
    return replace(command, null_as=words.string("NULL"))


def _parallel(command: UnloadCommand, words: Words) -> UnloadCommand:
    if words.skip("OFF", "FALSE"):
        return replace(command, parallel=False)
    words.skip("ON", "TRUE")
    return command


def _max_file_size(command: UnloadCommand, words: Words) -> UnloadCommand:
    words.skip("AS")
    text = words.take().text
    try:
        size = float(text) * _UNITS[words.word() if words.peek() in _UNITS else "MB"]
    except ValueError:
        raise SqlError("UNLOAD option MAXFILESIZE requires a number") from None
    if not _SMALLEST <= size <= _LARGEST:
        raise SqlError("MAXFILESIZE must be between 5 MB and 6.2 GB")
    return replace(command, max_file_size=int(size))


def _partition_by(command: UnloadCommand, words: Words) -> UnloadCommand:
    names = words.names()
    if not names:
        raise SqlError("UNLOAD option PARTITION BY requires a list of columns")
    return replace(command, partition_by=names, include_partitions=words.skip("INCLUDE"))


def _manifest(command: UnloadCommand, words: Words) -> UnloadCommand:
    if words.skip("VERBOSE"):
        raise not_emulated("UNLOAD option MANIFEST VERBOSE")
    return replace(command, manifest=True)


_FLAGS: dict[str, dict[str, object]] = {
    "CSV": {"format": "csv"},
    "JSON": {"format": "json"},
    "PARQUET": {"format": "parquet"},
    "HEADER": {"header": True},
    "ADDQUOTES": {"add_quotes": True},
    "ESCAPE": {"escape": True},
    "GZIP": {"compression": "gz"},
    "BZIP2": {"compression": "bz2"},
    "ZSTD": {"compression": "zst"},
    "ALLOWOVERWRITE": {"allow_overwrite": True},
    "CLEANPATH": {"clean_path": True},
}
_VALUES: dict[str, Callable[[UnloadCommand, Words], UnloadCommand]] = {
    "FORMAT": _format,
    "DELIMITER": _delimiter,
    "FIXEDWIDTH": _fixed_width,
    "NULL": _null,
    "PARALLEL": _parallel,
    "MAXFILESIZE": _max_file_size,
    "PARTITION BY": _partition_by,
    "MANIFEST": _manifest,
    "EXTENSION": lambda command, words: replace(command, extension=words.string("EXTENSION")),
    "REGION": lambda command, words: replace(command, region=words.string("REGION")),
}
