"""CloudFront: distributions under a name that browsers resolve to this machine."""
