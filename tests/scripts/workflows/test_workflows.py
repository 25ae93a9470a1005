"""The workflows of .github: pinned actions, least permissions. zizmor and actionlint judge the rest in scripts/test."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
WORKFLOWS = sorted([*(ROOT / ".github" / "workflows").glob("*.yml"), *(ROOT / ".github" / "samples").glob("*.yml")])
PINS = {
    # Read from the tags of the actions' repositories.
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8"),
    "actions/attest-build-provenance": ("a2bbfa25375fe432b6a289bc6b6cd05ecd0c4c32", "v4.1.0"),
    "hashicorp/setup-terraform": ("dfe3c3f87815947d99a8997f908cb6525fc44e9e", "v4.0.1"),
    "aws-actions/configure-aws-credentials": ("e6de054238d6b7531b4efff3b6587d9aade6a06c", "v6.2.3"),
}
MAY_WRITE = {
    "release.yml": {"contents", "id-token", "attestations"},
    "deploy.yml": {"id-token"},
}
"""Everything else only reads."""


def jobs(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"]
    return found


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_every_action_is_pinned_by_a_known_commit(file: Path) -> None:
    for line in file.read_text(encoding="utf-8").splitlines():
        if "uses:" in line:
            found = re.search(r"uses: (?P<action>[\w./-]+)@(?P<commit>[0-9a-f]{40}) # (?P<version>v[\d.]+)$", line)
            assert found, line
            assert PINS[found["action"]] == (found["commit"], found["version"]), line


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_every_job_has_a_bound_and_no_more_than_it_needs(file: Path) -> None:
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["permissions"] == {}
    for name, job in jobs(file).items():
        assert job["timeout-minutes"] <= 360, name
        written = {scope for scope, right in job["permissions"].items() if right == "write"}
        assert written <= MAY_WRITE.get(file.name, set()), name
        if "contents" in written:
            assert not any("checkout" in step.get("uses", "") for step in job["steps"]), "runs what it publishes"


def test_the_sample_is_not_a_workflow_of_this_repository() -> None:
    assert not (ROOT / ".github" / "workflows" / "deploy.yml").exists()
