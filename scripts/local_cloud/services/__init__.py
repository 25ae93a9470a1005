"""The AWS services around the warehouse: ministack and its patches, a package per service."""
