"""What the end-to-end tests share: the local cloud with its switches, and the pipeline that Terraform applied to it."""

from __future__ import annotations

import gzip
import json
import re
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import boto3

from walkthrough.cloud import LocalCloud
from walkthrough.deployment import BUCKET, Deployment
from walkthrough.warehouse import query

ROOT = Path(__file__).parents[2]
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT COUNT(*) FROM n"
CALL = "CALL execute_elt_process()"
VIEW = "nyc_yellow_taxi_volume_analysis"
PATIENCE = 120.0
"""Seconds that a test waits for what must happen; two slow cores are shared with others."""
GOOD_ROW = "2015-01-05|2015-01-05 10:00:00|2015-01-05 10:30:00|1|2|3.5|12.5|15.3|1|2"
T = TypeVar("T")


def until(look: Callable[[], T | None], what: str = "it", *, seconds: float = PATIENCE) -> T:
    """What `look` finds that counts as true, looking until it does."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not come within {seconds:.0f} s"
        time.sleep(0.1)
    return found


def trips(*rows: str, encoding: str = "utf-8") -> bytes:
    """A file of trips, one a line, packed as the pipeline of these tests expects them."""
    return gzip.compress("".join(f"{row}\n" for row in rows).encode(encoding))


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

    def letter(self, about: str, *, seconds: float = PATIENCE) -> Letter:
        """The first e-mail that mentions something, once it is there."""
        return until(lambda: self.letters(about), f"an e-mail about {about}", seconds=seconds)[0]

    def log_lines(self, group: str, since: datetime | None = None) -> list[dict[str, Any]]:
        """The JSON lines of a log group."""
        start = {"startTime": int((since - timedelta(seconds=1)).timestamp() * 1000)} if since else {}
        found = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group, **start)
        return [line for page in found for event in page["events"] if (line := _json(event["message"]))]


@dataclass
class Pipeline:
    """The root module, applied. `files` are the trips that its loads find, unless a test puts others there."""

    cloud: Cloud
    deployment: Deployment
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """The name prefix."""
        return self.deployment.prefix

    @property
    def outputs(self) -> dict[str, Any]:
        """The root module's outputs."""
        return self.deployment.outputs

    def load_name(self, schedule: str, occurrence: str) -> str:
        """The statement name of a load."""
        return f"{self.prefix}/load/{schedule}/{occurrence}"

    def start(self, sql: str = CALL, *, schedule: str = "by-test", occurrence: str | None = None) -> str:
        """Invokes the scheduler function asynchronously, as Scheduler does; returns the statement name to come."""
        occurrence = occurrence or uuid4().hex
        payload = {"action": "execute_sql", "schedule": schedule, "sql": sql, "occurrence": occurrence}
        self.invoke_async("scheduler", payload)
        return self.load_name(schedule, occurrence)

    def load(self, sql: str = CALL, **more: str) -> Letter:
        """Runs a load and returns the letter about its end."""
        return self.cloud.letter(self.start(sql, **more))

    def load_at(self, moment: datetime | None = None, **changes: Any) -> str:
        """Runs a load by a one-time schedule that differs from Terraform's `nightly` in its time; its statement name.

        The schedule removes itself when it has fired.
        """
        moment = (moment or datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0)
        scheduler = self.cloud.client("scheduler")
        group = self.outputs["schedule_group_name"]
        nightly = scheduler.get_schedule(GroupName=group, Name="nightly")
        scheduler.create_schedule(
            **{
                "GroupName": group,
                "Name": f"{self.prefix}-once-{uuid4().hex[:8]}",
                "ScheduleExpression": f"at({moment:%Y-%m-%dT%H:%M:%S})",
                "ScheduleExpressionTimezone": "UTC",
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "ActionAfterCompletion": "DELETE",
                "Target": nightly["Target"],
                **changes,
            }
        )
        return self.load_name("nightly", f"{moment:%Y-%m-%dT%H:%M:%SZ}")

    def invoke(self, function: str, payload: object) -> Any:
        """Invokes a function (`scheduler`, `notifier`, `warehouse_objects`) and returns its answer."""
        answer = self.cloud.client("lambda").invoke(
            FunctionName=self.outputs["function_names"][function], Payload=json.dumps(payload).encode()
        )
        return json.loads(answer["Payload"].read())

    def invoke_async(self, function: str, payload: object) -> None:
        """Invokes a function as rules and schedules do: with retries, and a failure queue at the end."""
        self.cloud.client("lambda").invoke(
            FunctionName=self.outputs["function_names"][function],
            InvocationType="Event",
            Payload=json.dumps(payload).encode(),
        )

    def as_role(self) -> Any:
        """A Data API client of the pipeline's own role: to any other, its statements do not exist."""
        return self.cloud.as_role(self.outputs["statement_role"])

    def statements(self, name_prefix: str = "") -> list[dict[str, Any]]:
        """All statements of the pipeline's role whose name starts so, newest first, as ListStatements shows them."""
        pages = self.as_role().get_paginator("list_statements").paginate(Status="ALL", StatementName=name_prefix)
        return [statement for page in pages for statement in page["Statements"]]

    def cancel(self, statement_id: str) -> None:
        """Cancels a statement."""
        self.as_role().cancel_statement(Id=statement_id)

    def status(self, statement_id: str) -> dict[str, Any]:
        """What action status_check says."""
        status: dict[str, Any] = self.invoke("scheduler", {"action": "status_check", "statement_id": statement_id})
        return status

    def started(self) -> list[dict[str, Any]]:
        """The scheduler's log lines of loads that Redshift accepted, with `statement_name` and `statement_id`."""
        lines = self.cloud.log_lines(self.outputs["log_group_names"]["scheduler"])
        return [line for line in lines if line.get("message") == "load started"]

    def statement_id(self, name: str) -> str:
        """The id of a load, once it was started."""
        ids = lambda: [line["statement_id"] for line in self.started() if line["statement_name"] == name]  # noqa: E731
        return until(ids, f"the start of {name}")[0]

    @contextmanager
    def data(self, files: Mapping[str, bytes]) -> Iterator[None]:
        """Loads find these files meanwhile (none: an empty folder)."""
        self._put(files)
        try:
            yield
        finally:
            self._put(self.files)

    @contextmanager
    def loaded(self, files: Mapping[str, bytes]) -> Iterator[Letter]:
        """The warehouse holds these files meanwhile; the value is the letter about their load."""
        try:
            with self.data(files):
                yield self.load()
        finally:
            assert "the data is ready" in self.load().subject

    def contents(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """All that readers see: the table (counted by day) and the materialized view."""
        table = (
            "SELECT pickup_date, COUNT(*) AS n, SUM(total_amount) AS total FROM nyc_yellow_taxi GROUP BY 1 ORDER BY 1"
        )
        return self.cloud.query(table), self.cloud.query(f"SELECT * FROM {VIEW} ORDER BY pickup_month")

    def _put(self, files: Mapping[str, bytes]) -> None:
        s3 = self.cloud.client("s3")
        for found in s3.list_objects_v2(Bucket=BUCKET, Prefix="trips/").get("Contents", []):
            s3.delete_object(Bucket=BUCKET, Key=found["Key"])
        for name, content in files.items():
            s3.put_object(Bucket=BUCKET, Key=f"trips/{name}", Body=content)


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
