"""This repository as another one sees it: a git ref, from which Terraform takes modules."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deployments.terraform import Terraform
from tests.clone import copy_working_tree

HERE = Path(__file__).parent
ADDRESS = "https://example.com/redshift-relay.git"
"""What the examples name. git reads it from a folder of this machine instead."""
VERSION = "v0.1.0"
NAMES = sorted(path.parent.name for path in HERE.glob("*/main.tf"))
"""The examples: each is a folder of Terraform files as a stranger would have it."""
PROVIDER = """
mock_provider "aws" {
  source = "./mocks"
}

mock_provider "aws" {
  alias  = "us_east_1"
  source = "./mocks"
}

run "plan" {
  command = plan
}
"""


@dataclass(frozen=True)
class Repository:
    """A git repository of the working tree."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> Repository:
        """Commits the working tree and tags it with the first version."""
        folder.mkdir(parents=True)
        repository = cls(folder)
        copy_working_tree(folder)
        repository.git("init", "--quiet", "--initial-branch=main")
        repository.commit("Everything")
        repository.git("tag", VERSION)
        return repository

    def commit(self, message: str) -> None:
        """Commits everything in the folder."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)

    def git(self, *arguments: str) -> str:
        """Runs git here, as nobody in particular and without anybody's settings."""
        who = ("-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        return subprocess.run(
            ["git", *who, *arguments], cwd=self.folder, env=environment, check=True, capture_output=True, text=True
        ).stdout

    @property
    def environment(self) -> dict[str, str]:
        """Lets git find the repository at its address."""
        return {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{self.folder}.insteadOf",
            "GIT_CONFIG_VALUE_0": ADDRESS,
        }


def copy_consumer(name: str, folder: Path) -> Path:
    """Copies an example to an empty folder, which is outside this repository."""
    shutil.copytree(HERE / name, folder, ignore=shutil.ignore_patterns(".terraform*"))
    return folder


def plan_with_mocks(folder: Path, repository: Repository) -> None:
    """Plans an example with a mocked provider; raises TerraformError."""
    for mocks in (HERE / "mocks", HERE.parent / "modules" / "mocks"):
        for file in mocks.glob("*.tfmock.hcl"):
            (folder / "mocks").mkdir(exist_ok=True)
            shutil.copy(file, folder / "mocks" / f"{mocks.parent.name}.{file.name}")
    (folder / "tests").mkdir()
    (folder / "tests" / "plan.tftest.hcl").write_text(PROVIDER)
    terraform = Terraform(folder, repository.environment)
    terraform.init()
    terraform.test()
