"""The whole root, gateway and page included, for applies that are interrupted."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local_cloud.process import LocalCloud
from tests.e2e.cloud import Cloud
from tests.e2e.hardened.account import Configuration

_OWN_ROOT = Path(__file__).parents[1] / "own_root"
_ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Interrupt"
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="package")
def account() -> Iterator[Cloud]:
    """An account and a warehouse for all interrupted applies."""
    local = LocalCloud.start("--retry-seconds", "0.2")
    yield Cloud(local)
    local.stop()


@pytest.fixture
def root(account: Cloud, tmp_path: Path) -> Iterator[Configuration]:
    """The root under a prefix of its own; what the test applied is destroyed."""
    prefix = f"cut-{next(_NUMBERS)}"
    cluster = {"identifier": account.local.ready["cluster"], "user": account.local.ready["admin"]}
    variables: dict[str, Any] = {
        "name_prefix": prefix,
        "redshift": {"database": "dev", "cluster": cluster},
        "objects_directory": str(_OWN_ROOT / "objects"),
        "queries_directory": str(_OWN_ROOT / "queries"),
        "subscriptions": {"reader": {"protocol": "email", "endpoint": "reader@example.com"}},
        "gateway": {"authorization": {"mode": "JWT", "issuer": _ISSUER, "audience": ["page"]}},
        "console": {"oidc": {"issuer": _ISSUER, "client_id": "page"}},
    }
    configuration = Configuration(account, tmp_path / "terraform", ".", variables)
    yield configuration
    configuration.terraform.destroy("-refresh=false", "-parallelism=20")
    drop: Callable[[str], object] = account.query
    drop("DROP SCHEMA IF EXISTS sales CASCADE")
    drop(f"DROP TABLE IF EXISTS public.redshift_relay_history_{prefix.replace('-', '_')}")
