"""Terraform's part of a run, and what the walk asks of what it created."""

from __future__ import annotations

import gzip
import json
import os
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import boto3

from account_check.warehouse import allow_again, deny
from account_check.workspace import Run
from deployments.terraform import Terraform

PARALLEL = "-parallelism=20"
"""The provider waits for queues, functions and the distribution; more of these waits at a time save minutes."""
TAG = "redshift-relay:acceptance"
_ROOT = Path(__file__).parent / "root"
T = TypeVar("T")


@dataclass(frozen=True)
class Message:
    """A notification: its JSON body and when it reached the inbox."""

    body: dict[str, Any]
    arrived_at: datetime

    @property
    def ended_at(self) -> datetime:
        """When the statement ended."""
        return datetime.fromisoformat(self.body["ended_at"])


@dataclass
class Deployment:
    """The configuration of a run. Outputs are those of the last apply."""

    run: Run
    outputs: dict[str, Any] = field(default_factory=dict)
    _password: str = field(default_factory=lambda: f"{secrets.token_urlsafe(12)}aA1!", repr=False)
    _messages: list[Message] = field(default_factory=list)

    @property
    def terraform(self) -> Terraform:
        """Terraform in the run's folder, with the caller's own environment."""
        return Terraform(self.run.folder, {})

    def apply(self, redshift: Mapping[str, Any], copy_role: str) -> int:
        """Applies, and returns how many resources changed. The schedule is tomorrow's, until `reschedule`."""
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        check = {
            "source": os.path.relpath(_ROOT, self.run.folder),
            "name_prefix": self.run.prefix,
            "redshift": redshift,
            "copy_role_arn": copy_role,
            "password": self._password,
            "first_load": f"{tomorrow:%Y-%m-%dT%H:%M:%S}",
        }
        provider = {"region": self.run.region, "default_tags": {"tags": {TAG: self.run.prefix}}}
        configuration = {
            "provider": {"aws": provider},
            "module": {"check": check},
            "output": {"check": {"value": "${module.check.check}"}},
        }
        file = self.run.folder / "main.tf.json"
        fresh = not file.exists()
        file.touch(mode=0o600)
        file.write_text(json.dumps(configuration, indent=2))
        if fresh:
            self.terraform.init()
        changed = self.terraform.apply(PARALLEL)
        self.outputs = self.terraform.outputs()["check"]
        return changed

    def reschedule(self, due: datetime) -> None:
        """Moves the applied schedule to another time: at once, where a second apply would take most of a minute."""
        scheduler: Any = boto3.client("scheduler")
        pages = scheduler.get_paginator("list_schedules").paginate()
        listed = [one for page in pages for one in page["Schedules"] if one["GroupName"].startswith(self.run.prefix)]
        found = [scheduler.get_schedule(GroupName=one["GroupName"], Name=one["Name"]) for one in listed]
        (schedule,) = [one for one in found if one["ScheduleExpression"].startswith("at(")]
        # UpdateSchedule replaces the whole schedule: what is left out is lost.
        members = scheduler.meta.service_model.operation_model("UpdateSchedule").input_shape.members
        given = {member: value for member, value in schedule.items() if member in members}
        scheduler.update_schedule(**{**given, "ScheduleExpression": f"at({due:%Y-%m-%dT%H:%M:%S})"})

    def put_trips(self, *lines: str, name: str = "trips.psv") -> None:
        """Makes these lines (day|vendor|fare) the only file that a load finds."""
        s3 = boto3.client("s3")
        for found in s3.list_objects_v2(Bucket=self.outputs["bucket"], Prefix="trips/").get("Contents", []):
            s3.delete_object(Bucket=self.outputs["bucket"], Key=found["Key"])
        body = "".join(f"{line}\n" for line in lines).encode()
        s3.put_object(Bucket=self.outputs["bucket"], Key=f"trips/{name}", Body=body)

    def load(self, name: str) -> None:
        """Starts a load as a rule would; `name` is its occurrence."""
        event = {"action": "run", "load": "trips", "occurrence": name}
        boto3.client("lambda").invoke(
            FunctionName=self.outputs["function_names"]["scheduler"],
            InvocationType="Event",
            Payload=json.dumps(event).encode(),
        )

    def message(self, of: Callable[[dict[str, Any]], bool], *, seconds: float) -> Message:
        """The first notification for which `of` holds, once it is in the inbox; raises TimeoutError."""
        sqs = boto3.client("sqs")
        deadline = time.monotonic() + seconds
        while True:
            if found := next((one for one in self._messages if of(one.body)), None):
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"no such notification within {seconds:.0f} s")
            received = sqs.receive_message(
                QueueUrl=self.outputs["inbox_url"],
                WaitTimeSeconds=2,
                MaxNumberOfMessages=10,
                MessageSystemAttributeNames=["SentTimestamp"],
            )
            for message in received.get("Messages", []):
                self._messages.append(_message(message))
                sqs.delete_message(QueueUrl=self.outputs["inbox_url"], ReceiptHandle=message["ReceiptHandle"])

    def load_started(self, since: datetime) -> datetime | None:
        """When the Data API accepted the first load since then, by the scheduler's log; None if there is none."""
        found = boto3.client("logs").filter_log_events(
            logGroupName=self.outputs["log_groups"]["scheduler"], startTime=int(since.timestamp() * 1000) - 1000
        )
        for event in found["events"]:
            try:
                line = json.loads(event["message"])
            except ValueError:
                continue
            if line.get("message") == "load started":
                return datetime.fromisoformat(line["time"])
        return None

    def sign_in(self) -> str:
        """An access token of the sign-in's user."""
        signed_in = boto3.client("cognito-idp").initiate_auth(
            ClientId=self.outputs["client_id"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "reader", "PASSWORD": self._password},
        )
        return str(signed_in["AuthenticationResult"]["AccessToken"])

    def deny(self, action: str) -> None:
        """Denies an action to the statement role."""
        deny(self.outputs["statement_role"]["name"], action)

    def allow_again(self) -> None:
        """Removes the denial."""
        allow_again(self.outputs["statement_role"]["name"])

    def page(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in lower case) and body of a path of the page."""
        url = f"{self.outputs['console_url']}{path}"
        headers = {}
        # As every client of AWS does: an endpoint of the environment takes the place of the public one.
        if endpoint := os.environ.get("AWS_ENDPOINT_URL"):
            headers = {"Host": urlsplit(url).netloc, "X-Forwarded-Proto": "https"}
            url = f"{endpoint}{path}"
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the deployment's own page
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                status, found, body = response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            status, found, body = error.code, error.headers, error.read()
        if found.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return status, {name.lower(): value for name, value in found.items()}, body


def _message(received: Mapping[str, Any]) -> Message:
    arrived = datetime.fromtimestamp(int(received["Attributes"]["SentTimestamp"]) / 1000, UTC)
    return Message(json.loads(json.loads(received["Body"])["Message"]), arrived)
