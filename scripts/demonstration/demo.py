"""One run of the demo: its stages, in the order in which a team would meet them."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from demonstration import arrival, console
from demonstration.answers import compare_months
from demonstration.gateway_stages import run_gateway_stages
from demonstration.waiting import wait
from demonstration.workspace import remember_cloud
from deployments.deployment import Deployment
from deployments.output import Output
from deployments.sign_in import SignIn
from deployments.warehouse import query
from local_cloud.env_file import write_env
from local_cloud.process import LocalCloud
from trips.expected import expected_monthly
from trips.generator import write_trips
from trips.tlc.convert import convert

MONTHS = (date(2015, 1, 1), date(2016, 1, 1), date(2019, 11, 1))
TRIPS_PER_MONTH = 7_500
SEED = 2015
LEAD = timedelta(seconds=8)
"""How far ahead the first load is scheduled: the second apply takes most of it."""


class Demo:
    """One run of the demo. Leaving the context stops the local cloud."""

    def __init__(self, root: Path, folder: Path, output: Output, data: Sequence[Path] | None) -> None:
        self._root = root
        self._folder = folder
        self._output = output
        self._data = data
        self._cloud: LocalCloud | None = None
        self._page: tuple[str, SignIn] | None = None

    def __enter__(self) -> "Demo":
        return self

    def __exit__(self, *_: object) -> None:
        if self._cloud:
            self._cloud.stop()

    def log_tail(self) -> str:
        """Returns the end of the local cloud's log; empty if there is none."""
        with suppress(OSError, AttributeError):
            return self._cloud.log.read_text(errors="replace")[-2000:] if self._cloud else ""
        return ""

    def run(self) -> None:
        """Runs all stages, and stops at the first that raises."""
        files = self._trips()
        cloud = self._start()
        sign_in = SignIn.create(cloud)
        variables = {
            "gateway": {"authorization": sign_in.authorization},
            "console": console.settings(cloud, sign_in),
        }
        deployment = Deployment(self._root, self._folder / "terraform", cloud, variables=variables, loads=arrival.LOADS)
        with self._output.stage("Trips are uploaded to S3") as stage:
            size = deployment.upload(files)
            stage.result = f"{len(files)} files, {size / 1024:,.0f} KB in {deployment.data_uri}"
        with self._output.stage("Terraform applies the root module") as stage:
            changes = deployment.apply()
            stage.result = f"{changes} resources; the warehouse has its table, view and procedure"
        statement_id = self._fire(deployment)
        self._load(deployment, statement_id)
        self._notification(cloud, statement_id)
        self._view(cloud, files)
        run_gateway_stages(self._output, deployment, sign_in, files)
        console.run_stage(self._output, deployment, sign_in)
        write_env(self._folder, {**deployment.exports(), **sign_in.exports()})
        self._page = (f"{deployment.page}/", sign_in)

    def show_sign_in(self) -> None:
        """Prints the page's address, user and password, which are valid for this run only."""
        if self._page:
            address, sign_in = self._page
            self._output.page(address, sign_in.user, sign_in.password)

    def _trips(self) -> list[Path]:
        target = self._folder / "trips"
        if self._data is None:
            with self._output.stage("Trips are generated") as stage:
                files = write_trips(target, months=MONTHS, trips_per_month=TRIPS_PER_MONTH, seed=SEED)
                trips = TRIPS_PER_MONTH * len(files)
                stage.result = f"{trips:,} trips in {len(files)} months, the same on every machine"
            return files
        with self._output.stage("Your trips are converted") as stage:
            converted = convert(self._data, target)
            stage.result = f"{sum(one.rows for one in converted):,} rows in {len(converted)} files"
        for one in converted:
            self._output.warn([str(warning) for warning in one.warnings], one.warning_count)
        return [one.path for one in converted]

    def _start(self) -> LocalCloud:
        with self._output.stage("The local cloud starts") as stage:
            self._cloud = cloud = LocalCloud.start()
            remember_cloud(self._folder, cloud.process.pid, cloud.folder)
            stage.result = f"AWS API at {cloud.ready['endpoint']}, with a SQL engine behind the Redshift Data API"
        return cloud

    def _fire(self, deployment: Deployment) -> str:
        with self._output.stage("A schedule fires") as stage:
            due = (datetime.now(UTC) + LEAD).replace(microsecond=0)
            deployment.apply(first_load=due)
            started = wait(lambda: deployment.load_started(due), "no load started", seconds=90)
            late = (started.at - due).total_seconds()
            stage.result = f"due {due:%H:%M:%S} UTC; the Data API accepted the statement {late:.1f} s later"
            return started.statement_id

    def _load(self, deployment: Deployment, statement_id: str) -> None:
        with self._output.stage("Redshift loads the data while no function waits") as stage:
            status = wait(lambda: deployment.ended(statement_id), f"{statement_id} did not end", seconds=600)
            stage.result = f"{status['status']} after {status['duration_seconds'] or 0:.1f} s in the warehouse"
            if status["status"] != "FINISHED":
                stage.problems.append(status["error"])

    def _notification(self, cloud: LocalCloud, statement_id: str) -> None:
        with self._output.stage("Subscribers are notified") as stage:
            message = wait(lambda: cloud.newest_email(statement_id), "no message arrived", seconds=60)
            stage.result = f"email to {message['To']}"
        self._output.email(message["Subject"], message.get_content())

    def _view(self, cloud: LocalCloud, files: Sequence[Path]) -> None:
        with self._output.stage("The materialized view has the answers") as stage:
            rows = query(cloud, "SELECT * FROM nyc_yellow_taxi_volume_analysis ORDER BY pickup_month")
            loaded = query(cloud, "SELECT COUNT(*) AS trips FROM nyc_yellow_taxi")[0]["trips"]
            stage.result = f"{loaded:,} trips; equal to the figures computed from the files without SQL"
            stage.problems += compare_months(rows, expected_monthly(files))
        self._output.table(
            "nyc_yellow_taxi_volume_analysis", list(rows[0]) if rows else [], [[*row.values()] for row in rows]
        )
