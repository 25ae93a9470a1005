"""A file lands in S3: a load takes it, another load follows, and who watches gets the new answer.

The procedure of the taxi example replaces all trips. This one adds those of the files that landed.
"""

import gzip
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from demonstration.waiting import wait
from deployments.deployment import BUCKET, COPY_ROLE, Deployment
from deployments.output import Output
from deployments.warehouse import query
from redshift_relay.gateway_client import Answer

PREFIX = "trips/arrived-"
"""Below the folder that the nightly load reads, so that it finds the file as well."""
ROWS = 100
LOADS = {
    "arrivals": {
        "sql": "CALL public.load_arrivals(:manifest)",
        "files": {"bucket": BUCKET, "pattern": f"{PREFIX}*", "quiet_seconds": 1},
        "expected_every_hours": 26,
    },
    "months": {"sql": "REFRESH MATERIALIZED VIEW public.nyc_yellow_taxi_volume_analysis", "after": ["arrivals"]},
}
"""Loads of the demo beside the one that the README shows."""
_PROCEDURE = """\
CREATE OR REPLACE PROCEDURE public.load_arrivals(manifest VARCHAR(2000))
AS $$
BEGIN
    EXECUTE 'COPY public.nyc_yellow_taxi (pickup_date, pickup_datetime, dropoff_datetime, ratecode, passenger_count,'
        || ' trip_distance, fare_amount, total_amount, payment_type, vendorid) FROM ' || quote_literal(manifest)
        || ' IAM_ROLE ''{role}'' REGION ''{region}'' MANIFEST GZIP DELIMITER ''|'''
        || ' EMPTYASNULL DATEFORMAT ''auto'' TIMEFORMAT ''auto''';
END;
$$ LANGUAGE plpgsql"""


def prepare(deployment: Deployment) -> None:
    """Creates the procedure, and lets the bucket tell EventBridge what lands, which is up to the bucket's owner."""
    ready = deployment.cloud.ready
    role = f"arn:aws:iam::{ready['account_id']}:role/{COPY_ROLE}"
    query(deployment.cloud, _PROCEDURE.format(role=role, region=ready["region"]))
    deployment.cloud.client("s3").put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )


def run_stage(output: Output, deployment: Deployment, last: Answer, answers: Iterator[Answer], file: Path) -> None:
    """Uploads some trips of `file` again, and waits for the client's answer, the load that follows and its view."""
    with output.stage("A file lands in S3: a load takes it, and another follows") as stage:
        prepare(deployment)
        lines, month = _some_trips(file)
        wanted = _trips(last) + len(lines)
        in_view = _in_view(deployment, month) + len(lines)
        body = gzip.compress("".join(lines).encode())
        deployment.cloud.client("s3").put_object(Bucket=BUCKET, Key=f"{PREFIX}1.psv.gz", Body=body)
        answer = next(one for one in answers if _trips(one) == wanted)
        followed = wait(lambda: _ended(deployment, "months"), "load months did not follow", seconds=120)
        stage.result = f"{len(lines)} trips more; data version {answer.complete['version']} was pushed by itself"
        if followed["state"] != "FINISHED":
            stage.problems.append(f"load months: {followed['state']}: {followed['error']}")
        elif (found := _in_view(deployment, month)) != in_view:
            stage.problems.append(f"{month:%Y-%m} has {found} trips in the view, not {in_view}")
    with output.stage("scripts/relay loads shows what ran") as stage:
        runs = [(load, _ended(deployment, load)) for load in ("arrivals", "months")]
        stage.result = "; ".join(f"{load}: {run['state']} by {run['started_by']['kind']}" for load, run in runs if run)


def _some_trips(file: Path) -> tuple[Sequence[str], date]:
    """Up to 100 lines of a packed file, all of the month of its first one, and the first day of the month."""
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        first = opened.readline()
        month = first[: len("2015-01")]
        lines = [first, *(line for line, _ in zip(opened, range(ROWS * 10), strict=False) if line.startswith(month))]
    return lines[:ROWS], date.fromisoformat(f"{month}-01")


def _trips(answer: Answer) -> int:
    return sum(int(row["trips"]) for row in answer.as_dicts())


def _in_view(deployment: Deployment, month: date) -> int:
    rows = query(deployment.cloud, "SELECT pickup_month, total_trips FROM public.nyc_yellow_taxi_volume_analysis")
    return sum(int(row["total_trips"]) for row in rows if str(row["pickup_month"]).startswith(f"{month:%Y-%m}"))


def _ended(deployment: Deployment, load: str) -> dict[str, Any] | None:
    """The last run of a load that has ended, as the scheduler lists it; raises RuntimeError."""
    answer = deployment.invoke("scheduler", {"action": "list", "load": load})
    if "errorMessage" in answer:
        raise RuntimeError(answer["errorMessage"])
    ended = answer["loads"][0]["ended"]
    return ended[0] if ended else None
