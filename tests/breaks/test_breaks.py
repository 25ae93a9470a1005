"""Each deliberate break turns its named test red, in a copy of the tree; the test is green without it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.breaks.breaks import BREAKS, Break
from tests.clone import copy_working_tree, lend_environment

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the tree, which each break changes and restores."""
    folder = tmp_path_factory.mktemp("breaks") / "clone"
    copy_working_tree(folder)
    lend_environment(folder)
    yield folder
    shutil.rmtree(folder)


def _run(tree: Path, test: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "-x", *test.split()]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("one", BREAKS, ids=lambda one: one.name)
def test_a_break_is_noticed(tree: Path, one: Break) -> None:
    green = _run(tree, one.test)
    assert green.returncode == 0, green.stdout[-3000:]
    whole = (tree / one.file).read_bytes()
    one.apply(tree)
    try:
        red = _run(tree, one.test)
    finally:
        (tree / one.file).write_bytes(whole)
    # 1: tests ran and failed. An error of collection (2) or no test (5) proves nothing.
    assert red.returncode == 1, red.stdout[-3000:]
    assert " failed" in red.stdout
