"""The notifier module alone, on the statements of others: dbt, Airflow, people in the query editor."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import pytest

from deployments.deployment import READER
from deployments.terraform import Terraform
from tests.e2e.cloud import ROOT, Cloud, Letter, until

BAD_SQL, SECRET_TEXT = "SELECT 1 FROM no_such_table", "no_such_table"


@dataclass(frozen=True)
class Others:
    """Roles that are none of ours, and a notifier that listens to two of them."""

    cloud: Cloud
    clients: dict[str, Any]

    def run(self, role: str, sql: str, name: str | None = None) -> str:
        """Runs a statement as that role, to its end."""
        ready, client = self.cloud.local.ready, self.clients[role]
        named = {"StatementName": name} if name else {}
        started = client.execute_statement(
            ClusterIdentifier=ready["cluster"], Database="dev", Sql=sql, WithEvent=True, **named
        )
        until(lambda: client.describe_statement(Id=started["Id"])["Status"] in ("FINISHED", "FAILED"), "its end")
        return str(started["Id"])

    def letters(self, statement: str, prefix: str) -> list[Letter]:
        """What a notifier said of a statement."""
        return [one for one in self.cloud.letters(statement) if one.subject.startswith(f"[{prefix}]")]

    def letter(self, statement: str, prefix: str) -> Letter:
        """The first of them."""
        return until(lambda: self.letters(statement, prefix), f"a letter of {prefix} about {statement}")[0]


def _role(cloud: Cloud, name: str) -> Any:
    """A role that may run statements as itself; a Data API client of it."""
    iam, ready = cloud.client("iam"), cloud.local.ready
    who = {"AWS": f"arn:aws:iam::{ready['account_id']}:root", "Service": "lambda.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}
    rights = {
        "Effect": "Allow",
        "Action": ["redshift-data:*", "redshift:GetClusterCredentialsWithIAM"],
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Statement": [trust]}
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [rights]})
    iam.put_role_policy(RoleName=name, PolicyName="statements", PolicyDocument=policy)
    lent = cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    session: Any = boto3.Session(
        aws_access_key_id=lent["AccessKeyId"],
        aws_secret_access_key=lent["SecretAccessKey"],
        aws_session_token=lent["SessionToken"],
        region_name=ready["region"],
    )
    return session.client("redshift-data", endpoint_url=ready["endpoint"])


@pytest.fixture(scope="module")
def others(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Others:
    account = cloud.local.ready["account_id"]
    clients = {name: _role(cloud, name) for name in ("dbt", "airflow", "analyst")}
    folder = tmp_path_factory.mktemp("foreign")

    def notifier(prefix: str, **settings: Any) -> dict[str, Any]:
        source = os.path.relpath(ROOT / "modules" / "notifier", folder)
        reader = {"protocol": "email", "endpoint": READER}
        return {"source": source, "name_prefix": prefix, "subscriptions": {"reader": reader}, **settings}

    of_dbt = [f"arn:aws:sts::{account}:assumed-role/dbt/"]
    modules = {
        "others": notifier(
            "others",
            sources={
                "dbt": {"principal_prefixes": of_dbt},
                "airflow": {"statement_name_prefixes": ["airflow/", "etl-"]},
            },
        ),
        # The role that submits is the one that may look: with it the error text is told too.
        "dbt": notifier(
            "of-dbt",
            role={"name": "dbt", "arn": f"arn:aws:iam::{account}:role/dbt"},
            sources={"dbt": {"principal_prefixes": of_dbt, "statement_name_prefixes": ["dbt/"]}},
        ),
    }
    (folder / "main.tf.json").write_text(json.dumps({"module": modules}))
    terraform = Terraform(folder, cloud.local.environment)
    terraform.init()
    terraform.apply()
    return Others(cloud, clients)  # it may stay: nobody else's statements are heard of


def test_a_statement_of_a_principal_is_told_without_its_error_text(others: Others) -> None:
    statement = others.run("dbt", BAD_SQL)
    letter = others.letter(statement, "others")
    assert letter.subject == f"[others] {statement}: failed"
    assert letter.line("Statement") == statement
    assert SECRET_TEXT not in letter.body
    assert not letter.line("What ran")


def test_a_statement_is_told_by_the_name_it_was_given(others: Others) -> None:
    name = f"airflow/daily-{uuid4().hex[:6]}"
    letter = others.letter(others.run("airflow", "SELECT 1", name), "others")
    assert letter.subject == f"[others] {name}: finished"
    assert letter.line("Name") == name


def test_a_name_like_a_load_of_ours_is_no_load(others: Others) -> None:
    """Whose statement it is says the principal; a name can be anybody's."""
    name = f"relay-test/load/nightly/{uuid4().hex}"
    statement = others.run("dbt", BAD_SQL, name)
    assert others.letter(statement, "others").subject == f"[others] {name}: failed"
    assert len(others.cloud.letters(statement)) == 1


def test_others_of_others_are_not_told(others: Others) -> None:
    unheard = [others.run("analyst", BAD_SQL), others.run("airflow", BAD_SQL, "nightly/1")]
    others.letter(others.run("airflow", BAD_SQL, "etl-1"), "others")  # all that came before was handled
    assert not [letter for statement in unheard for letter in others.cloud.letters(statement)]


def test_with_the_role_that_submits_the_error_text_is_told(others: Others) -> None:
    name = f"dbt/{uuid4().hex[:6]}"
    statement = others.run("dbt", BAD_SQL, name)
    letter = others.letter(statement, "of-dbt")
    assert letter.subject == f"[of-dbt] {name}: failed"
    assert SECRET_TEXT in letter.body.partition("What ran:")[0]
    assert letter.line("What ran") == BAD_SQL
    without = others.letter(statement, "others")  # the other notifier hears of it too, and may not look
    assert SECRET_TEXT not in without.body


@pytest.mark.parametrize("sql", ["SELECT 1", BAD_SQL])
def test_repeated_events_are_told_once(others: Others, sql: str) -> None:
    with others.cloud.events("duplicate"):
        statement = others.run("dbt", sql)
        letter = others.letter(statement, "others")
    announced: Callable[[], bool] = lambda: _remembered(others, statement)  # noqa: E731
    until(announced, "the announcement to be remembered")
    assert others.letters(statement, "others") == [letter]


def _remembered(others: Others, statement: str) -> bool:
    key = {"statement": {"S": statement}}
    item = others.cloud.client("dynamodb").get_item(TableName="others-announcements", Key=key).get("Item", {})
    return bool(item.get("state", {}).get("S") == "announced")
