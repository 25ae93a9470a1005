"""The stages of the demo, in the order in which a team would meet them."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from demonstration import console
from demonstration.gateway_stages import ask_and_be_told
from demonstration.output import Show, Stage
from demonstration.workspace import remember_cloud, write_env
from deployments.deployment import Deployment
from deployments.sign_in import SignIn
from deployments.warehouse import query
from local_cloud.process import LocalCloud
from trips.expected import Monthly, expected_monthly
from trips.generator import write_trips
from trips.tlc.convert import convert

MONTHS = (date(2015, 1, 1), date(2016, 1, 1), date(2019, 11, 1))
TRIPS_PER_MONTH = 7_500
SEED = 2015
LEAD = timedelta(seconds=8)
"""How far ahead the schedule is set: the second apply takes most of it."""
T = TypeVar("T")


class Walkthrough:
    """One run of the demo; leaving it stops the local cloud."""

    def __init__(self, root: Path, folder: Path, show: Show, data: Sequence[Path] | None) -> None:
        self._root = root
        self._folder = folder
        self._show = show
        self._data = data
        self._cloud: LocalCloud | None = None
        self._page: tuple[str, SignIn] | None = None

    def __enter__(self) -> "Walkthrough":
        return self

    def __exit__(self, *_: object) -> None:
        if self._cloud:
            self._cloud.stop()

    def log_tail(self) -> str:
        """The end of what the local cloud printed."""
        with suppress(OSError, AttributeError):
            return self._cloud.log.read_text(errors="replace")[-2000:] if self._cloud else ""
        return ""

    def run(self) -> None:
        """Runs all stages; stops at the first that fails."""
        files = self._trips()
        cloud = self._start()
        sign_in = SignIn.create(cloud)
        variables = {
            "gateway": {"authorization": sign_in.authorization},
            "console": console.settings(cloud, sign_in),
        }
        deployment = Deployment(self._root, self._folder / "terraform", cloud, variables=variables)
        with self._show.stage("Trips lie in S3") as stage:
            size = deployment.upload(files)
            stage.said = f"{len(files)} files, {size / 1024:,.0f} KB in {deployment.data_uri}"
        with self._show.stage("Terraform applies the root module") as stage:
            changes = deployment.apply()
            stage.said = f"{changes} resources; table, view and procedure are in the warehouse"
        statement_id = self._fire(deployment)
        self._load(deployment, statement_id)
        self._notification(cloud, statement_id)
        self._answer(cloud, files)
        ask_and_be_told(self._show, deployment, sign_in, files)
        console.open_page(self._show, deployment, sign_in)
        write_env(self._folder, {**deployment.exports(), **sign_in.exports()})
        self._page = (f"{deployment.page}/", sign_in)

    def tell_page(self) -> None:
        """Where the page is, and who may sign in: user and password are of this run alone."""
        if self._page:
            address, sign_in = self._page
            self._show.page(address, sign_in.user, sign_in.password)

    def _trips(self) -> list[Path]:
        target = self._folder / "trips"
        if self._data is None:
            with self._show.stage("Trips are made up") as stage:
                files = write_trips(target, months=MONTHS, trips_per_month=TRIPS_PER_MONTH, seed=SEED)
                stage.said = f"{TRIPS_PER_MONTH * len(files):,} trips of {len(files)} months, the same on every machine"
            return files
        with self._show.stage("Your trips are converted") as stage:
            converted = convert(self._data, target)
            stage.said = f"{sum(one.rows for one in converted):,} rows of {len(converted)} files"
        for one in converted:
            self._show.warn([str(suspect) for suspect in one.warnings], one.wrong)
        return [one.path for one in converted]

    def _start(self) -> LocalCloud:
        with self._show.stage("The local cloud starts") as stage:
            self._cloud = cloud = LocalCloud.start()
            remember_cloud(self._folder, cloud.process.pid, cloud.folder)
            stage.said = f"AWS API at {cloud.ready['endpoint']}, a SQL engine behind the Redshift Data API"
        return cloud

    def _fire(self, deployment: Deployment) -> str:
        with self._show.stage("A schedule fires") as stage:
            due = (datetime.now(UTC) + LEAD).replace(microsecond=0)
            deployment.apply(first_load=due)
            started = _wait(lambda: deployment.load_started(due), "no load was started", seconds=90)
            late = (started.at - due).total_seconds()
            stage.said = f"due {due:%H:%M:%S} UTC, statement accepted {late:.1f} s later by the Data API"
            return started.statement_id

    def _load(self, deployment: Deployment, statement_id: str) -> None:
        with self._show.stage("Redshift loads, no function waits") as stage:
            status = _wait(lambda: deployment.ended(statement_id), f"{statement_id} did not end", seconds=600)
            stage.said = f"{status['status']} after {status['duration_seconds']:.1f} s in the warehouse"
            if status["status"] != "FINISHED":
                stage.problems.append(status["error"])

    def _notification(self, cloud: LocalCloud, statement_id: str) -> None:
        with self._show.stage("People are told") as stage:
            letter = _wait(lambda: cloud.letter(statement_id), "no message came", seconds=60)
            stage.said = f"e-mail to {letter['To']}"
        self._show.letter(letter["Subject"], letter.get_content())

    def _answer(self, cloud: LocalCloud, files: Sequence[Path]) -> None:
        with self._show.stage("The materialized view answers") as stage:
            rows = query(cloud, "SELECT * FROM nyc_yellow_taxi_volume_analysis ORDER BY pickup_month")
            loaded = query(cloud, "SELECT COUNT(*) AS trips FROM nyc_yellow_taxi")[0]["trips"]
            stage.said = f"{loaded:,} trips; the same as worked out from the files without SQL"
            compare(stage, rows, expected_monthly(files))
        self._show.table(
            "nyc_yellow_taxi_volume_analysis", list(rows[0]) if rows else [], [[*row.values()] for row in rows]
        )


def compare(stage: Stage, rows: Sequence[dict[str, Any]], expected: Sequence[Monthly]) -> None:
    """Adds a problem for each number that differs: sums by more than 1e-6, averages by more than their rounding."""
    if [row["pickup_month"] for row in rows] != [str(month.pickup_month) for month in expected]:
        stage.problems.append(f"months: {[row['pickup_month'] for row in rows]}")
        return
    for row, month in zip(rows, expected, strict=True):
        if row["total_trips"] != month.total_trips:
            stage.problems.append(f"{month.pickup_month} total_trips: {row['total_trips']}, not {month.total_trips}")
        for column in ("total_distance_per_month", "total_fare_per_month", "avg_distance", "avg_fare"):
            want, have = getattr(month, column), row[column]
            allowed = 0.01 if column.startswith("avg_") else abs(float(want or 0)) * 1e-6
            if (want is None) != (have is None) or (want is not None and abs(float(have) - float(want)) > allowed):
                stage.problems.append(f"{month.pickup_month} {column}: {have}, not {want}")


def _wait(look: Callable[[], T | None], otherwise: str, *, seconds: float) -> T:
    """What `look` finds, looking until it does; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{otherwise} within {seconds:.0f} s")
        time.sleep(0.2)
    return found
