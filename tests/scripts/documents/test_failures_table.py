"""What tests/README.md says can go wrong is shown by tests, each of which exists."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[2]
HEADING = "What can go wrong"
SHOWN_BY = re.compile(r"\[`(?P<test>\w+)`\]\((?P<file>[\w/]+\.py)\)")


def rows() -> list[list[str]]:
    """The cells of the table below the heading, without its head."""
    text = (TESTS / "README.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(HEADING)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"tests/README.md has no section {HEADING!r}"
    lines = [line for line in section[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def defined_in(file: str) -> set[str]:
    """The tests that a file defines and that nothing skips or marks as failing."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and not any(word in ast.unparse(mark) for mark in node.decorator_list for word in ("skip", "xfail"))
    }


def test_each_row_names_a_test_that_exists() -> None:
    table = rows()
    assert len(table) >= 12
    for row in table:
        assert len(row) == 3, row
        assert all(row), row
        shown = SHOWN_BY.fullmatch(row[2])
        assert shown, f"{row[2]!r} is not [`test_name`](.../test_file.py)"
        assert shown["test"] in defined_in(shown["file"]), f"{shown['file']} has no test {shown['test']}"


def test_no_row_is_shown_by_the_same_test_as_another() -> None:
    shown = [row[2] for row in rows()]
    assert len(set(shown)) == len(shown)


def test_each_file_about_failures_is_in_the_table() -> None:
    """A new kind of trouble that is tested end to end is told to the readers too."""
    named = {shown["file"] for row in rows() if (shown := SHOWN_BY.fullmatch(row[2]))}
    about = (
        "failed_loads",
        "foreign_statements",
        "kills",
        "lost_events",
        "overlapping_loads",
        "permissions",
        "warehouse_targets",
        "gateway/test_access",
        "gateway/test_bad_input",
        "gateway/test_delivery",
        "gateway/test_events",
        "gateway/test_kills",
        "gateway/test_loads",
        "gateway/test_cleanup",
        "gateway/test_permissions",
    )
    assert {f"e2e/{name}.py" if "/" in name else f"e2e/test_{name}.py" for name in about} <= named
