"""Starts loads through the Redshift Data API, and returns at once."""
