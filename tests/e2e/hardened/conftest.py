"""A local cloud for the hardened account: its switches concern everybody who uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local_cloud.process import LocalCloud
from tests.e2e.cloud import Cloud
from tests.e2e.hardened.account import Configuration

DATABASES = ("open", "locked", "own", "bounded", "denied", "limited", "whole")
"""One for each test, so that none sees what another granted."""


@pytest.fixture(scope="package")
def account() -> Iterator[Cloud]:
    """The account, whose warehouse has the databases above. In all but `open`, PUBLIC creates nothing."""
    databases = [part for name in DATABASES for part in ("--database", name)]
    local = LocalCloud.start("--retry-seconds", "0.2", *databases)
    cloud = Cloud(local)
    for name in DATABASES[1:]:
        cloud.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC", database=name)
    yield cloud
    local.stop()


@pytest.fixture
def objects(account: Cloud, tmp_path: Path) -> Callable[..., Configuration]:
    """Configurations of modules/warehouse_objects: files by name, and the module's variables."""

    def configuration(prefix: str, database: str, files: dict[str, str], **variables: Any) -> Configuration:
        folder = tmp_path / "objects"
        folder.mkdir()
        for name, sql in files.items():
            (folder / name).write_text(sql)
        redshift = {"database": database, "cluster": {"identifier": account.local.ready["cluster"]}}
        given = {"name_prefix": prefix, "redshift": redshift, "directory": str(folder), **variables}
        return Configuration(account, tmp_path / "terraform", "modules/warehouse_objects", given)

    return configuration
