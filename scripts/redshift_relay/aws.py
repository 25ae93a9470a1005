"""Clients of AWS for the commands that look into a deployment."""

from typing import Any


class NoAws(Exception):
    """AWS cannot be used; the message says what to do."""


def client(service: str, region: str | None) -> Any:
    """A client of the default credentials; raises NoAws where the region is missing."""
    # Here, because the other commands do not need boto3, which takes a while to import.
    import boto3
    from botocore.exceptions import BotoCoreError

    create: Any = boto3.client  # typed for each service by its literal name
    try:
        return create(service, region_name=region)
    except BotoCoreError as error:
        raise NoAws(f"{service}: {error} Set AWS_REGION, or use --region.") from error


def error_text(error: Exception) -> str:
    """AWS's error in one line."""
    return f"{type(error).__name__}: {error}"
