"""Formats of data files beside text and CSV: JSON and Parquet."""
