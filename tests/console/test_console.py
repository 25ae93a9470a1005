"""The page in a real browser with nothing faked: CloudFront's headers, Cognito's sign-in, gateway and warehouse."""

from __future__ import annotations

import csv
import gzip
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import WebSocketRoute, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from demonstration import console as demo
from deployments.deployment import BUCKET
from redshift_relay.gateway_client import get_ticket
from tests.browser.console_page import ConsolePage
from tests.console.deployed_console import DeployedConsole

MONTH = "#/daily_trips?month=2015-01"
LIVE = "#/daily_trips/live?month=2015-01"
ONE_MORE = "2015-01-05|2015-01-05 10:00:00|2015-01-05 10:30:00|1|2|3.5|12.5|15.3|1|2\n"
DAYS = """
SELECT pickup_date AS day, SUM(DATEDIFF(minute, pickup_datetime, dropoff_datetime)) AS minutes,
    SUM(trip_distance) AS distance, SUM(fare_amount) AS fare, COUNT(*) AS trips
FROM nyc_yellow_taxi WHERE pickup_date BETWEEN '2015-01-01' AND '2015-01-31' GROUP BY 1 ORDER BY 1
"""

NEWEST = """
SELECT TO_CHAR(pickup_date, 'YYYY-MM') AS month, COUNT(DISTINCT pickup_date) AS days
FROM nyc_yellow_taxi GROUP BY 1 ORDER BY 1 DESC LIMIT 1
"""


def numbers(cells: list[str]) -> list[float]:
    return [float(cell.replace(",", "")) for cell in cells]


def agree(console: ConsolePage, deployed: DeployedConsole) -> None:
    """The table says what the warehouse says, to the last digit that it shows."""
    days = deployed.sql(DAYS)
    rows = console.all_rows()
    assert [row[0] for row in rows] == [day["day"] for day in days]
    for row, day in zip(rows, days, strict=True):
        hours, distance, fare, trips = numbers(row[1:])
        assert trips == day["trips"]
        assert hours == pytest.approx(float(day["minutes"]) / 60, abs=0.0051)
        assert distance == pytest.approx(float(day["distance"]), abs=0.0051, rel=1e-6)
        assert fare == pytest.approx(float(day["fare"]), abs=0.0051, rel=1e-6)


def test_a_month_is_picked_after_a_sign_in(signed_in: ConsolePage, deployed: DeployedConsole) -> None:
    expect(signed_in.page.locator("#who")).to_contain_text("Reader")
    expect(signed_in.page.locator("#title")).to_have_text("City Trips")
    (newest,) = deployed.sql(NEWEST)
    signed_in.wait_complete(newest["days"], seconds=60)
    asked = f"#/daily_trips?month={newest['month']}"
    assert signed_in.page.url.endswith(asked), "the default question, of the newest month"
    signed_in.ask("daily_trips", month="2015-01")
    signed_in.wait_complete(31, seconds=60)
    expect(signed_in.page.locator("#question")).to_have_text("Trips by day")
    assert signed_in.bars() == 31
    assert len(signed_in.all_rows()) == 31
    agree(signed_in, deployed)
    for header in ("Fares $", "Distance mi", "Hours h"):
        expect(signed_in.page.get_by_role("columnheader", name=header, exact=True)).to_be_visible()


def test_a_deep_link_leads_to_the_same_answer_through_the_sign_in(
    console: ConsolePage, deployed: DeployedConsole
) -> None:
    console.open(MONTH)
    console.sign_in(deployed.sign_in.user, deployed.sign_in.password)
    console.wait_complete(31, seconds=60)
    assert console.page.url == f"{deployed.url}/{MONTH}", "the code is gone from the address"
    agree(console, deployed)


def test_a_load_reaches_the_page_by_itself(signed_in: ConsolePage, deployed: DeployedConsole) -> None:
    signed_in.open(LIVE)
    signed_in.wait_complete(31, seconds=60)
    before = signed_in.all_rows()
    deployed.put("one_more.psv.gz", gzip.compress(ONE_MORE.encode()))
    try:
        deployed.load()
        expect(signed_in.news).to_contain_text("New data: 1 row changed", timeout=60_000)
        expect(signed_in.origin).to_contain_text("watching for changes")
        after = signed_in.all_rows()
        changed = [day[0] for day, now in zip(before, after, strict=True) if day != now]
        assert changed == ["2015-01-05"]
        assert numbers(after[4][4:]) == [numbers(before[4][4:])[0] + 1]
        assert signed_in.bars() == 31
        agree(signed_in, deployed)
    finally:
        deployed.remove("one_more.psv.gz")
        deployed.load()


