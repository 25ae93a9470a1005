"""One local cloud and one applied root module for all end-to-end tests; what a test changes it puts back."""

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from deployments.deployment import Deployment
from local_cloud.process import LocalCloud
from tests.e2e.cloud import ROOT, Cloud
from tests.e2e.pipeline import Pipeline
from trips.generator import write_trips

PREFIX = "relay-test"
LOADS = {
    # Beside `trips`. Their objects are made by the tests that run them.
    "flaky": {"sql": "CALL flaky()", "retries": 1, "warn_after_minutes": 30, "expected_every_hours": 26},
    "recount": {
        "sql": "CALL recount(:day, :kind)",
        "parameters": {"kind": "daily"},
        "events": {
            "dbt": {
                "pattern": json.dumps({"source": ["relay-test.dbt"]}),
                "parameters": {"day": "$.detail.days[0]"},
            }
        },
        "lane": "counts",
    },
    "mart": {
        "statements": ["DELETE FROM public.mart", "INSERT INTO public.mart SELECT day FROM public.recounted"],
        "after": ["recount"],
        "lane": "counts",
    },
}


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The local cloud: cluster and workgroup with the databases `dev` (of the pipeline), `objects` and `elsewhere`."""
    databases = [part for name in ("dev", "objects", "elsewhere") for part in ("--database", name)]
    local = LocalCloud.start("--retry-seconds", "0.2", *databases)
    yield Cloud(local)
    local.stop()


@pytest.fixture(scope="session")
def pipeline(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The root module applied once, with a few made-up trips that were loaded once."""
    folder = tmp_path_factory.mktemp("pipeline")
    files = write_trips(folder / "trips", months=[date(2015, 1, 1), date(2016, 1, 1)], trips_per_month=200, seed=1)
    variables = {"create_chat_topic": True}
    deployment = Deployment(ROOT, folder / "terraform", cloud.local, prefix=PREFIX, variables=variables, loads=LOADS)
    deployment.upload(files)
    deployment.apply()
    pipeline = Pipeline(cloud, deployment, {file.name: file.read_bytes() for file in files})
    assert "the data is ready" in pipeline.load(load="first").subject
    return pipeline


@pytest.fixture(scope="session")
def taxi() -> Path:
    """The folder with real trips and the expected answers; it is not part of the repository."""
    if not os.environ.get("TAXI_DATA"):
        pytest.skip("TAXI_DATA does not name the folder with the taxi data")
    return Path(os.environ["TAXI_DATA"])
