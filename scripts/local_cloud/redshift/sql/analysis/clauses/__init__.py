"""Clauses of a query that PostgreSQL lacks, as queries that it has."""
