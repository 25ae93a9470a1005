"""Each example applies from a git ref in an empty folder, does its work, plans nothing more, and is destroyed."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deployments.sign_in import sign_in_token
from tests.consumers.applied import Applied, applied, bucket_of_packages
from tests.consumers.repository import Repository
from tests.e2e.cloud import Cloud, until

pytestmark = pytest.mark.long  # each plans in the suite


@contextmanager
def _applied(request: pytest.FixtureRequest, name: str, variables: dict[str, str] | None = None) -> Iterator[Applied]:
    repository: Repository = request.getfixturevalue("repository")
    cloud: Cloud = request.getfixturevalue("cloud")
    folder: Path = request.getfixturevalue("tmp_path") / name
    with applied(name, folder, repository, cloud, variables) as example:
        yield example


def test_whole_root(request: pytest.FixtureRequest) -> None:
    with _applied(request, "whole_root") as example:
        relay = example.outputs["relay"]
        started = example.invoke(relay["function_names"]["scheduler"], action="run", load="trips")
        assert example.cloud.letter(started["statement_id"]).subject == "[taxi] trips: the data is ready"
        gateway = Applied(example.cloud, relay)
        [row] = gateway.ask("monthly_volume", {}).as_dicts()
        assert row["total_trips"] == 1
        assert relay["console_url"].startswith("https://")
    # Destroy drops nothing in the warehouse, and the output's SQL does.
    assert "nyc_yellow_taxi" in example.tables("dev", "nyc%")
    for statement in relay["drop_sql"].split(";\n"):
        example.cloud.query(statement.rstrip(";\n"), database="dev")
    assert example.tables("dev", "nyc%") == []


def test_notifier_for_airflow(request: pytest.FixtureRequest) -> None:
    with _applied(request, "notifier_for_airflow") as example:
        statement = example.run_as(example.outputs["airflow_role_arn"], "SELECT 1")
        letter = example.cloud.letter(statement)
        assert (letter.to, letter.subject) == ("data-team@example.com", f"[airflow] {statement}: finished")


def test_gateway_with_cognito(request: pytest.FixtureRequest) -> None:
    with _applied(request, "gateway_with_cognito") as example:
        token = sign_in_token(example.cloud.local, example.outputs["user_pool_id"], example.outputs["client_id"])
        assert len(example.ask("today", {}, token).rows) == 1


def test_gateway_alone(request: pytest.FixtureRequest) -> None:
    with _applied(request, "gateway_alone") as example:
        assert example.ask("double", {"number": "21"}).rows == [[42]]


def test_two_environments(request: pytest.FixtureRequest) -> None:
    with _applied(request, "two_environments") as example:
        for environment, database in {"staging": "dev", "production": "analytics"}.items():
            function = example.outputs["function_names"][environment]["scheduler"]
            started = example.invoke(function, action="execute_sql", sql="CALL load_environment_orders()")
            letter = example.cloud.letter(started["statement_id"])
            assert letter.to == f"{environment}@example.com"
            assert letter.subject == f"[orders-{environment}] by_hand: the data is ready"
            rows = example.cloud.query("SELECT COUNT(*) AS rows FROM environment_orders", database=database)
            assert rows == [{"rows": 1}]


def test_two_targets(request: pytest.FixtureRequest) -> None:
    with _applied(request, "two_targets") as example:
        assert example.tables("analytics", "target%") == ["target_sales"]
        assert example.tables("dev", "target%") == ["target_finance"]
        assert "target_sales" in example.outputs["drop_sql"]["sales"]


def test_serverless(request: pytest.FixtureRequest) -> None:
    with _applied(request, "serverless") as example:
        _loads(example, "SELECT COUNT(*) FROM serverless_events")


def test_secret(request: pytest.FixtureRequest) -> None:
    cloud: Cloud = request.getfixturevalue("cloud")
    cloud.query("CREATE USER keeper PASSWORD DISABLE", database="dev")
    password = f'password = "{secrets.token_urlsafe(16)}aA1"'
    with _applied(request, "secret", {"given.auto.tfvars": password}) as example:
        _loads(example, "SELECT COUNT(*) FROM keeper_events")


def test_package_from_s3(request: pytest.FixtureRequest) -> None:
    cloud: Cloud = request.getfixturevalue("cloud")
    repository: Repository = request.getfixturevalue("repository")
    bucket = bucket_of_packages(cloud.local, "my-packages")
    command = [sys.executable, repository.folder / "scripts" / "package", "--bucket", bucket, "--prefix", "relay"]
    environment = {**os.environ, **cloud.local.environment}
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    with _applied(request, "package_from_s3", {"packages.auto.tfvars": printed}) as example:
        _loads(example, "SELECT COUNT(*) FROM shipped_events")


def test_customer_managed_key(request: pytest.FixtureRequest) -> None:
    with _applied(request, "customer_managed_key") as example:
        relay, key = example.outputs["relay"], example.outputs["key_arn"]
        function = relay["function_names"]["scheduler"]
        configuration = example.cloud.client("lambda").get_function_configuration(FunctionName=function)
        assert configuration["KMSKeyArn"] == key
        topic = example.cloud.client("sns").get_topic_attributes(TopicArn=relay["topic_arn"])["Attributes"]
        assert topic["KmsMasterKeyId"] == key
        gateway = Applied(example.cloud, relay)
        assert gateway.ask("monthly_volume", {}).rows == []


def test_page_with_domain(request: pytest.FixtureRequest) -> None:
    with _applied(request, "page_with_domain") as example:
        assert example.outputs["url"] == "https://data.example.com"
        assert len(example.ask("today", {}).rows) == 1


def _loads(example: Applied, sql: str) -> None:
    """Runs a statement by hand to its end."""
    function = example.outputs["function_names"]["scheduler"]
    started = example.invoke(function, action="execute_sql", sql=sql)
    look = {"action": "status_check", "statement_id": started["statement_id"]}
    ended = until(lambda: _ended(example, function, look), "the statement's end")
    assert ended["status"] == "FINISHED", ended


def _ended(example: Applied, function: str, look: dict[str, str]) -> dict[str, object] | None:
    status = example.invoke(function, **look)
    return status if status["status"] in ("FINISHED", "FAILED", "ABORTED") else None
