"""Limits of the protocol.

A message holds at most 128 KB, a frame from a client 32 KB:
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
"""

MAX_MESSAGE_BYTES = 120_000
"""Below API Gateway's 128 KB (131,072 bytes), whichever way it counts."""
MAX_EXACT_INTEGER = 2**53
"""Beyond this a JSON number is no longer exact in a browser."""
