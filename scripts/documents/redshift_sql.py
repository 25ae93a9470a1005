"""The list of Amazon Redshift's SQL on the local cloud, from the documented cases and their verdicts.

Reads tests/local_cloud/redshift/reference, whose README.md describes the files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from local_cloud.redshift.sql.functions_not_emulated import FUNCTIONS_NOT_EMULATED

_GUIDE = "https://docs.aws.amazon.com/redshift/latest/dg"
_KINDS = {
    "command": "Commands",
    "clause": "Clauses and options",
    "function": "Functions",
    "window function": "Window functions",
    "data type": "Data types",
    "condition": "Conditions",
    "element": "Elements",
    "system view": "System views",
}
_CASES_PER_WORD = 2


def redshift_sql(folder: Path) -> str:
    """Markdown: the counts per group of pages, then what each command, function, ... of the guide does here."""
    counts = _counts(folder)
    total: Counter[str] = sum(counts.values(), Counter())
    lines = [
        "## Amazon Redshift SQL",
        "",
        "Cases from the Database Developer Guide that the tests run on the local Redshift. *Refused by name*: the"
        " statement fails with `... is not emulated`. *Wrong*: known differences.",
        "",
        "| Pages about | Cases | Right | Refused by name | Wrong |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += (_count_row(group.replace("_", " "), _of_group(counts, group)) for group in sorted({g for g, _ in counts}))
    lines += [_count_row("**all**", total), ""]
    lines += _independent(_read(folder / "independent.yaml"))
    topics = _read(folder / "index.yaml")
    for kind, title in _KINDS.items():
        lines += [f"### {title}", "", "| Name | Cases |", "|---|---|"]
        lines += _topics((topic for topic in topics if topic["kind"] == kind), counts)
        lines.append("")
    return "\n".join(lines)


def _independent(found: dict[str, Any]) -> Iterator[str]:
    """What others wrote and how it runs here, and where the guide leaves an answer open."""
    yield from (
        "### Independent runs",
        "",
        "What others wrote, run on the local Redshift.",
        "",
        "| What | Run | Right | Refused by name | Other | Differences |",
        "|---|---|---:|---:|---:|---|",
    )
    for run in found["runs"]:
        cells = (run[key] for key in ("counts", "right", "refused", "other", "explained"))
        yield f"| **{run['name']}**: {run['source']} | {' | '.join(map(str, cells))} |"
    yield from ("", "### Doubts", "", "The guide leaves these open, or their source is not the guide.", "")
    yield from (f"- {doubt}" for doubt in found["doubts"])
    yield ""


def _read(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def _counts(folder: Path) -> dict[tuple[str, str], Counter[str]]:
    """By group and page: the number of cases with each verdict."""
    status = _read(folder / "status.yaml") or {}
    counts: dict[tuple[str, str], Counter[str]] = {}
    for file in sorted((folder / "pages").glob("*.yaml")):
        for entry in _read(file):
            page = counts.setdefault((file.stem, entry["page"]), Counter())
            page["right"] += len(entry.get("cases", [])) + _CASES_PER_WORD * len(entry.get("words", []))
    for (group, name), page in counts.items():
        others = Counter(status.get(group, {}).get(name, {}).values())
        page["right"] -= others.total()
        page.update(others)
    return counts


def _of_group(counts: dict[tuple[str, str], Counter[str]], group: str) -> Counter[str]:
    return sum((page for (of_group, _), page in counts.items() if of_group == group), Counter())


def _count_row(name: str, counts: Counter[str]) -> str:
    return f"| {name} | {counts.total()} | {counts['right']} | {counts['refused']} | {counts['wrong']} |"


def _topics(topics: Iterable[dict[str, str]], counts: dict[tuple[str, str], Counter[str]]) -> Iterator[str]:
    for topic in topics:
        page = counts.get((topic["group"], topic.get("cases_in", topic["page"])), Counter())
        name = topic["name"].replace("|", "\\|")
        yield f"| [{name}]({_GUIDE}/{topic['page']}.html) | {_answer(topic['name'], page)} |"


def _answer(name: str, page: Counter[str]) -> str:
    if name.lower() in FUNCTIONS_NOT_EMULATED or (page and page["refused"] == page.total()):
        return "refused by name"
    if not page:
        return "not checked"
    if page["right"] == page.total():
        return "right"
    parts = [f"{page['right']} of {page.total()} right"]
    parts += [f"{page['refused']} refused by name"] if page["refused"] else []
    return ", ".join(parts)
