"""The structure of the source: no import circles, small folders, and halves that do not know each other's inside."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
ROOTS = (REPOSITORY / "scripts", REPOSITORY / "functions")  # what is imported by the name of its first folder

CHECKED = (REPOSITORY / "scripts" / "local_cloud",)
"""Everything below these folders is checked."""

MOST_FILES = 15

# A package (or module) and the packages that nothing in it may import.
FORBIDDEN = {
    "local_cloud.redshift": (
        "ministack",
        "boto3",
        "botocore",
        "local_cloud.redshift_data",
        "local_cloud.services",
        "local_cloud.faults",
        "local_cloud.settings",
        "local_cloud.server",
        "local_cloud.front",
    ),
    "local_cloud.redshift_data": (
        "ministack",
        "boto3",
        "local_cloud.services",
        "local_cloud.faults",
        "local_cloud.settings",
        "local_cloud.server",
        "local_cloud.front",
    ),
    # The rooms of the local Redshift, from the bottom up.
    "local_cloud.redshift.sql": (
        "local_cloud.redshift.copy",
        "local_cloud.redshift.procedures",
        "local_cloud.redshift.statements",
    ),
    "local_cloud.redshift.copy": ("local_cloud.redshift.procedures", "local_cloud.redshift.statements"),
    "local_cloud.redshift.procedures": ("local_cloud.redshift.copy", "local_cloud.redshift.statements"),
    "local_cloud.redshift.statements": ("local_cloud.redshift.session", "local_cloud.redshift.warehouse"),
}


def test_no_import_circle() -> None:
    assert [circle for circle in circles(graph()) if len(circle) > 1] == []


def test_a_circle_would_be_found() -> None:
    edges = {"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": set[str]()}
    assert sorted(map(sorted, circles(edges))) == [["a", "b", "c"], ["d"]]


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_package_imports_only_what_it_may(package: str) -> None:
    inside = {name: imports(path) for name, path in modules().items() if is_in(name, package)}
    assert inside, f"there is no package {package}"
    wrong = [
        f"{name} imports {imported}"
        for name, all_imported in inside.items()
        for imported in all_imported
        if any(is_in(imported, forbidden) for forbidden in FORBIDDEN[package])
    ]
    assert wrong == []


def test_folders_are_small() -> None:
    sizes = {folder: len(source_files(folder)) for folder in folders()}
    assert {str(folder.relative_to(REPOSITORY)): size for folder, size in sizes.items() if size > MOST_FILES} == {}


def test_every_package_says_what_it_is_for() -> None:
    inits = [folder / "__init__.py" for folder in folders() if any(file.suffix == ".py" for file in folder.iterdir())]
    assert [str(init.relative_to(REPOSITORY)) for init in inits if not init.exists() or not docstring(init)] == []


def folders() -> Iterator[Path]:
    for top in CHECKED:
        for folder in (top, *top.rglob("*")):
            if folder.is_dir() and folder.name != "__pycache__":
                yield folder


def source_files(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if file.suffix in (".py", ".sql")]


def docstring(file: Path) -> str | None:
    return ast.get_docstring(ast.parse(file.read_text()))


@cache
def modules() -> dict[str, Path]:
    """Every checked module by its name."""
    found = {}
    for top in CHECKED:
        root = next(root for root in ROOTS if top.is_relative_to(root))
        for file in top.rglob("*.py"):
            parts = file.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


@cache
def imports(file: Path) -> frozenset[str]:
    """The full names that a file imports, in functions and under TYPE_CHECKING too."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} has a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def graph() -> dict[str, set[str]]:
    """Which checked module imports which."""
    return {
        name: {target for imported in imports(file) if (target := module_of(imported)) and target != name}
        for name, file in modules().items()
    }


def module_of(imported: str) -> str | None:
    """The checked module of an imported name, which may be the module or something in it."""
    parent = imported.rpartition(".")[0]
    return next((name for name in (imported, parent) if name in modules()), None)


def is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def circles(edges: dict[str, set[str]]) -> list[set[str]]:
    """The sets of modules that reach each other (a module alone is a set of one)."""
    reached = {name: reachable(name, edges) for name in edges}
    found: list[set[str]] = []
    for name in edges:
        if not any(name in circle for circle in found):
            found.append({name} | {other for other in reached[name] if name in reached.get(other, ())})
    return found


def reachable(start: str, edges: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for target in edges.get(waiting.pop(), set()) - found:
            found.add(target)
            waiting.append(target)
    return found
