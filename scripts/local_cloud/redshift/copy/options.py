"""Parses COPY: the statement's options, read from its tokens.

Source: "COPY" with its pages on format, conversion and load parameters, Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

from sqlglot.tokenizer_core import Token, TokenType

from local_cloud.redshift.errors import SqlError, not_emulated, not_redshift

_NO_EFFECT = {"COMPUPDATE", "STATUPDATE"}
_UNSUPPORTED = {
    "CREDENTIALS": "A key or password in COPY (use IAM_ROLE, never a password)",
    "ACCESS_KEY_ID": "A key or password in COPY (use IAM_ROLE, never a password)",
    "SECRET_ACCESS_KEY": "A key or password in COPY (use IAM_ROLE, never a password)",
}


@dataclass(frozen=True)
class CopyCommand:
    """A COPY from S3, with everything that decides how a line becomes a row."""

    table: str
    columns: tuple[str, ...]
    bucket: str
    key: str
    iam_role: str = ""
    region: str | None = None
    manifest: bool = False
    csv: bool = False
    delimiter: str = ""
    quote: str = '"'
    compression: str | None = None
    ignore_header: int = 0
    null_as: str = "\\N"
    empty_as_null: bool = False
    blanks_as_null: bool = False
    date_format: str | None = None
    time_format: str | None = None
    escape: bool = False
    remove_quotes: bool = False
    fill_record: bool = False
    truncate_columns: bool = False
    trim_blanks: bool = False
    accept_any_date: bool = False
    ignore_blank_lines: bool = False
    accept_invalid_characters: str | None = None
    max_error: int = 0

    def as_request(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_request(cls, request: dict[str, object]) -> CopyCommand:
        columns = request.pop("columns")
        assert isinstance(columns, list)  # noqa: S101 (JSON knows no tuples)
        return cls(columns=tuple(columns), **request)  # type: ignore[arg-type]


@dataclass
class _Words:
    """The tokens of the statement, taken one by one."""

    text: str
    tokens: list[Token]
    at: int = 0
    seen: set[str] = field(default_factory=set)

    def more(self) -> bool:
        return self.at < len(self.tokens)

    def peek(self) -> str:
        return self.tokens[self.at].text.upper() if self.more() else ""

    def take(self) -> Token:
        if not self.more():
            raise SqlError("syntax error at end of input")
        self.at += 1
        return self.tokens[self.at - 1]

    def word(self) -> str:
        return self.take().text.upper()

    def skip(self, *words: str) -> bool:
        if self.peek() in words:
            self.at += 1
            return True
        return False

    def expect(self, *words: str) -> None:
        if not self.skip(*words):
            raise SqlError(f'syntax error at or near "{self.peek()}": COPY requires {" or ".join(words)}')

    def string(self, option: str) -> str:
        self.skip("AS")
        if not self.next_is_string():
            raise SqlError(f"COPY option {option} requires a quoted value")
        return self.take().text

    def next_is_string(self) -> bool:
        return self.more() and self.tokens[self.at].token_type in {TokenType.STRING, TokenType.RAW_STRING}

    def number(self, option: str) -> int:
        self.skip("AS")
        token = self.take()
        if token.token_type != TokenType.NUMBER or not token.text.isdigit():
            raise SqlError(f"COPY option {option} requires a number")
        return int(token.text)


def parse_copy(text: str, tokens: list[Token]) -> CopyCommand:
    """Parses one COPY statement. Raises SqlError that names an option that is not emulated."""
    words = _Words(text, tokens)
    words.expect("COPY")
    table = _table(words)
    columns = _columns(words)
    words.expect("FROM")
    if words.peek() in {"PROGRAM", "STDIN"}:
        raise not_redshift(f"COPY ... FROM {words.peek()}")
    bucket, key = _location(words.string("FROM"))
    command = CopyCommand(table, columns, bucket, key)
    while words.more():
        command = _option(command, words)
    if not command.iam_role:
        raise SqlError("COPY requires IAM_ROLE 'arn' or IAM_ROLE default")
    if command.csv and (command.escape or command.remove_quotes):
        raise SqlError("CSV is not compatible with ESCAPE or REMOVEQUOTES")
    return replace(command, delimiter=command.delimiter or ("," if command.csv else "|"))


def _table(words: _Words) -> str:
    name = _name(words)
    while words.skip("."):
        name += "." + _name(words)
    return name


def _name(words: _Words) -> str:
    return '"' + words.take().text.lower().replace('"', '""') + '"'


def _columns(words: _Words) -> tuple[str, ...]:
    names: list[str] = []
    if words.skip("("):
        while True:
            names.append(words.take().text.lower())
            if words.skip(")"):
                break
            words.expect(",")
    return tuple(names)


def _location(uri: str) -> tuple[str, str]:
    scheme, separator, rest = uri.partition("://")
    bucket, slash, key = rest.partition("/")
    if not separator:
        raise SqlError(f"COPY from '{uri}': only s3:// is supported")
    if scheme.lower() != "s3":
        raise not_emulated(f"COPY from {scheme}://")
    if not bucket or not slash or not key:
        raise SqlError(f"COPY from '{uri}': write s3://bucket/prefix")
    return bucket, key


def _option(command: CopyCommand, words: _Words) -> CopyCommand:
    name = words.word()
    if name in words.seen and name != "AS":
        raise SqlError(f"conflicting or redundant options: {name}")
    words.seen.add(name)
    if name in _UNSUPPORTED:
        raise SqlError(f"{_UNSUPPORTED[name]} is not supported")
    if name in _NO_EFFECT:
        words.skip("ON", "OFF", "TRUE", "FALSE", "PRESET")
        return command
    if name in _FLAGS:
        return replace(command, **_FLAGS[name])  # type: ignore[arg-type]
    if name not in _VALUES:
        raise not_emulated(f"COPY option {name}")
    return _VALUES[name](command, words)


def _role(command: CopyCommand, words: _Words) -> CopyCommand:
    if words.skip("DEFAULT"):
        return replace(command, iam_role="default")
    role = words.string("IAM_ROLE")
    if not role.startswith("arn:"):
        raise SqlError(f"Invalid IAM_ROLE '{role}': write an ARN or default")
    return replace(command, iam_role=role)


def _csv(command: CopyCommand, words: _Words) -> CopyCommand:
    words.skip("AS")
    if words.skip("QUOTE"):
        words.skip("AS")
        return replace(command, csv=True, quote=_one_character("QUOTE", words.string("QUOTE")))
    return replace(command, csv=True)


def _format(command: CopyCommand, words: _Words) -> CopyCommand:
    words.skip("AS")
    if words.skip("CSV"):
        words.seen.add("CSV")
        return _csv(command, words)
    raise not_emulated(f"COPY option FORMAT {words.peek()}")


def _quote(command: CopyCommand, words: _Words) -> CopyCommand:
    return replace(command, quote=_one_character("QUOTE", words.string("QUOTE")))


def _delimiter(command: CopyCommand, words: _Words) -> CopyCommand:
    text = words.string("DELIMITER")
    if text.startswith("\\") and len(text) == 4 and text[1:].isdigit():
        text = chr(int(text[1:], 8))  # '\174' is a pipe
    text = {"\\t": "\t"}.get(text, text)
    if not 1 <= len(text) <= 4:
        raise SqlError("COPY delimiter must be one to four characters")
    return replace(command, delimiter=text)


def _null(command: CopyCommand, words: _Words) -> CopyCommand:
    words.skip("AS")
    text = words.string("NULL")
    return replace(command, null_as={"\\0": "\0", "\\000": "\0"}.get(text, text))


def _invalid_characters(command: CopyCommand, words: _Words) -> CopyCommand:
    words.skip("AS")
    replacement = words.take().text if words.next_is_string() else "?"
    return replace(command, accept_invalid_characters=_one_character("ACCEPTINVCHARS", replacement))


def _max_error(command: CopyCommand, words: _Words) -> CopyCommand:
    number = words.number("MAXERROR")
    if number > 100_000:
        raise SqlError("MAXERROR must be between 0 and 100000")
    return replace(command, max_error=number)


def _encoding(command: CopyCommand, words: _Words) -> CopyCommand:
    words.skip("AS")
    encoding = words.take().text.upper()
    if encoding != "UTF8":
        raise not_emulated(f"COPY option ENCODING {encoding}")
    return command


def _one_character(option: str, text: str) -> str:
    if len(text) != 1:
        raise SqlError(f"COPY option {option} requires one character")
    return text


_FLAGS: dict[str, dict[str, object]] = {
    "MANIFEST": {"manifest": True},
    "GZIP": {"compression": "gzip"},
    "BZIP2": {"compression": "bzip2"},
    "EMPTYASNULL": {"empty_as_null": True},
    "BLANKSASNULL": {"blanks_as_null": True},
    "ESCAPE": {"escape": True},
    "REMOVEQUOTES": {"remove_quotes": True},
    "FILLRECORD": {"fill_record": True},
    "TRUNCATECOLUMNS": {"truncate_columns": True},
    "TRIMBLANKS": {"trim_blanks": True},
    "ACCEPTANYDATE": {"accept_any_date": True},
    "IGNOREBLANKLINES": {"ignore_blank_lines": True},
}
_VALUES: dict[str, Callable[[CopyCommand, _Words], CopyCommand]] = {
    "IAM_ROLE": _role,
    "REGION": lambda command, words: replace(command, region=words.string("REGION")),
    "CSV": _csv,
    "FORMAT": _format,
    "QUOTE": _quote,
    "DELIMITER": _delimiter,
    "IGNOREHEADER": lambda command, words: replace(command, ignore_header=words.number("IGNOREHEADER")),
    "NULL": _null,
    "DATEFORMAT": lambda command, words: replace(command, date_format=words.string("DATEFORMAT")),
    "TIMEFORMAT": lambda command, words: replace(command, time_format=words.string("TIMEFORMAT")),
    "ACCEPTINVCHARS": _invalid_characters,
    "MAXERROR": _max_error,
    "ENCODING": _encoding,
}
