"""What the tests of the gateway share; world.py and the fakes beside this file do the work."""

from collections.abc import Callable, Iterator

import pytest

from tests.unit.websocket_gateway.world import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


@pytest.fixture
def make_world() -> Iterator[Callable[..., World]]:
    """Worlds with an environment of their own, any number."""
    patches: list[pytest.MonkeyPatch] = []

    def make(**environment: str) -> World:
        patches.append(pytest.MonkeyPatch())
        return World(patches[-1], **environment)

    yield make
    for patch in reversed(patches):
        patch.undo()
