"""`pip install` brings the client with its console script, and nothing else of this repository."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    # setuptools and the dependencies come from the environment of these tests: nothing is downloaded.
    "PYTHONPATH": os.pathsep.join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}),
}


def run(*command: str | Path) -> str:
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def bin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin/ of a virtual environment into which pip installed a copy of this repository."""
    folder = tmp_path_factory.mktemp("installation")
    copy = folder / "copy"  # pip builds in the folder that it installs
    for part in ("functions", "scripts"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy2(ROOT / "pyproject.toml", copy)
    venv.create(folder / "venv", symlinks=True)
    python = folder / "venv" / "bin" / "python"
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index")
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, copy)
    return python.parent


def test_the_console_script_runs(bin_folder: Path) -> None:
    assert run(bin_folder / "redshift-relay", "ask", "--help").startswith("usage: redshift-relay ask ")


def test_the_rules_of_the_functions_are_installed_with_it(bin_folder: Path) -> None:
    assert run(bin_folder / "redshift-relay", "check-sql", ROOT / "sql") == "5 objects and 2 queries are valid.\n"


def test_only_the_client_is_installed(bin_folder: Path) -> None:
    show = (
        "import importlib.metadata as m, json; d = m.distribution('redshift-relay');"
        "print(json.dumps([d.version, sorted({f.parts[0] for f in d.files}), d.requires]))"
    )
    version, parts, dependencies = json.loads(run(bin_folder / "python", "-c", show))
    assert version == (ROOT / "functions" / "relay" / "VERSION").read_text(encoding="utf-8").strip()
    assert parts == ["..", "redshift_relay", f"redshift_relay-{version}.dist-info"], "`..` is bin/redshift-relay"
    needed = {"boto3", "botocore", "pyyaml", "rich", "sqlglot", "websockets"}
    assert {name.split(">")[0] for name in dependencies} == needed
