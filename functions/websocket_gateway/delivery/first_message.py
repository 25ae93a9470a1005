"""Sends the message that could not be sent during $connect: API Gateway opens a connection only after it returns."""

from typing import Any

from relay.errors import RelayError
from websocket_gateway.connections.connections import Connections
from websocket_gateway.delivery.management_api import ManagementApi, Outcome


class NotConnectedYet(RelayError):
    """A client that has just connected does not accept messages yet."""


def send_first_message(
    management: ManagementApi, connections: Connections, connection: str, message: dict[str, Any], connected_at: int
) -> Outcome:
    """Sends a message once the connection is open; raises NotConnectedYet for Lambda to retry."""
    outcome = management.send(connection, message, connected_at)
    if outcome is Outcome.SLOW:
        if connections.is_open(connection):
            raise NotConnectedYet("the client cannot be reached yet")
        return Outcome.GONE
    return outcome
