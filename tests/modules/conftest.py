"""Terraform in a copy of the tree, because `terraform init` writes a lock file beside the configuration."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local_cloud.plugin_mirror import cli_configuration

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


class ModuleTests:
    """Runs *.tftest.hcl files of a copy of this folder, which is initialized once for each folder of tests."""

    def __init__(self, tree: Path) -> None:
        for folder in ("modules", "sql", "web/dist", "web/previous", "tests/modules"):
            shutil.copytree(ROOT / folder, tree / folder)
        for file in (*ROOT.glob("*.tf"), ROOT / "functions" / "relay" / "VERSION"):
            copy = tree / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
        self.folder = tree / HERE.relative_to(ROOT)
        self._initialized: dict[str, dict[str, str]] = {}

    def run(self, test: str) -> tuple[int, str]:
        """The exit status and the output of `terraform test` for <folder>/<subject>.tftest.hcl."""
        folder = test.partition("/")[0]
        if folder not in self._initialized:
            data = self.folder / "data" / folder
            data.mkdir(parents=True)
            environment = {**cli_configuration(data), "TF_DATA_DIR": str(data)}
            status, said = self._terraform(environment, "init", "-input=false", f"-test-directory={folder}")
            assert status == 0, said
            self._initialized[folder] = environment
        return self._terraform(self._initialized[folder], "test", f"-test-directory={folder}", f"-filter={test}")

    def _terraform(self, environment: dict[str, str], *arguments: str) -> tuple[int, str]:
        command = ["terraform", f"-chdir={self.folder}", *arguments, "-no-color"]
        done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="session")
def module_tests(tmp_path_factory: pytest.TempPathFactory) -> ModuleTests:
    """The tests of the modules, in a copy of the tree."""
    return ModuleTests(tmp_path_factory.mktemp("tree"))
