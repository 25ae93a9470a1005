"""The local cloud of the end-to-end tests, with its switches and the e-mails that it kept."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import boto3

from deployments.warehouse import query
from local_cloud.process import LocalCloud

ROOT = Path(__file__).parents[2]
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT COUNT(*) FROM n"
TIMEOUT_SECONDS = 120.0
"""Seconds that a test waits for what must happen; two slow cores are shared with others."""
T = TypeVar("T")


def until(look: Callable[[], T | None], what: str = "it", *, seconds: float = TIMEOUT_SECONDS) -> T:
    """What `look` finds that counts as true, looking until it does."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not come within {seconds:.0f} s"
        time.sleep(0.1)
    return found


@dataclass(frozen=True)
class Letter:
    """An e-mail that a person would have got."""

    to: str
    subject: str
    body: str

    def line(self, label: str) -> str:
        """What stands after a label of its table (`Statement`, `Name`, `Started`, ...); empty without it."""
        found = re.search(rf"^{label}: +(.*)$", self.body, re.MULTILINE)
        return found[1] if found else ""


@dataclass(frozen=True)
class Cloud:
    """The local cloud of the session."""

    local: LocalCloud
    _clients: dict[str, Any] = field(default_factory=dict)
    _as_roles: dict[str, Any] = field(default_factory=dict)
    _letters: dict[Path, Letter] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """A boto3 client of the administrator, made once: that takes longer than most calls."""
        if service not in self._clients:
            self._clients[service] = self.local.client(service)
        return self._clients[service]

    def query(self, sql: str, *, user: str | None = None, database: str | None = None) -> list[dict[str, Any]]:
        """The rows of a query as {column: value}, in the first database if none is named."""
        return query(self.local, sql, user=user, database=database)

    def as_role(self, role: Mapping[str, str]) -> Any:
        """A Data API client of a role (`name`, `arn`), which for a moment trusts us too."""
        if role["name"] not in self._as_roles:
            iam = self.client("iam")
            trust = iam.get_role(RoleName=role["name"])["Role"]["AssumeRolePolicyDocument"]
            account = {"AWS": f"arn:aws:iam::{self.local.ready['account_id']}:root"}
            us = {"Effect": "Allow", "Principal": account, "Action": "sts:AssumeRole"}
            with_us = {**trust, "Statement": [*trust["Statement"], us]}
            iam.update_assume_role_policy(RoleName=role["name"], PolicyDocument=json.dumps(with_us))
            try:
                lent = self.client("sts").assume_role(RoleArn=role["arn"], RoleSessionName="test")["Credentials"]
            finally:
                iam.update_assume_role_policy(RoleName=role["name"], PolicyDocument=json.dumps(trust))
            session: Any = boto3.Session(
                aws_access_key_id=lent["AccessKeyId"],
                aws_secret_access_key=lent["SecretAccessKey"],
                aws_session_token=lent["SessionToken"],
                region_name=self.local.ready["region"],
            )
            self._as_roles[role["name"]] = session.client("redshift-data", endpoint_url=self.local.ready["endpoint"])
        return self._as_roles[role["name"]]

    @contextmanager
    def schedule(self, name: str, **changes: str) -> Iterator[None]:
        """Terraform's own schedule `<group>/<name>`, changed meanwhile."""
        scheduler = self.client("scheduler")
        group, name = name.split("/")
        schedule = scheduler.get_schedule(GroupName=group, Name=name)
        # UpdateSchedule replaces the whole schedule: what is left out is lost.
        members = scheduler.meta.service_model.operation_model("UpdateSchedule").input_shape.members
        given = {member: value for member, value in schedule.items() if member in members}
        scheduler.update_schedule(**{**given, **changes})
        try:
            yield
        finally:
            scheduler.update_schedule(**given)

    def switch(self, name: str, method: str = "POST", **body: Any) -> dict[str, Any]:
        """Sets a switch of the local cloud (`events`, `kill`: see local_cloud/switches.py)."""
        request = urllib.request.Request(  # noqa: S310 - the local cloud
            f"{self.local.ready['endpoint']}/_relay/{name}", json.dumps(body).encode(), method=method
        )
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            answer: dict[str, Any] = json.loads(response.read())
        return answer

    @contextmanager
    def events(self, mode: str, **more: Any) -> Iterator[None]:
        """Completion events are lost (`drop`), repeated (`duplicate`) or late (`delay`) meanwhile."""
        self.switch("events", mode=mode, **more)
        try:
            yield
        finally:
            self.switch("events", "DELETE")

    @contextmanager
    def kill(self, operation: str, **more: Any) -> Iterator[Callable[[], bool]]:
        """The worker that calls an operation (`sns:Publish`) dies, once; the value tells whether it did yet."""
        self.switch("kill", operation=operation, **more)
        try:
            yield lambda: all(kill["fired"] for kill in self.switch("kill", "GET")["kills"])
        finally:
            self.switch("kill", "DELETE")

    def letters(self, about: str = "") -> list[Letter]:
        """All e-mails that mention something in subject or body, oldest first."""
        for path in (self.local.folder / "cloud" / "mail").glob("*.eml"):
            if path not in self._letters:  # each is read once: there are hundreds, and tests look ten times a second
                self._letters[path] = _parsed(path)
        letters = (letter for _, letter in sorted(self._letters.items()))
        return [letter for letter in letters if about in letter.subject or about in letter.body]

    def letter(self, about: str, *, seconds: float = TIMEOUT_SECONDS) -> Letter:
        """The first e-mail that mentions something, once it is there."""
        return until(lambda: self.letters(about), f"an e-mail about {about}", seconds=seconds)[0]

    def log_lines(self, group: str, since: datetime | None = None) -> list[dict[str, Any]]:
        """The JSON lines of a log group."""
        start = {"startTime": int((since - timedelta(seconds=1)).timestamp() * 1000)} if since else {}
        found = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group, **start)
        return [line for page in found for event in page["events"] if (line := _json(event["message"]))]


def _parsed(path: Path) -> Letter:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return Letter(str(message["To"]), str(message["Subject"]).strip(), message.get_content())


def _json(text: str) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None
