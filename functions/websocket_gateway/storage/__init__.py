"""The gateway's DynamoDB table."""
