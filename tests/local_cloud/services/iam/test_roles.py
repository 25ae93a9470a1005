"""Role sessions of functions."""

from __future__ import annotations

import json

import pytest

from tests.local_cloud.setting import Setting, invoke


def test_user_ids_of_functions_hold_the_id_of_their_role(setting: Setting) -> None:
    role = setting.cloud.client("iam").get_role(RoleName=setting.name)["Role"]
    assert invoke(setting.cloud, setting.name, whoami=True) == f"{role['RoleId']}:{setting.name}"


@pytest.mark.parametrize(
    ("effect", "why"),
    [
        ("Allow", "because no permissions boundary allows the redshift-data:ExecuteStatement action"),
        ("Deny", "with an explicit deny in a permissions boundary"),
    ],
)
def test_a_boundary_that_denies_is_named(setting: Setting, effect: str, why: str) -> None:
    iam = setting.cloud.client("iam")
    statements = [{"Effect": "Allow", "Action": "*" if effect == "Deny" else "sqs:*", "Resource": "*"}]
    statements += [{"Effect": effect, "Action": "redshift-data:*" if effect == "Deny" else "s3:*", "Resource": "*"}]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    policy = iam.create_policy(PolicyName=f"bound-{effect}", PolicyDocument=document)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName=setting.name, PermissionsBoundary=policy)
    with pytest.raises(RuntimeError, match=f"is not authorized to perform: redshift-data:ExecuteStatement on .* {why}"):
        invoke(setting.cloud, setting.name, sql="SELECT 1")
