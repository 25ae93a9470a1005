"""Clients of AWS for the commands that look into a deployment; boto3 is optional, since `ask` needs no AWS account."""

from typing import Any


class NoAws(Exception):
    """AWS cannot be used; the message says what to do."""


def client(service: str, region: str | None) -> Any:
    """A client of the default credentials; raises NoAws where boto3 or the region is missing."""
    try:
        import boto3
        from botocore.exceptions import BotoCoreError
    except ModuleNotFoundError as error:
        raise NoAws("boto3 is not installed. Install redshift-relay[aws].") from error
    try:
        create: Any = boto3.client  # typed for each service by its literal name
        return create(service, region_name=region)
    except BotoCoreError as error:
        raise NoAws(f"{service}: {error} Set AWS_REGION, or use --region.") from error


def error_text(error: Exception) -> str:
    """AWS's error in one line."""
    return f"{type(error).__name__}: {error}"
