"""The repository that the examples use, made once, and a local cloud with the warehouse that they name."""

from collections.abc import Iterator

import pytest

from local_cloud.process import LocalCloud
from tests.consumers.repository import Repository
from tests.e2e.cloud import Cloud

NAMES = ("--cluster", "warehouse", "--workgroup", "adhoc", "--database", "dev", "--database", "analytics")


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The working tree as a git repository with a tag."""
    return Repository.create(tmp_path_factory.mktemp("repository") / "redshift-relay")


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """A local cloud, which ends with the tests of a module."""
    local = LocalCloud.start("--retry-seconds", "0.2", *NAMES)
    try:
        yield Cloud(local)
    finally:
        local.stop()
