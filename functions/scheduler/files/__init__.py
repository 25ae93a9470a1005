"""Loads that files start: notes what lands in S3, makes manifests, and sets aside files that cannot load."""
