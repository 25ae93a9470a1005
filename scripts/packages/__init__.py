"""Builds and checks the deployment packages of the Lambda functions."""