def test_a_connection_cut_in_the_middle_of_the_rows_resumes(signed_in: ConsolePage, deployed: DeployedConsole) -> None:
    """API Gateway itself closes the connection when two messages of rows have reached the page."""
    asked: list[dict[str, Any]] = []
    reached: list[tuple[int, int]] = []
    connections = 0

    def between(route: WebSocketRoute) -> None:
        nonlocal connections
        connections += 1
        first, rows_here = connections == 1, 0
        server = route.connect_to_server()

        def to_server(message: str | bytes) -> None:
            said = json.loads(message)
            if said["action"] == "query":
                asked.append(said)
            server.send(message)

        def to_page(message: str | bytes) -> None:
            nonlocal rows_here
            said = json.loads(message)
            if said.get("type") == "rows":
                rows_here += 1
                if first and rows_here > 2:
                    if rows_here == 3:
                        deployed.cut()
                    return
                reached.append((said["first_row"], len(said["rows"])))
            route.send(message)

        route.on_message(to_server)
        server.on_message(to_page)

    signed_in.page.route_web_socket(re.compile(r"^ws://"), between)
    signed_in.open("#/all_trips")
    signed_in.page.reload()
    trips = deployed.sql("SELECT COUNT(*) AS n FROM nyc_yellow_taxi")[0]["n"]
    signed_in.wait_complete(trips, seconds=120)
    assert connections == 2
    assert asked[0].get("resume") is None
    assert asked[1]["resume"]["row"] == sum(count for _, count in reached[:2]) > 0
    assert reached[2][0] <= asked[1]["resume"]["row"], "what follows begins where the first connection ended"
    with signed_in.page.expect_download() as download:
        signed_in.page.click("text=CSV")
    with Path(download.value.path()).open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["number"]) for row in rows] == list(range(1, trips + 1)), "a row is missing, or here twice"


def test_a_wrong_password_lets_nobody_in(console: ConsolePage, deployed: DeployedConsole) -> None:
    console.open()
    console.page.click("#notice button")
    console.page.fill("#username", deployed.sign_in.user)
    console.page.fill("#password", "a guess")
    console.page.click("button[type=submit]")
    expect(console.page.locator(".error")).to_contain_text("Incorrect username or password")


def test_signing_out_leads_through_cognitos_logout_and_back(signed_in: ConsolePage, deployed: DeployedConsole) -> None:
    with signed_in.page.expect_request(re.compile(r"/logout\?")) as left:
        signed_in.page.click("text=Sign out")
    signed_in.page.wait_for_url(f"{deployed.url}/")
    expect(signed_in.notice("signed_out")).to_contain_text("Sign in to ask")
    told = dict(parse_qsl(urlsplit(left.value.url).query))
    # No hint: Cognito's id token is for the page's client, whose tokens the gateway takes.
    home = f"{deployed.url}/"
    assert told == {"client_id": deployed.sign_in.client_id, "logout_uri": home, "post_logout_redirect_uri": home}


def test_a_page_of_somebody_else_is_refused(deployed: DeployedConsole) -> None:
    """With a ticket that would open the connection for the page itself."""
    outputs = deployed.deployment.outputs
    foreign = f"http://d0foreign.cloudfront.localhost:{deployed.cloud.ready['port']}"
    for origin in (foreign, "https://foreign.example.com", deployed.cloud.ready["endpoint"]):
        ticket = get_ticket(outputs["ticket_url"], deployed.sign_in.token)
        with pytest.raises(InvalidStatus) as refused:
            connect(outputs["websocket_url"], subprotocols=["relay.v1", f"relay.ticket.{ticket}"], origin=origin)
        assert refused.value.response.status_code == 403
    ticket = get_ticket(outputs["ticket_url"], deployed.sign_in.token)
    with connect(
        outputs["websocket_url"], subprotocols=["relay.v1", f"relay.ticket.{ticket}"], origin=deployed.url
    ) as ours:
        assert ours.subprotocol == "relay.v1"


def test_nobody_reads_the_page_past_cloudfront(deployed: DeployedConsole) -> None:
    assert list(demo.problems(deployed.deployment)) == []
    bucket = deployed.deployment.outputs["console"]["bucket"]
    assert demo.fetch(deployed.deployment, "/nothing").status == 403
    host = deployed.cloud.ready["endpoint"].removeprefix("http://")
    assert demo.fetch(deployed.deployment, f"/{bucket}/index.html", host=host).status == 403


def test_a_second_plan_changes_nothing(deployed: DeployedConsole) -> None:
    assert deployed.deployment.terraform.planned_changes() == []


def test_destroy_leaves_nothing_of_the_page(deployed: DeployedConsole) -> None:
    deployed.destroy()
    listed = deployed.cloud.client("cloudfront").list_distributions()["DistributionList"]
    assert listed.get("Quantity", 0) == 0
    buckets = [bucket["Name"] for bucket in deployed.cloud.client("s3").list_buckets()["Buckets"]]
    assert buckets == [BUCKET]
