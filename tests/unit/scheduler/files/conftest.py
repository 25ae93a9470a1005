from collections.abc import Iterator

import pytest

from tests.unit.scheduler.files.world import FilesWorld


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> Iterator[FilesWorld]:
    """The scheduler function with a bucket, and `orders`, which files start."""
    with FilesWorld().installed(monkeypatch) as world:
        world.define_files()
        yield world
