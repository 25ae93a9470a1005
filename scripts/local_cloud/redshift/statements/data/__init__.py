"""Statements that move or replace rows: COPY, UNLOAD, MERGE and TRUNCATE."""
