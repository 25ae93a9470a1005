"""From the last version to this one: an apply replaces nothing that holds state, and `moved` blocks follow renames.

The last version is the newest tag; before the first release, the last commit stands for it. Both are refs of a
repository that the test makes.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployments.terraform import Terraform
from tests.clone import copy_working_tree
from tests.consumers.repository import VERSION, Repository
from tests.e2e.cloud import ROOT, Cloud

STATEFUL = frozenset(
    {
        "aws_apigatewayv2_api",  # its id is in the URL that pages and programs know
        "aws_cloudfront_distribution",  # its domain name is the page's address
        "aws_cloudwatch_log_group",
        "aws_dynamodb_table",
        "aws_iam_role",  # IAMR:<role> owns the warehouse's objects
        "aws_s3_bucket",
        "aws_sns_topic",
        "aws_sns_topic_subscription",  # a new one has to be confirmed again
        "aws_sqs_queue",  # dead letters
    }
)
"""What loses data, an address or an identity when it is replaced."""
EXAMPLE = Path("tests", "consumers", "whole_root")
RENAME = (Path("modules", "websocket_gateway"), "aws_dynamodb_table", "this", "requests")


@dataclass(frozen=True)
class Upgrade:
    """A deployment of the last version, and refs of newer ones."""

    repository: Repository
    terraform: Terraform
    before: dict[str, str]

    def lost(self, ref: str) -> list[str]:
        """Plans a ref and returns what it would destroy of the things that hold state, as `<actions> <address>`."""
        self.use(ref)
        return [
            f"{'/'.join(change['change']['actions'])} {change['address']}"
            for change in self.terraform.plan()
            if "delete" in change["change"]["actions"] and change["type"] in STATEFUL
        ]

    def use(self, ref: str) -> None:
        """Takes the example as that ref has it."""
        self.repository.git("checkout", "--quiet", ref)
        _write_example(self.repository, self.terraform.folder, ref)
        self.terraform.init()


def _write_example(repository: Repository, folder: Path, ref: str) -> None:
    text = (repository.folder / EXAMPLE / "main.tf").read_text(encoding="utf-8")
    folder.mkdir(exist_ok=True)
    (folder / "main.tf").write_text(text.replace(f"?ref={VERSION}", f"?ref={ref}"))


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _last_version() -> str:
    """The newest tag of a version, or the last commit."""
    listed = ["git", "tag", "--list", "v[0-9]*", "--sort=-v:refname"]
    tags = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return tags[0] if tags else "HEAD"


def _rename(repository: Repository, *, with_moved: bool) -> None:
    """A new name for a table, as a later version may have it."""
    module, kind, old, new = RENAME
    found = 0
    for file in (repository.folder / module).glob("*.tf"):
        text = file.read_text(encoding="utf-8")
        renamed = text.replace(f"{kind}.{old}", f"{kind}.{new}").replace(f'"{kind}" "{old}"', f'"{kind}" "{new}"')
        found += renamed != text
        file.write_text(renamed)
    assert found
    if with_moved:
        block = f"moved {{\n  from = {kind}.{old}\n  to   = {kind}.{new}\n}}\n"
        (repository.folder / module / "moved.tf").write_text(block)


def _states(terraform: Terraform) -> dict[str, str]:
    """Address -> id of everything that holds state."""
    return {
        resource["address"]: resource["values"]["id"]
        for resource in terraform.state()
        if resource["type"] in STATEFUL and resource["mode"] == "managed"
    }


@pytest.fixture(scope="module")
def upgrade(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgrade]:
    folder = tmp_path_factory.mktemp("upgrade")
    repository = Repository(folder / "redshift-relay")
    repository.folder.mkdir()
    archive = subprocess.run(["git", "archive", _last_version()], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(repository.folder, filter="data")
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.commit("The last version")
    repository.git("tag", "last")
    _clear(repository.folder)
    copy_working_tree(repository.folder)
    repository.commit("This version")
    repository.git("tag", "this")
    for name, with_moved in (("renamed", False), ("moved", True)):
        repository.git("checkout", "--quiet", "-b", name, "main")
        _rename(repository, with_moved=with_moved)
        repository.commit(name)

    repository.git("checkout", "--quiet", "last")
    _write_example(repository, folder / "own", "last")
    terraform = Terraform(folder / "own", {**cloud.local.environment, **repository.environment})
    terraform.init()
    terraform.apply()
    try:
        yield Upgrade(repository, terraform, _states(terraform))
    finally:
        terraform.destroy()


def test_a_rename_without_a_moved_block_is_noticed(upgrade: Upgrade) -> None:
    """What this test guards against is seen by it."""
    assert upgrade.lost("renamed") == ["delete module.relay.module.websocket_gateway[0].aws_dynamodb_table.this"]


def test_a_moved_block_keeps_what_is_renamed(upgrade: Upgrade) -> None:
    assert upgrade.lost("moved") == []


def test_this_version_replaces_nothing_that_holds_state(upgrade: Upgrade) -> None:
    assert len({re.sub(r".*\.(aws_\w+)\..*", r"\1", address) for address in upgrade.before}) >= 6
    assert upgrade.lost("this") == []
    upgrade.terraform.apply()
    after = _states(upgrade.terraform)
    assert {address: after.get(address) for address in upgrade.before} == upgrade.before
    assert upgrade.terraform.planned_changes() == []
