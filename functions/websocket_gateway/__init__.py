"""Answers named questions over a WebSocket: the statement runs by itself, the rows are pushed when it ends."""
