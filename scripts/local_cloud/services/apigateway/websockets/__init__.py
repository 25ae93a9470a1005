"""WebSocket APIs: handshakes, routes, messages and connections."""
