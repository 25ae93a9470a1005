"""Connections: who is connected, with which claims, and which answers each connection waits for."""
