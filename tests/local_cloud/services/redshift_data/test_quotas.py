"""Quotas that a test switches on."""

from __future__ import annotations

import urllib.error
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ONCE = Config(retries={"total_max_attempts": 1})


def refusals(client: Any, method: str, count: int, **members: Any) -> list[str]:
    """The errors of `count` calls, as quickly as possible."""
    found = []
    for _ in range(count):
        try:
            getattr(client, method)(**members)
        except ClientError as error:
            found.append("{Code}: {Message}".format(**error.response["Error"]))
    return found


def test_requests_beyond_the_rate_are_throttled(api: Any, quotas: Any) -> None:
    client = api.cloud.client("redshift-data", config=ONCE)
    done = api.run("SELECT 1")
    assert quotas(rates={"DescribeStatement": 2})["rates"]["GetStatementResult"] == 20
    assert refusals(client, "describe_statement", 3, Id=done["Id"])[0] == "ThrottlingException: Rate exceeded"
    quotas(rates={"DescribeStatement": 1}, disguised=True)
    refused = refusals(client, "describe_statement", 3, Id=done["Id"])
    assert refused[0] == "ValidationException: ThrottlingException: Rate exceeded"
    quotas(rates={"CancelStatement": 0})
    with pytest.raises(ClientError, match="ThrottlingException"):
        client.cancel_statement(Id=done["Id"])
    api.cloud.switch("quotas", "DELETE")
    assert refusals(client, "describe_statement", 10, Id=done["Id"]) == []


def test_botocore_retries_what_is_throttled(api: Any, quotas: Any) -> None:
    done = api.run("SELECT 1")
    quotas(rates={"DescribeStatement": 2})
    patient = api.cloud.client("redshift-data", config=Config(retries={"mode": "standard", "max_attempts": 8}))
    assert refusals(patient, "describe_statement", 4, Id=done["Id"]) == []


def test_active_statements_are_limited(api: Any, quotas: Any) -> None:
    quotas(active_statements=0)
    with pytest.raises(ClientError) as refused:
        api.start("SELECT 1")
    error = refused.value.response["Error"]
    assert error["Code"] == "ActiveStatementsExceededException"
    assert error["Message"] == "Active statements exceeded the allowed quota (0)."


@pytest.mark.parametrize("body", [{"rates": {"X": -1}}, {"rates": {"X": "1"}}, {"rats": 1}, {"active_sessions": "1"}])
def test_a_wrong_switch_is_refused(cloud: Any, body: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        cloud.switch("quotas", **body)
