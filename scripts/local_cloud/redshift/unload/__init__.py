"""UNLOAD: its options, and the files that it writes to S3."""
