"""The Redshift Data API as a service of ministack."""
