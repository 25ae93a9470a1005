"""One applied gateway for these tests, on the session's local cloud; what a test changes it puts back."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.gateway.gateway_bed import GatewayBed
from tests.e2e.gateway.more_queries import MORE_QUERIES
from tests.e2e.testbed import Cloud, Pipeline


@pytest.fixture(scope="session")
def bed(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBed]:
    """Both gateways, without their own sweep: a test calls it when it wants it."""
    bed = GatewayBed.make(cloud, tmp_path_factory.mktemp("gateway"), **MORE_QUERIES)
    with bed.open.without_sweep(), bed.signed.without_sweep():
        yield bed


@pytest.fixture(scope="module")
def gateway_outputs(pipeline: Pipeline) -> Iterator[dict[str, Any]]:
    """The applied pipeline gets a gateway meanwhile."""
    deployment, before = pipeline.deployment, pipeline.deployment.variables
    gateway = {"authorization": {"mode": "NONE"}, "allowed_origins": ["*"]}
    deployment.variables = {**before, "gateway": gateway}
    try:
        deployment.apply()
        yield deployment.outputs
    finally:
        deployment.variables = before
        deployment.apply()
