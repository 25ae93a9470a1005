"""One applied gateway for these tests, on the session's local cloud; what a test changes it puts back."""

from collections.abc import Iterator

import pytest
from gateway_bed import GatewayBed
from more_queries import MORE_QUERIES
from testbed import Cloud


@pytest.fixture(scope="session")
def bed(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayBed]:
    """Both gateways, without their own sweep: a test calls it when it wants it."""
    bed = GatewayBed.make(cloud, tmp_path_factory.mktemp("gateway"), **MORE_QUERIES)
    with bed.open.without_sweep(), bed.signed.without_sweep():
        yield bed
