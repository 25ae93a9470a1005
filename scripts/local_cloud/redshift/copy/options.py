"""Parses COPY: the statement's options, read from its tokens.

Source: "COPY" with its pages on format, conversion and load parameters, Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlglot.tokenizer_core import Token

from local_cloud.redshift.copy.authorization import AUTHORIZATIONS, parse_location, parse_role
from local_cloud.redshift.copy.command import CopyCommand
from local_cloud.redshift.copy.conflicts import check_conflicts
from local_cloud.redshift.errors import SqlError, not_emulated, not_redshift
from local_cloud.redshift.sql.words import Words

_NO_EFFECT = {"COMPUPDATE", "STATUPDATE"}


def parse_copy(tokens: list[Token]) -> CopyCommand:
    """Parses one COPY statement. Raises SqlError that names an option that is not emulated."""
    words = Words("COPY", tokens)
    words.expect("COPY")
    table = words.qualified_name()
    columns = words.names()
    words.expect("FROM")
    if words.peek() in {"PROGRAM", "STDIN"}:
        raise not_redshift(f"COPY ... FROM {words.peek()}")
    command = _source(CopyCommand(table, columns, "", ""), words.string("FROM"))
    while words.more():
        command = _option(command, words)
    if not command.iam_role:
        raise SqlError("COPY requires IAM_ROLE 'arn' or IAM_ROLE default")
    check_conflicts(words.seen)
    return replace(command, delimiter=command.delimiter or ("," if command.csv else "|"))


def _source(command: CopyCommand, uri: str) -> CopyCommand:
    scheme, separator, _ = uri.partition("://")
    if separator and scheme.lower() != "s3":
        raise not_emulated(f"COPY from {scheme}://")
    bucket, key = parse_location("COPY from", uri)
    return replace(command, bucket=bucket, key=key)


def _option(command: CopyCommand, words: Words) -> CopyCommand:
    words.skip("WITH")  # before CREDENTIALS
    name = words.option()
    if name in AUTHORIZATIONS:
        return replace(command, iam_role=parse_role(name, words))
    if name in _NO_EFFECT:
        words.skip("ON", "OFF", "TRUE", "FALSE", "PRESET")
        return command
    if name in _FLAGS:
        return replace(command, **_FLAGS[name])  # type: ignore[arg-type]
    if name not in _VALUES:
        raise not_emulated(f"COPY option {name}")
    return _VALUES[name](command, words)


def _format(command: CopyCommand, words: Words) -> CopyCommand:
    words.skip("AS")
    name = words.option()
    if name not in _FORMATS:
        raise not_emulated(f"COPY option FORMAT {name}")
    return _FORMATS[name](command, words)


def _csv(command: CopyCommand, words: Words) -> CopyCommand:
    words.skip("AS")
    if words.skip("QUOTE"):
        return replace(command, csv=True, quote=_one_character("QUOTE", words.string("QUOTE")))
    return replace(command, csv=True)


def _json(command: CopyCommand, words: Words) -> CopyCommand:
    words.skip("AS")
    how = words.take().text if words.next_is_string() else "auto"
    if how == "noshred":
        raise not_emulated("COPY option JSON 'noshred'")
    if how not in {"auto", "auto ignorecase"}:
        parse_location("COPY JSON", how)
    return replace(command, json=how)


def _parquet(command: CopyCommand, words: Words) -> CopyCommand:
    if words.skip("SERIALIZETOJSON"):
        raise not_emulated("COPY option SERIALIZETOJSON")
    return replace(command, parquet=True)


def _fixed_width(command: CopyCommand, words: Words) -> CopyCommand:
    """'label:width,label:width'; the labels have no meaning."""
    specification = words.string("FIXEDWIDTH")
    widths = [part.rpartition(":")[2].strip() for part in specification.split(",")]
    if not all(width.isdigit() and int(width) > 0 for width in widths):
        raise SqlError(f"Invalid FIXEDWIDTH '{specification}': write 'label:width,label:width'")
    return replace(command, widths=tuple(map(int, widths)))


def _delimiter(command: CopyCommand, words: Words) -> CopyCommand:
    text = words.string("DELIMITER")
    if text.startswith("\\") and len(text) == 4 and text[1:].isdigit():
        text = chr(int(text[1:], 8))  # '\174' is a pipe
    text = {"\\t": "\t"}.get(text, text)
    if not 1 <= len(text) <= 4:
        raise SqlError("COPY delimiter must be one to four characters")
    return replace(command, delimiter=text)


def _null(command: CopyCommand, words: Words) -> CopyCommand:
    words.skip("AS")
    text = words.string("NULL")
    return replace(command, null_as={"\\0": "\0", "\\000": "\0"}.get(text, text))


def _invalid_characters(command: CopyCommand, words: Words) -> CopyCommand:
    words.skip("AS")
    replacement = words.take().text if words.next_is_string() else "?"
    return replace(command, accept_invalid_characters=_one_character("ACCEPTINVCHARS", replacement))


def _max_error(command: CopyCommand, words: Words) -> CopyCommand:
    number = words.number("MAXERROR")
    if number > 100_000:
        raise SqlError("MAXERROR must be between 0 and 100000")
    return replace(command, max_error=number)


def _encoding(command: CopyCommand, words: Words) -> CopyCommand:
    words.skip("AS")
    encoding = words.take().text.upper()
    if encoding != "UTF8":
        raise not_emulated(f"COPY option ENCODING {encoding}")
    return command


def _sample_rows(command: CopyCommand, words: Words) -> CopyCommand:
    """COMPROWS chooses how many rows COMPUPDATE looks at: there is no compression here."""
    words.number("COMPROWS")
    return command


def _one_character(option: str, text: str) -> str:
    if len(text) != 1:
        raise SqlError(f"COPY option {option} requires one character")
    return text


_FLAGS: dict[str, dict[str, object]] = {
    "MANIFEST": {"manifest": True},
    "GZIP": {"compression": "gzip"},
    "BZIP2": {"compression": "bz2"},
    "ZSTD": {"compression": "zstd"},
    "EMPTYASNULL": {"empty_as_null": True},
    "BLANKSASNULL": {"blanks_as_null": True},
    "ESCAPE": {"escape": True},
    "REMOVEQUOTES": {"remove_quotes": True},
    "FILLRECORD": {"fill_record": True},
    "TRUNCATECOLUMNS": {"truncate_columns": True},
    "TRIMBLANKS": {"trim_blanks": True},
    "ROUNDEC": {"round_decimals": True},
    "ACCEPTANYDATE": {"accept_any_date": True},
    "IGNOREBLANKLINES": {"ignore_blank_lines": True},
    "IGNOREALLERRORS": {"ignore_all_errors": True},
    "NOLOAD": {"no_load": True},
    "EXPLICIT_IDS": {"explicit_ids": True},
}
_FORMATS: dict[str, Callable[[CopyCommand, Words], CopyCommand]] = {
    "CSV": _csv,
    "JSON": _json,
    "PARQUET": _parquet,
}
_VALUES: dict[str, Callable[[CopyCommand, Words], CopyCommand]] = {
    **_FORMATS,
    "REGION": lambda command, words: replace(command, region=words.string("REGION")),
    "FORMAT": _format,
    "FIXEDWIDTH": _fixed_width,
    "QUOTE": lambda command, words: replace(command, quote=_one_character("QUOTE", words.string("QUOTE"))),
    "DELIMITER": _delimiter,
    "IGNOREHEADER": lambda command, words: replace(command, ignore_header=words.number("IGNOREHEADER")),
    "NULL": _null,
    "DATEFORMAT": lambda command, words: replace(command, date_format=words.string("DATEFORMAT")),
    "TIMEFORMAT": lambda command, words: replace(command, time_format=words.string("TIMEFORMAT")),
    "ACCEPTINVCHARS": _invalid_characters,
    "MAXERROR": _max_error,
    "ENCODING": _encoding,
    "COMPROWS": _sample_rows,
}
