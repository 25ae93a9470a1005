"""The AWS CLI, pointed at the local cloud by the lines of `.demo/env` and nothing else."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_cloud.env_file import write_env
from tests.e2e.cloud import ENDLESS, until
from tests.e2e.pipeline import Pipeline

WAREHOUSE = '--cluster-identifier "$REDSHIFT_CLUSTER" --database "$REDSHIFT_DATABASE" --db-user "$REDSHIFT_USER"'
AWS = Path(sys.executable).with_name("aws")
Cli = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def cli(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """Runs `aws redshift-data ...` in a shell that has read the file; there is no other configuration."""
    home = tmp_path_factory.mktemp("home")
    env = write_env(home, pipeline.deployment.exports())
    path = f"{AWS.parent}{os.pathsep}{os.environ['PATH']}"

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", f'. "{env}"; aws redshift-data {command}'],
            env={"PATH": path, "HOME": str(home), "AWS_PAGER": ""},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def ask(cli: Cli, command: str) -> dict[str, Any]:
    done = cli(command)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def ended(cli: Cli, statement_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found = ask(cli, f"describe-statement --id {statement_id}")
        return found if found["Status"] in ("FINISHED", "FAILED", "ABORTED") else None

    return until(look, f"the end of {statement_id}")


def test_a_statement_from_start_to_rows(cli: Cli) -> None:
    sql = "SELECT :n::INT AS n, NULL::INT AS nothing, 1.50::DECIMAL(5, 2) AS price, TRUE AS yes"
    started = ask(
        cli, f'execute-statement {WAREHOUSE} --statement-name cli/one --parameters name=n,value=7 --sql "{sql}"'
    )
    assert started["Database"] == "dev"
    assert ended(cli, started["Id"])["Status"] == "FINISHED"
    result = ask(cli, f"get-statement-result --id {started['Id']}")
    assert [column["name"] for column in result["ColumnMetadata"]] == ["n", "nothing", "price", "yes"]
    assert result["Records"] == [[{"longValue": 7}, {"isNull": True}, {"stringValue": "1.50"}, {"booleanValue": True}]]
    listed = ask(cli, "list-statements --statement-name cli/one")["Statements"]
    assert [statement["Id"] for statement in listed] == [started["Id"]]


def test_bad_sql_is_told_by_describe_statement(cli: Cli) -> None:
    started = ask(cli, f'execute-statement {WAREHOUSE} --sql "SELECT * FROM no_such_table"')
    done = ended(cli, started["Id"])
    assert done["Status"] == "FAILED"
    assert 'relation "no_such_table" does not exist' in done["Error"]
    refused = cli(f"get-statement-result --id {started['Id']}")
    assert refused.returncode != 0
    assert "ResourceNotFoundException" in refused.stderr


def test_a_running_statement_is_cancelled(cli: Cli) -> None:
    started = ask(cli, f'execute-statement {WAREHOUSE} --statement-name cli/long --sql "{ENDLESS}"')
    running = lambda: ask(cli, "list-statements --status STARTED --statement-name cli/long")["Statements"]  # noqa: E731
    assert [statement["Id"] for statement in until(running, "the start of the statement")] == [started["Id"]]
    assert ask(cli, f"cancel-statement --id {started['Id']}") == {"Status": True}
    assert ended(cli, started["Id"])["Status"] == "ABORTED"
    again = cli(f"cancel-statement --id {started['Id']}")
    assert again.returncode != 0
    assert "ValidationException" in again.stderr


def test_a_batch_is_one_transaction(cli: Cli) -> None:
    good = ask(
        cli, f'batch-execute-statement {WAREHOUSE} --sqls "CREATE TEMP TABLE t AS SELECT 3 AS n" "SELECT n FROM t"'
    )
    assert [part["Status"] for part in ended(cli, good["Id"])["SubStatements"]] == ["FINISHED", "FINISHED"]
    assert ask(cli, f"get-statement-result --id {good['Id']}:2")["Records"] == [[{"longValue": 3}]]

    bad = ask(cli, f'batch-execute-statement {WAREHOUSE} --sqls "CREATE TABLE cli_never (n INT)" "SELECT nothing"')
    done = ended(cli, bad["Id"])
    assert done["Status"] == "FAILED"
    assert done["SubStatements"][1]["Status"] == "FAILED"
    tables = ask(cli, f"list-tables {WAREHOUSE} --schema-pattern public")["Tables"]
    names = {table["name"] for table in tables}
    assert "cli_never" not in names
    assert {"nyc_yellow_taxi", "nyc_yellow_taxi_staging", "nyc_yellow_taxi_volume_analysis"} <= names


def test_an_unknown_cluster_starts_nothing(cli: Cli) -> None:
    refused = cli("execute-statement --cluster-identifier nowhere --database dev --db-user awsuser --sql 'SELECT 1'")
    assert refused.returncode != 0
    assert "ValidationException" in refused.stderr
