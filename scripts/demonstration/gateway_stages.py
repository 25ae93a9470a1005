"""The gateway's part of the demo: a user signs in, queries over a WebSocket, and receives new data without asking."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from demonstration import arrival
from demonstration.answers import compare_days
from deployments.deployment import Deployment
from deployments.output import Output
from deployments.sign_in import SignIn
from redshift_relay.gateway_client import Answer, GatewayClient, get_ticket
from trips.expected import expected_daily

QUERY = "daily_trips"


def run_gateway_stages(output: Output, deployment: Deployment, sign_in: SignIn, files: Sequence[Path]) -> None:
    """Queries the first month, loads again, lets a file land, and waits for the new version of the answer each time."""
    outputs = deployment.outputs
    days = expected_daily(files)
    month = days[0].trip_date
    of_month = [day for day in days if day.trip_date.replace(day=1) == month.replace(day=1)]
    with output.stage("A user signs in and gets a ticket") as stage:
        ticket = get_ticket(outputs["ticket_url"], sign_in.token)
        stage.result = "the ticket opens one connection; the token never appears in a URL"
    with GatewayClient.connect(outputs["websocket_url"], ticket) as gateway:
        answers = gateway.ask(QUERY, {"month": f"{month:%Y-%m}"}, live=True, timeout=120)
        with output.stage(f"A client queries {QUERY} over the WebSocket") as stage:
            first = next(answers)
            stage.result = (
                f"{first.complete['rows']} rows pushed, {first.complete['elapsed_seconds']} s in the warehouse"
            )
            stage.problems += compare_days(first.as_dicts(), of_month)
        with output.stage("A load pushes the new answer to the client") as stage:
            second = _after_load(deployment, answers)
            before, after = first.complete["version"], second.complete["version"]
            stage.result = f"data version {before} became {after}, {second.complete['rows']} rows pushed"
            if after <= before:
                stage.problems.append(f"data version {after} came after {before}")
        arrival.run_stage(output, deployment, second, answers, files[0])
    output.table(f"{QUERY} for {month:%Y-%m}", [column["name"] for column in first.columns], first.rows[:5])


def _after_load(deployment: Deployment, answers: Iterator[Answer]) -> Answer:
    deployment.invoke_later("scheduler", {"action": "run", "load": "trips"})
    return next(answers)
