"""The wire protocol, described in modules/websocket_gateway/asyncapi.yaml."""
