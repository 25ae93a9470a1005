"""The state of loads in one DynamoDB table; modules/scheduler/README.md lists every transition."""
