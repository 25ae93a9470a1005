"""The Redshift Data API on a warehouse. It does not know ministack: a gate answers for IAM."""
