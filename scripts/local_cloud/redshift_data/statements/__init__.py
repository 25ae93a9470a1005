"""Statements from submission to expiry: the store, the workers, sessions, parameters and waiting."""
