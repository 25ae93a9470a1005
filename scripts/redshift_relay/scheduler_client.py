"""Invokes the scheduler function of a deployment. It shows and parses nothing."""

import json
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError


class SchedulerError(Exception):
    """The function cannot be invoked, or refused the request. The message says why."""


class SchedulerClient:
    """The scheduler function `<name_prefix>-scheduler`; credentials and region are those of boto3."""

    def __init__(self, name_prefix: str, region: str | None = None, profile: str | None = None) -> None:
        """Raises SchedulerError for a profile that does not exist, or without a region."""
        self._function = f"{name_prefix}-scheduler"
        try:
            self._client = boto3.Session(profile_name=profile, region_name=region).client("lambda")
        except BotoCoreError as error:
            raise SchedulerError(str(error)) from error

    def act(self, action: str, fields: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Runs an action with those of its fields that are not None; returns the answer. Raises SchedulerError."""
        given = {name: value for name, value in (fields or {}).items() if value is not None}
        payload = json.dumps({"action": action, **given}).encode()
        try:
            response = self._client.invoke(FunctionName=self._function, Payload=payload)
            answer = json.loads(response["Payload"].read())
        except (ClientError, BotoCoreError, ValueError) as error:
            raise SchedulerError(f"{self._function}: {error}") from error
        if "FunctionError" in response or not isinstance(answer, dict):
            message = answer.get("errorMessage") if isinstance(answer, dict) else answer
            raise SchedulerError(str(message))
        return answer
