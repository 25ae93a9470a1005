"""API Gateway: HTTP APIs, WebSocket APIs and their connections."""
