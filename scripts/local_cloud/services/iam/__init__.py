"""IAM and STS: callers, role sessions, policies and condition keys."""
