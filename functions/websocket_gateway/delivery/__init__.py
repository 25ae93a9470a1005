"""Delivers answers to the connections that wait for them."""
