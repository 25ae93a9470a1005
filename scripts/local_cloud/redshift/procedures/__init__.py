"""Stored procedures: PL/pgSQL bodies, translated statement by statement."""
