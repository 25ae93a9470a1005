"""The local cloud: ministack, and the Redshift Data API on an embedded PostgreSQL."""
