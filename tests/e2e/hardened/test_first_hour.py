"""The whole root in a hardened account: what is forbidden is told at once, and once mended, everything applies."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from redshift_relay.gateway_client import GatewayClient
from tests.e2e.cloud import ROOT, Cloud
from tests.e2e.hardened.account import Configuration, allow, deny, grants_in, policy, remedy

OWN_ROOT = Path(__file__).parents[1] / "own_root"
POLICY_SECONDS = 8.0
"""How long IAM takes here: several attempts of the functions, and bearable in a test."""
A_MINUTE = 60.0


@pytest.fixture(params=[POLICY_SECONDS, pytest.param(A_MINUTE, marks=pytest.mark.long)])
def hardened(account: Cloud, request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """Slow IAM, Lambda's limit of a new account, and no role for API Gateway's logs."""
    settings = account.client("apigateway")
    role = settings.get_account()["cloudwatchRoleArn"]
    path = {"op": "replace", "path": "/cloudwatchRoleArn"}
    account.switch("account", policy_seconds=request.param, lambda_concurrency=10)
    settings.update_account(patchOperations=[{**path, "value": ""}])
    yield account
    settings.update_account(patchOperations=[{**path, "value": role}])
    account.switch("account", "DELETE")


@pytest.fixture
def configuration(hardened: Cloud, tmp_path: Path) -> Iterator[Configuration]:
    """The root with a boundary, a key of its own, an own schema, and everything that the account does not allow."""
    shutil.copytree(OWN_ROOT / "objects", tmp_path / "objects")
    document = policy(allow("*"), deny(["iam:*", "organizations:*"]))
    boundary = hardened.client("iam").create_policy(PolicyName=f"of-{tmp_path.name}", PolicyDocument=document)["Policy"]
    variables: dict[str, Any] = {
        "name_prefix": "whole",
        "redshift": {"database": "whole", "cluster": {"identifier": hardened.local.ready["cluster"]}},
        "objects_directory": str(tmp_path / "objects"),
        "queries_directory": str(OWN_ROOT / "queries"),
        "permissions_boundary": boundary["Arn"],
        "kms_key_arn": hardened.client("kms").create_key()["KeyMetadata"]["Arn"],
        "gateway": {
            "authorization": {"mode": "NONE"},
            "allowed_origins": [],
            "access_logs": True,
            "reserved_concurrency": {"socket": 1},
        },
    }
    configuration = Configuration(hardened, tmp_path / "terraform", ".", variables)
    yield configuration
    configuration.terraform.destroy("-refresh=false")
    for sql in ("DROP SCHEMA IF EXISTS sales CASCADE", "DROP TABLE IF EXISTS public.redshift_relay_history_whole"):
        hardened.query(sql, database="whole")


def key_policy(cloud: Cloud) -> str:
    """The policy of a key as the README's table has it."""
    text = (ROOT / "modules" / "README.md").read_text(encoding="utf-8")
    text = text.partition("## A customer managed key")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z<>.]+)` \| (.+?) \|", text, re.MULTILINE)
    assert len(rows) == 5
    root = {"AWS": f"arn:aws:iam::{cloud.local.ready['account_id']}:root"}
    services = [
        allow(
            re.findall(r"`(.+?)`", actions),
            Principal={"Service": name.replace("<region>", cloud.local.ready["region"])},
        )
        for name, actions in rows
    ]
    return policy(allow("kms:*", Principal=root), *services)


def check_follows_objects(configuration: Configuration, grants: Path) -> None:
    """Whenever an R file changes, also twice in a row, the queries are checked again."""
    granting = grants.read_text()
    for comment in ("once", "again"):
        grants.write_text(f'REVOKE SELECT ON sales.orders FROM "${{gateway_user}}" -- {comment}')
        assert "queries.orders: ERROR: permission denied" in configuration.failure()
        grants.write_text(f"{granting} -- {comment}")
        assert configuration.apply()["applied_objects"] == [grants.name]


def test_the_first_hour(hardened: Cloud, configuration: Configuration, tmp_path: Path) -> None:
    gateway = configuration.variables["gateway"]
    for file in (tmp_path / "objects").glob("R__z_grants*.sql"):
        file.rename(tmp_path / file.name)

    def allow_key(_error: str) -> None:
        key = configuration.variables["kms_key_arn"]
        hardened.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=key_policy(hardened))

    def grant(error: str) -> None:
        assert len(grants_in(error)) == 2
        for sql in grants_in(error):
            hardened.query(sql, database="whole")

    def grant_to_gateway(error: str) -> None:
        assert 'GRANT SELECT ON sales.orders TO "IAMR:whole-gateway";' in grants_in(error)
        for file in tmp_path.glob("R__z_grants*.sql"):
            file.rename(tmp_path / "objects" / file.name)

    mend: dict[str, tuple[str, Callable[[str], object]]] = {
        "The specified KMS key does not exist or is not allowed": ("kms_key_arn", allow_key),
        "below its minimum value of [10]": ("reserved_concurrency", lambda _: gateway.pop("reserved_concurrency")),
        "CloudWatch Logs role ARN must be set": ("access_logs", lambda _: gateway.update(access_logs=False)),
        "queries.orders: ERROR: permission denied": ("gateway's database user", grant_to_gateway),
        "ERROR: permission denied for schema public": ("grants_sql", grant),
    }
    """Each error, what the README says about it, and how it is mended."""
    while mend:
        error = configuration.failure()
        parts = {known: part for part in error.split("Error: ")[1:] for known in mend if known in part}
        assert parts, f"not expected, or not mended: {error}"
        for known, part in parts.items():
            said, does = mend.pop(known)
            assert said in remedy(part)
            does(part)

    outputs = configuration.apply()
    assert configuration.terraform.planned_changes() == []
    with GatewayClient.connect(outputs["websocket_url"]) as client:
        answer = next(client.ask("orders", {"since": "2026-01-01"}, timeout=120))
    assert answer.rows == [["2026-01-31", "9.99"]]
    check_follows_objects(configuration, tmp_path / "objects" / "R__z_grants_orders.sql")
    iam = hardened.client("iam")
    roles = [iam.get_role(RoleName=one["RoleName"])["Role"] for one in iam.list_roles()["Roles"]]
    bounds = {one["RoleName"]: one.get("PermissionsBoundary") for one in roles if one["RoleName"].startswith("whole-")}
    assert len(bounds) >= 4
    expected = configuration.variables["permissions_boundary"]
    assert all(bound and bound["PermissionsBoundaryArn"] == expected for bound in bounds.values()), bounds
