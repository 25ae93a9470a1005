"""Measures the gateway on the local cloud."""
