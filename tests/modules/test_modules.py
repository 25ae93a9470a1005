"""Runs the tests of the Terraform modules (*.tftest.hcl in this folder): one pytest case for each file."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud.plugin_mirror import cli_configuration

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Terraform initialised outside the tree, with the provider from a mirror if there is one."""
    folder = tmp_path_factory.mktemp("terraform")
    lock = HERE / ".terraform.lock.hcl"
    environment = {**os.environ, **cli_configuration(folder), "TF_DATA_DIR": str(folder / "data")}
    subprocess.run(
        ["terraform", f"-chdir={HERE}", "init", "-input=false"], env=environment, check=True, capture_output=True
    )
    yield environment
    lock.unlink(missing_ok=True)


@pytest.mark.parametrize("file", sorted(path.name for path in HERE.glob("*.tftest.hcl")))
def test_module(file: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        ["terraform", f"-chdir={HERE}", "test", "-no-color", f"-filter={file}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
