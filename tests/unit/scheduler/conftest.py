from collections.abc import Iterator

import pytest

from tests.unit.scheduler.world import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> Iterator[World]:
    """The scheduler function and all around it."""
    with World().installed(monkeypatch) as world:
        yield world
