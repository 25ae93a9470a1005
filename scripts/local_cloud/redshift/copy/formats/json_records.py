"""Reads records from a file of JSON objects or arrays, which only white space separates.

Source: "JSON data file" and "COPY from JSON format", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from local_cloud.redshift.copy.formats.jsonpaths import Pick
from local_cloud.redshift.copy.records import Record

_PIECE = 64 * 1024
_LONGEST = 4 * 1024 * 1024  # "The maximum size of a single JSON object or array ... is 4 MB"
_START = re.compile(r"[{\[]")


class _Number(str):
    """A number as the file writes it."""

    __slots__ = ()


def _no_constant(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity are not JSON


_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=_no_constant)


def json_records(stream: BinaryIO, pick: Pick) -> Iterator[Record]:
    """A record for each object or array, and one with a problem for anything else."""
    text = _Text(stream)
    while text.find_start():
        if text.skipped:
            yield Record(text.line, text.skipped, None, "Invalid JSON: text outside of an object or array")
        if not text.at_value:
            return
        line = text.line
        try:
            value, raw = text.take()
        except ValueError as error:
            yield Record(line, text.skip_line(), None, f"Invalid JSON: {error}")
            continue
        fields = pick(value)
        problem = "" if fields is not None else "Invalid JSON: an array requires a JSONPaths file"
        yield Record(line, raw, None if fields is None else [_field(field) for field in fields], problem)


class _Text:
    """The file's text from the next value on."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._text = ""
        self._ended = False
        self.line = 1
        self.skipped = ""
        self.at_value = False

    def find_start(self) -> bool:
        """Moves to the next brace or bracket; False at the end of the file. `skipped` is what lies before."""
        found = _START.search(self._text)
        while found is None and not self._ended:
            start = len(self._text)
            self._read(_PIECE)
            found = _START.search(self._text, start)
        self.at_value = found is not None
        end = found.start() if found else len(self._text)
        self.skipped = self._text[:end].strip()
        self._drop(end)
        return self.at_value or bool(self.skipped)

    def take(self) -> tuple[object, str]:
        """The value that starts here, and its text. Raises ValueError."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text)
            except RecursionError:
                raise ValueError("nested too deeply") from None
            except ValueError:
                if self._ended or len(self._text) > _LONGEST:
                    raise
                self._read(max(_PIECE, len(self._text)))
                continue
            if end > _LONGEST:
                raise ValueError("an object exceeds 4 MB")
            raw = self._text[:end]
            self._drop(end)
            return value, raw

    def skip_line(self) -> str:
        """Moves behind the line, and returns it."""
        end = self._text.find("\n") + 1 or len(self._text)
        line = self._text[:end].rstrip("\r\n")
        self._drop(end)
        return line

    def _read(self, size: int) -> None:
        data = self._stream.read(size)
        self._ended = not data
        self._text += self._decode(data, final=self._ended)

    def _drop(self, count: int) -> None:
        self.line += self._text.count("\n", 0, count)
        self._text = self._text[count:]


def _field(value: object) -> str | None:
    """The text that is loaded: of an object or an array the JSON, as the guide's example shows it."""
    if value is None or isinstance(value, str):
        return value
    return _json(value)


def _json(value: object) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json(str(key))}: {_json(field)}" for key, field in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
