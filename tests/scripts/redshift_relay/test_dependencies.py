"""The client works for any deployment: it imports nothing of this repository but itself, and only what it declares."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]


def imported() -> Iterator[str]:
    """The first names of all modules that the client imports."""
    for file in (ROOT / "scripts" / "redshift_relay").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{file}: imports are absolute here"
                yield str(node.module).partition(".")[0]


def test_the_client_imports_itself_and_its_dependencies_only() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {dependency.partition(">")[0] for dependency in project["dependencies"]}
    assert set(imported()) - sys.stdlib_module_names - {"redshift_relay"} == declared
