"""Each example plans from nothing but a git ref: no count or for_each depends on what only an apply knows."""

from pathlib import Path

import pytest

from packages.upload import Uploaded, as_hcl
from tests.consumers.repository import ADDRESS, HERE, NAMES, VERSION, Repository, copy_consumer, plan_with_mocks

VARIABLES = {
    "package_from_s3": as_hcl(
        {
            name: Uploaded("my-packages", f"{name}/zip", "1", f"{'A' * 43}=", is_new=True)
            for name in ("notifier", "scheduler", "warehouse_objects")
        }
    ),
    "secret": 'password = "not-a-secret"',
}


@pytest.mark.parametrize("name", NAMES)
def test_an_example_plans(repository: Repository, tmp_path: Path, name: str) -> None:
    folder = copy_consumer(name, tmp_path / name)
    (folder / "given.auto.tfvars").write_text(VARIABLES.get(name, ""))
    plan_with_mocks(folder, repository)


def test_the_examples_use_the_repository_only_by_its_address() -> None:
    for name in NAMES:
        text = (HERE / name / "main.tf").read_text(encoding="utf-8")
        sources = [line.partition("=")[2].strip() for line in text.splitlines() if line.lstrip().startswith("source ")]
        ours = [source for source in sources if source != '"hashicorp/aws"']
        assert ours, name
        for source in ours:
            assert source.startswith(f'"git::{ADDRESS}'), source
            assert source.endswith(f'?ref={VERSION}"'), source


def test_the_readme_lists_every_example() -> None:
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"[`{name}`]({name}/main.tf)" not in readme] == []
