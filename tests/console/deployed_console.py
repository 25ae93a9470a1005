"""What the tests of the page share: a local cloud with the root module, gateway and console."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import boto3

from demonstration import console
from deployments.deployment import BUCKET, Deployment
from deployments.sign_in import SignIn
from deployments.warehouse import query
from local_cloud.process import LocalCloud
from trips.generator import write_trips

ROOT = Path(__file__).parents[2]
TIMEOUT_SECONDS = 120.0
"""Seconds that a test waits for what must happen; slow cores are shared with others."""

# A result of many messages: every trip, numbered, with a text that makes the rows wide.
ALL_TRIPS = """
SELECT
    ROW_NUMBER() OVER (ORDER BY pickup_datetime, dropoff_datetime, trip_distance, total_amount) AS number,
    pickup_datetime,
    trip_distance,
    REPEAT('x', 80) AS filler
FROM public.nyc_yellow_taxi
ORDER BY number
"""


@dataclass
class DeployedConsole:
    """The local cloud with the root module."""

    cloud: LocalCloud
    deployment: Deployment
    sign_in: SignIn
    applied: bool = False

    @property
    def url(self) -> str:
        """Where the page is."""
        return self.deployment.page

    def sql(self, statement: str) -> list[dict[str, Any]]:
        """Rows straight from the warehouse, as its administrator."""
        return query(self.cloud, statement)

    def put(self, name: str, body: bytes) -> None:
        """A further file for the next load."""
        self.cloud.client("s3").put_object(Bucket=BUCKET, Key=f"trips/{name}", Body=body)

    def remove(self, name: str) -> None:
        """Takes a file away again."""
        self.cloud.client("s3").delete_object(Bucket=BUCKET, Key=f"trips/{name}")

    def load(self) -> None:
        """Runs a load and waits for its end."""
        started = self.deployment.invoke("scheduler", {"action": "run", "load": "trips"})
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while (ended := self.deployment.ended(started["statement_id"])) is None:
            assert time.monotonic() < deadline, "the load does not end"
            time.sleep(0.2)
        assert ended["status"] == "FINISHED", ended

    def cut(self) -> None:
        """API Gateway ends every connection, as it does after two hours."""
        outputs = self.deployment.outputs["gateway"]
        manage = boto3.client(
            "apigatewaymanagementapi",
            endpoint_url=outputs["management_endpoint"],
            aws_access_key_id=self.cloud.ready["access_key_id"],
            aws_secret_access_key=self.cloud.ready["secret_access_key"],
            region_name=self.cloud.ready["region"],
        )
        pages = self.cloud.client("dynamodb").get_paginator("scan").paginate(TableName=outputs["table_name"])
        keys = {item["pk"]["S"] for page in pages for item in page["Items"] if item["pk"]["S"].startswith("C#")}
        for key in keys:
            try:
                manage.delete_connection(ConnectionId=key.removeprefix("C#"))
            except manage.exceptions.GoneException:
                continue

    @classmethod
    def make(cls, cloud: LocalCloud, folder: Path) -> DeployedConsole:
        """Everything but the apply; real trips where they are at hand."""
        sign_in = SignIn.create(cloud)
        variables = {
            "gateway": {"authorization": sign_in.authorization},
            "console": console.settings(cloud, sign_in),
            "queries_directory": str(_queries(folder / "queries")),
        }
        deployment = Deployment(ROOT, folder / "terraform", cloud, prefix="relay-page", variables=variables)
        deployment.upload(_trips(folder / "trips"))
        return cls(cloud, deployment, sign_in)

    def apply(self) -> None:
        """Applies everything and loads once."""
        self.deployment.apply()
        self.sign_in.allow_redirects_to(f"{self.url}/")
        self.load()
        self.applied = True

    def destroy(self) -> None:
        """Destroys everything that Terraform created."""
        self.applied = False
        self.deployment.terraform.destroy()


def _trips(folder: Path) -> list[Path]:
    if given := os.environ.get("TAXI_DATA"):
        return sorted(Path(given).glob("*.psv.gz"))
    return write_trips(folder, months=[date(2015, 1, 1), date(2016, 1, 1)], trips_per_month=7_500, seed=5)


def _queries(folder: Path) -> Path:
    """The example's queries, and one with a long answer."""
    shutil.copytree(ROOT / "sql" / "queries", folder)
    (folder / "all_trips.sql").write_text(ALL_TRIPS)
    (folder / "all_trips.yaml").write_text(json.dumps({"description": "Every trip", "max_rows": 100_000}))
    return folder
