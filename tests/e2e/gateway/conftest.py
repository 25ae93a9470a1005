"""One applied gateway for these tests, on the session's local cloud; what a test changes it puts back."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.gateway.gateways import Gateways
from tests.e2e.pipeline import Pipeline


@pytest.fixture(scope="session")
def gateways(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateways]:
    """Both gateways, without their own sweep: a test calls it when it wants it."""
    gateways = Gateways.make(cloud, tmp_path_factory.mktemp("gateway"))
    with gateways.open.without_sweep(), gateways.signed.without_sweep():
        yield gateways


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
