"""The log: one JSON object a line."""

import json

import pytest

from relay import __version__
from relay.log import log


def test_a_line_is_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    log("INFO", "two\nlines", statement_id="x", odd=object)
    (line,) = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert (entry["level"], entry["message"], entry["version"]) == ("INFO", "two\nlines", __version__)
    assert entry["statement_id"] == "x"


@pytest.mark.parametrize(("level", "lines"), [("INFO", 2), ("ERROR", 1), ("nonsense", 2)])
def test_the_level(level: str, lines: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LOG_LEVEL", level)
    for each in ("INFO", "ERROR"):
        log(each, "x")
    assert len(capsys.readouterr().out.splitlines()) == lines


def test_the_version_is_of_the_package() -> None:
    assert __version__.count(".") == 2
