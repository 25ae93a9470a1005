"""The documented cases, read from pages/*.yaml and index.yaml. README.md describes the format."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """One statement and what the guide documents about it. `key` is unique within its page."""

    key: str
    sql: str
    setup: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    types: tuple[str | None, ...] | None = None
    rows: tuple[tuple[str | None, ...], ...] | None = None
    unordered: bool = False
    count: int | None = None
    like: str | None = None
    ok: bool = False
    error: str | bool = False
    files: dict[str, str] | None = None
    written: dict[str, str | None] | None = None
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """The cases that share a session."""

    setup: tuple[str, ...]
    files: dict[str, str]
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Page:
    """A page of the guide; `group` is its file."""

    group: str
    name: str
    entries: tuple[Entry, ...]

    @property
    def keys(self) -> list[str]:
        return [case.key for entry in self.entries for case in entry.cases]


@dataclass(frozen=True)
class Topic:
    """A line of index.yaml."""

    name: str
    page: str
    group: str
    kind: str
    cases_in: str = ""


def pages() -> list[Page]:
    """Every page with cases, in the order of the files."""
    return [page for file in sorted((HERE / "pages").glob("*.yaml")) for page in _pages(file)]


def topics() -> list[Topic]:
    """Everything that the guide documents."""
    return [Topic(**topic) for topic in read_yaml(HERE / "index.yaml")]


def read_yaml(file: Path) -> Any:
    """The document in a file."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def _pages(file: Path) -> list[Page]:
    entries: dict[str, list[Entry]] = {}
    seen: dict[str, Counter[str]] = {}
    for entry in read_yaml(file):
        name = entry["page"]
        entries.setdefault(name, []).append(_entry(entry, seen.setdefault(name, Counter())))
    return [Page(file.stem, name, tuple(of_page)) for name, of_page in entries.items()]


def _entry(entry: dict[str, Any], seen: Counter[str]) -> Entry:
    cases = [*entry.get("cases", []), *(case for word in entry.get("words", []) for case in _reserved(word))]
    return Entry(
        tuple(entry.get("setup", ())), entry.get("files", {}), tuple(_case(dict(case), seen) for case in cases)
    )


def _case(case: dict[str, Any], seen: Counter[str]) -> Case:
    sql = case["sql"]
    seen[sql] += 1
    case["key"] = sql if seen[sql] == 1 else f"{sql} -- {seen[sql]}"
    for name in ("setup", "columns", "types"):
        if name in case:
            case[name] = tuple(case[name])
    if "rows" in case:
        case["rows"] = tuple(map(tuple, case["rows"]))
    return Case(**case)


def _reserved(word: str) -> list[dict[str, Any]]:
    return [
        {"sql": f"CREATE TEMP TABLE word_{word} ({word} INT)", "error": True},
        {"sql": f'CREATE TEMP TABLE quoted_{word} ("{word}" INT)', "ok": True},
    ]
