"""One machine instead of an AWS account: ministack, with the Redshift Data API on an embedded PostgreSQL."""
