"""Which package of scripts/ may import which, and that no module imports itself by way of others."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
MAY_IMPORT: dict[str, set[str]] = {
    "account_check": {"deployments", "redshift_relay"},
    "benchmarks": {"deployments", "local_cloud", "redshift_relay", "tests"},  # counts as the tests do
    "demonstration": {"deployments", "local_cloud", "redshift_relay", "trips"},
    "deployments": {"local_cloud"},
    "documents": {"local_cloud"},  # lists what the local Redshift refuses
    "local_cloud": set(),
    "packages": set(),
    "redshift_relay": set(),
    "trips": set(),
}


def imports_of(file: Path) -> Iterator[str]:
    """The names of all modules that a file imports: of `from a.b import c` both a.b and a.b.c, which may be one."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute here"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules_of(package: str) -> dict[str, Path]:
    """Module name -> file, without the files that only describe a package."""
    files = (file for file in (SCRIPTS / package).rglob("*.py") if file.name != "__init__.py")
    return {".".join(file.relative_to(SCRIPTS).with_suffix("").parts): file for file in files}


def test_every_package_is_listed() -> None:
    assert {file.parent.name for file in SCRIPTS.glob("*/__init__.py")} == set(MAY_IMPORT)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_it_may(package: str) -> None:
    imported = {
        (name, module.partition(".")[0]) for name, file in modules_of(package).items() for module in imports_of(file)
    }
    forbidden = {*MAY_IMPORT, "tests"} - MAY_IMPORT[package] - {package}
    assert [pair for pair in imported if pair[1] in forbidden] == []


@pytest.mark.parametrize("package", sorted(MAY_IMPORT.keys() - {"local_cloud"}))
def test_no_import_leads_back(package: str) -> None:
    modules = modules_of(package)
    graph = {name: set(imports_of(file)) & modules.keys() for name, file in modules.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the modules
