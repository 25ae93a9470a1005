"""The client works for any deployment: it imports what it declares, and of the functions only check-sql's rules."""

import ast
import subprocess
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
    optional = [one for extra in project["optional-dependencies"].values() for one in extra]
    declared = {dependency.partition(">")[0] for dependency in [*project["dependencies"], *optional]}
    rules = {"relay", "warehouse_objects", "websocket_gateway"}
    found = {{"yaml": "pyyaml"}.get(name, name) for name in imported()}
    assert found - sys.stdlib_module_names - {"redshift_relay"} - rules == declared


def test_check_sql_imports_no_boto3() -> None:
    """It starts as quickly as a linter, and runs where there is no AWS SDK."""
    show = "import sys; import redshift_relay.command_line; print('boto3' in sys.modules or 'botocore' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", show], cwd=ROOT / "scripts", capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
