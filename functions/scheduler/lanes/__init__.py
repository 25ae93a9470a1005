"""Lanes: which waiting request starts next, and the statement of the one that runs."""
