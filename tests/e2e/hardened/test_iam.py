"""IAM that denies: each apply fails at once and names the permission, and goes on once it is granted."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.e2e.cloud import Cloud
from tests.e2e.hardened.account import Configuration, allow, deny, policy, remedy

TRIPS = {"V1__trips.sql": "CREATE TABLE trips (id INTEGER)"}
DENIED = ["iam:CreateRole", "logs:CreateLogGroup", "lambda:InvokeFunction", "cloudwatch:PutMetricAlarm"]


def may_create(account: Cloud, database: str, role: str) -> None:
    """What grants_sql says, before the first apply."""
    account.query(f'CREATE USER "IAMR:{role}" PASSWORD DISABLE', database=database)
    account.query(f'GRANT USAGE, CREATE ON SCHEMA public TO "IAMR:{role}"', database=database)


def test_a_boundary_that_denies_the_role(account: Cloud, objects: Callable[..., Configuration]) -> None:
    may_create(account, "bounded", "bounded-warehouse-objects")
    iam = account.client("iam")
    document = policy(allow("*"), deny("redshift-data:BatchExecuteStatement"))
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=document)["Policy"]["Arn"]
    configuration = objects("bounded", "bounded", TRIPS, permissions_boundary=boundary)
    error = configuration.failure()
    assert re.search(r"not authorized to perform: redshift-data:BatchExecuteStatement on .*permissions boundary", error)
    assert "boundary" in remedy(error)
    iam.create_policy_version(PolicyArn=boundary, PolicyDocument=policy(allow("*")), SetAsDefault=True)
    assert configuration.apply()["applied"] == ["V1__trips.sql"]
    roles = iam.list_roles()["Roles"]
    bounded = [
        iam.get_role(RoleName=one["RoleName"])["Role"] for one in roles if one["RoleName"].startswith("bounded-")
    ]
    assert {one["PermissionsBoundary"]["PermissionsBoundaryArn"] for one in bounded} == {boundary}


def test_whoever_applies_may_not_do_something(account: Cloud, objects: Callable[..., Configuration]) -> None:
    """Granting what each error names leads to a complete apply."""
    may_create(account, "denied", "denied-warehouse-objects")
    iam = account.client("iam")
    iam.create_user(UserName="deployer")
    key = iam.create_access_key(UserName="deployer")["AccessKey"]
    configuration = objects("denied", "denied", TRIPS)
    configuration.credentials = {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    denied = set(DENIED)
    while denied:
        document = policy(allow("*"), deny(sorted(denied)))
        iam.put_user_policy(UserName="deployer", PolicyName="p", PolicyDocument=document)
        error = configuration.failure()
        named = set(re.findall(r"is not authorized to perform: ([a-z-]+:[A-Za-z]+)", error))
        assert named
        assert named <= denied, error
        assert "name" in remedy(error)
        denied -= named
    iam.put_user_policy(UserName="deployer", PolicyName="p", PolicyDocument=policy(allow("*")))
    assert configuration.apply()["applied"] == ["V1__trips.sql"]
