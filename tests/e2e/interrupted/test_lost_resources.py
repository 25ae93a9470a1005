"""Resources that Terraform's state has lost, one of each type: the next apply or a line of the README recovers them."""

from __future__ import annotations

import re

import pytest

from tests.e2e.hardened.account import Configuration
from tests.e2e.interrupted.recovery import Recovery, rows

SLOW = ("aws_lambda_function",)
"""The provider repeats their creation for five minutes before it gives up."""
PARENTS = ("aws_apigatewayv2_api", "aws_cloudwatch_event_rule")
"""Others are created again with them, so that losing these hides what losing their children does."""


def resources(listed: list[str]) -> dict[str, str]:
    """{type: one address} of a state."""
    found: dict[str, str] = {}
    for address in listed:
        kind = re.search(r"(?:^|\.)(data\.)?(aws_[a-z0-9_]+)\.", address)
        if kind and not kind[1]:
            found[kind[2]] = address
    return found


@pytest.mark.long
def test_one_of_each_type(root: Configuration) -> None:
    root.apply("-parallelism=20")
    recovery = Recovery(root.terraform)
    one_of_each = resources(recovery.run("terraform state list").splitlines())
    assert len(one_of_each) > 25
    lost = [address for kind, address in one_of_each.items() if kind not in (*SLOW, *PARENTS)]
    recovery.run("terraform state rm " + " ".join(f"'{address}'" for address in lost))
    mended = recovery.apply("-refresh=false", "-parallelism=20")
    assert len(set(mended)) > 5
    recovery.run("terraform state rm " + " ".join(f"'{one_of_each[kind]}'" for kind in PARENTS))
    recovery.apply("-refresh=false", "-parallelism=20")
    assert root.terraform.planned_changes() == []


@pytest.mark.long
def test_a_function(root: Configuration) -> None:
    root.apply("-parallelism=20")
    recovery = Recovery(root.terraform)
    lost = resources(recovery.run("terraform state list").splitlines())[SLOW[0]]
    recovery.run(f"terraform state rm '{lost}'")
    assert recovery.apply("-refresh=false") == [one for one, _ in rows() if "Lambda Function" in one]
    assert root.terraform.planned_changes() == []
