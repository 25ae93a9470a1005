"""Events that reach nobody, and clients that nothing reaches."""

import pytest

from tests.unit.websocket_gateway.world import World
from websocket_gateway import deliver_handler
from websocket_gateway.delivery.first_message import NotConnectedYet


def test_the_sweep_hears_for_a_run_in_flight_that_the_data_changed(world: World) -> None:
    """The function that heard the event was killed before it came to this question: one sweep is enough."""
    client = world.connect()
    world.ask(client, live=True)
    deliver_handler._parts().versions.increment("2025-01-01T00:00:00Z")
    world.sweep()
    world.finish()
    world.finish()
    assert [end["version"] for end in client.ends("a")] == [0, 1]


def test_who_left_at_once_is_told_nothing_and_that_is_no_failure(world: World) -> None:
    client = world.connect()
    client.connected = False
    told = {
        "action": "send",
        "connection": client.id,
        "message": {"type": "pong"},
        "connected_at": int(world.clock.now),
    }
    with pytest.raises(NotConnectedYet):
        world.deliver(told)  # it may still be connecting
    world.socket("DISCONNECT", client.id)
    assert world.deliver(told) == {"outcome": "GONE"}
