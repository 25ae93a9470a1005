"""COPY: its options, the data files and their fields, and the load errors."""
