"""What the README says can go wrong is shown by tests, each of which exists."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEADING = "What can go wrong, what you will see"
SHOWN_BY = re.compile(r"\[`(?P<test>\w+)`\]\((?P<file>tests/[\w/]+\.py)\)")


def rows() -> list[list[str]]:
    """The cells of the table below the heading, without its head."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(HEADING)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"README.md has no section {HEADING!r}"
    lines = [line for line in section[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def defined_in(file: str) -> set[str]:
    """The tests that a file defines and that nothing skips or marks as failing."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
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
        assert shown, f"{row[2]!r} is not [`test_name`](tests/.../test_file.py)"
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
    )
    assert {f"tests/e2e/test_{name}.py" for name in about} <= named
    of_the_gateway = (
        "access",
        "bad_input",
        "cleanup",
        "delivery",
        "events",
        "kills",
        "loads",
        "permissions",
    )
    assert {f"tests/e2e/gateway/test_{name}.py" for name in of_the_gateway} <= named
