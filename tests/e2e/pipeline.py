"""The pipeline that Terraform applied, and the loads that it runs."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from deployments.deployment import BUCKET, Deployment
from tests.e2e.cloud import Cloud, Letter, until

CALL = "CALL execute_elt_process()"
VIEW = "nyc_yellow_taxi_volume_analysis"
GOOD_ROW = "2015-01-05|2015-01-05 10:00:00|2015-01-05 10:30:00|1|2|3.5|12.5|15.3|1|2"


def trips(*rows: str, encoding: str = "utf-8") -> bytes:
    """A file of trips, one a line, packed as the pipeline of these tests expects them."""
    return gzip.compress("".join(f"{row}\n" for row in rows).encode(encoding))


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

    def load_name(self, load: str, occurrence: str) -> str:
        """The statement name of a load."""
        return f"{self.prefix}/load/{load}/{occurrence}"

    def start(self, sql: str = CALL, *, load: str = "by_test", occurrence: str | None = None) -> str:
        """Invokes the scheduler function asynchronously, as Scheduler does; returns the statement name to come."""
        occurrence = occurrence or uuid4().hex
        payload = {"action": "execute_sql", "load": load, "sql": sql, "occurrence": occurrence}
        self.invoke_async("scheduler", payload)
        return self.load_name(load, occurrence)

    def load(self, sql: str = CALL, *, load: str = "by_test") -> Letter:
        """Runs a load and returns the letter about its end."""
        return self.cloud.letter(self.start(sql, load=load))

    def load_at(self, moment: datetime | None = None, **changes: Any) -> str:
        """Runs a load by a one-time schedule that differs from Terraform's `nightly` in its time; its statement name.

        The schedule removes itself when it has fired.
        """
        moment = (moment or datetime.now(UTC) + timedelta(seconds=2)).replace(microsecond=0)
        scheduler = self.cloud.client("scheduler")
        group = self.outputs["schedule_group_name"]
        nightly = scheduler.get_schedule(GroupName=group, Name="trips-nightly")
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
        return self.load_name("trips", f"{moment:%Y-%m-%dT%H:%M:%SZ}")

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
