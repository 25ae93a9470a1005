"""Redshift's SQL: read, checked, and rewritten for PostgreSQL."""
