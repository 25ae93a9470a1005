"""The second half of the demo: somebody signs in, asks over a WebSocket, and is told by itself of new data."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from demonstration.output import Show, Stage
from deployments.deployment import Deployment
from deployments.sign_in import SignIn
from redshift_relay.gateway_client import Answer, GatewayClient, get_ticket
from trips.expected import Daily, expected_daily

QUERY = "daily_trips"


def ask_and_be_told(show: Show, deployment: Deployment, sign_in: SignIn, files: Sequence[Path]) -> None:
    """Asks for the first month of the data, loads again, and waits for the new version of the answer."""
    outputs = deployment.outputs
    days = expected_daily(files)
    month = days[0].trip_date
    with show.stage("Somebody signs in and gets a ticket") as stage:
        ticket = get_ticket(outputs["ticket_url"], sign_in.token)
        stage.said = "the token never stands in a URL; the ticket opens one connection"
    with GatewayClient.connect(outputs["websocket_url"], ticket) as gateway:
        answers = gateway.ask(QUERY, {"month": f"{month:%Y-%m}"}, live=True, timeout=120)
        with show.stage(f"{QUERY} is asked over a WebSocket") as stage:
            first = next(answers)
            done = first.complete
            stage.said = f"{done['rows']} rows pushed, {done['elapsed_seconds']} s in the warehouse"
            compare_days(stage, first, [day for day in days if day.trip_date.replace(day=1) == month.replace(day=1)])
        with show.stage("A load brings new data: the page is told by itself") as stage:
            second = _after_load(deployment, answers)
            before, after = done["version"], second.complete["version"]
            stage.said = f"data version {before} became {after}, {second.complete['rows']} rows pushed"
            if after <= before:
                stage.problems.append(f"data version {after} came after {before}")
    show.table(f"{QUERY} for {month:%Y-%m}", [column["name"] for column in first.columns], first.rows[:5])


def _after_load(deployment: Deployment, answers: Iterator[Answer]) -> Answer:
    deployment.invoke_later("scheduler", {"action": "execute_sql", "sql": "CALL execute_elt_process()"})
    return next(answers)


def compare_days(stage: Stage, answer: Answer, expected: Sequence[Daily]) -> None:
    """Adds a problem for each number that differs by more than 1e-6 of itself: the columns are FLOAT4."""
    rows = answer.as_dicts()
    if [_date(row["trip_date"]) for row in rows] != [day.trip_date for day in expected]:
        stage.problems.append(f"days: {[row['trip_date'] for row in rows]}")
        return
    for row, day in zip(rows, expected, strict=True):
        for column in ("total_hours", "total_distance", "total_fare", "trips"):
            have, want = row[column], getattr(day, column)
            if not _same(have, want):
                stage.problems.append(f"{day.trip_date} {column}: {have}, not {want}")


def _same(have: Any, want: Any) -> bool:
    if have is None or want is None:
        return have is want
    return abs(float(have) - float(want)) <= max(abs(float(want)) * 1e-6, 1e-9)


def _date(text: str) -> date:
    return datetime.fromisoformat(text).date()
