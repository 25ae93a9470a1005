"""Limits of the protocol.

A message holds at most 128 KB, a frame from a client 32 KB:
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
"""

import os

from relay.settings import whole_number

MAX_MESSAGE_BYTES = 120_000
"""Below API Gateway's 128 KB (131,072 bytes), whichever way it counts, unless the module's settings say otherwise."""
MAX_EXACT_INTEGER = 2**53
"""Beyond this a JSON number is no longer exact in a browser."""


def message_bytes() -> int:
    """The largest message to a client, in bytes: `OUTGOING_MESSAGE_BYTES`, which modules/websocket_gateway writes.

    Raises SettingsError.
    """
    return whole_number("OUTGOING_MESSAGE_BYTES") if "OUTGOING_MESSAGE_BYTES" in os.environ else MAX_MESSAGE_BYTES
