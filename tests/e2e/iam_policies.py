"""The policies of roles as Terraform applied them, read back from IAM, and single permissions taken away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.e2e.cloud import ROOT, Cloud

OF_TESTS = "of-the-tests"
"""A policy that tests give a role of their own accord."""
Permission = tuple[str, str, str]
"""(role without the name prefix, Sid, action)."""


def policies(cloud: Cloud, prefix: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(role, policy, document) of every inline policy of every role whose name starts with a name prefix."""
    iam = cloud.client("iam")
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            name = role["RoleName"]
            if name.startswith(f"{prefix}-"):
                assert not iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
                for policy in set(iam.list_role_policies(RoleName=name)["PolicyNames"]) - {OF_TESTS}:
                    yield name, policy, iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]


def permitted(cloud: Cloud, prefix: str) -> dict[Permission, set[str]]:
    """All that the roles may do, and to which resources."""
    found: dict[Permission, set[str]] = {}
    for role, _, document in policies(cloud, prefix):
        for statement in document["Statement"]:
            for action in _listed(statement["Action"]):
                permission = (role.removeprefix(f"{prefix}-"), statement["Sid"], action)
                found.setdefault(permission, set()).update(_listed(statement["Resource"]))
    return found


@contextmanager
def without(cloud: Cloud, prefix: str, permission: Permission, resource: str) -> Iterator[None]:
    """The role may not do this to this resource meanwhile."""
    role, sid, action = permission
    iam, changed = cloud.client("iam"), []
    for name, policy, document in list(policies(cloud, prefix)):
        left = [part for one in document["Statement"] for part in _less(one, sid, action, resource)]
        if name == f"{prefix}-{role}" and left != document["Statement"]:
            changed.append((name, policy, document))
            if left:
                less = json.dumps({**document, "Statement": left})
                iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=less)
            else:
                iam.delete_role_policy(RoleName=name, PolicyName=policy)
    assert len(changed) == 1
    try:
        yield
    finally:
        for name, policy, document in changed:
            iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))


def held_to_its_json(permission: Permission, file: str, run: str) -> None:
    """Asserts that a run of tests/modules asserts a permission that the local cloud does not enforce."""
    _, sid, action = permission
    text = (ROOT / "tests" / "modules" / file).read_text(encoding="utf-8")
    body = re.search(rf'^run "{run}" {{\n(.*?)^}}', text, re.MULTILINE | re.DOTALL)
    assert body, f"{file} has no run {run}"
    assert f'Sid = "{sid}"' in body[1]
    assert action in body[1]


def _less(statement: dict[str, Any], sid: str, action: str, resource: str) -> list[dict[str, Any]]:
    """What is left of a statement."""
    actions, resources = _listed(statement["Action"]), _listed(statement["Resource"])
    if statement["Sid"] != sid or action not in actions or resource not in resources:
        return [statement]
    parts = []
    if others := [one for one in actions if one != action]:
        parts.append({**statement, "Action": others})
    if elsewhere := [one for one in resources if one != resource]:
        parts.append({**statement, "Sid": f"{sid}Elsewhere", "Action": action, "Resource": elsewhere})
    return parts


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
