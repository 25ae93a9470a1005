"""Warehouse objects by terraform apply: made, left alone, changed, broken, repaired, and never dropped.

modules/warehouse_objects alone, with a role of its own, on a copy of the example objects in a database of its own. Each
test adds files of its own and takes them away again; what those made in the database stays there and disturbs nobody.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deployments.terraform import Terraform, TerraformError
from deployments.warehouse import QueryFailed
from tests.e2e.cloud import ROOT, Cloud

DATABASE, ELSEWHERE = "objects", "elsewhere"
EXAMPLE = [
    "V1__nyc_yellow_taxi.sql",
    "V2__nyc_yellow_taxi_staging.sql",
    "V3__nyc_yellow_taxi_volume_analysis.sql",
    "R__execute_elt_process.sql",
]
HISTORY = "public.redshift_relay_history_relay_objects"


@dataclass
class Objects:
    """The module, applied to the files of `folder`."""

    cloud: Cloud
    folder: Path
    terraform: Terraform

    def configure(self, *, database: str = DATABASE, revision: str | None = None) -> None:
        """Writes the configuration: where the objects are to be."""
        ready = self.cloud.local.ready
        module = {
            "source": os.path.relpath(ROOT / "modules" / "warehouse_objects", self.terraform.folder),
            "name_prefix": "relay-objects",
            "redshift": {"database": database, "cluster": {"identifier": ready["cluster"], "user": ready["admin"]}},
            "directory": str(self.folder),
            "template_variables": {
                "s3_uri": "s3://bucket/trips/",
                "s3_region": "us-east-1",
                "copy_role": "default",
                "copy_compression": "",
            },
            "revision": revision,
        }
        configuration = {"module": {"objects": module}, "output": {"objects": {"value": "${module.objects}"}}}
        (self.terraform.folder / "main.tf.json").write_text(json.dumps(configuration))

    def write(self, name: str, sql: str) -> None:
        """Makes or changes a file."""
        (self.folder / name).write_text(sql)

    def apply(self, *options: str) -> list[str]:
        """Applies and returns which files ran when something last changed."""
        self.terraform.apply(*options)
        applied: list[str] = self.terraform.outputs()["objects"]["applied"]
        return applied

    def query(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        return self.cloud.query(sql, database=DATABASE)

    def history(self) -> dict[str, str]:
        """When each file ran."""
        return {row["file"]: row["applied_at"] for row in self.query(f"SELECT * FROM {HISTORY}")}

    def relations(self) -> set[str]:
        """Tables, views and materialized views."""
        ready = self.cloud.local.ready
        listed = self.cloud.client("redshift-data").list_tables(
            ClusterIdentifier=ready["cluster"], Database=DATABASE, DbUser=ready["admin"], SchemaPattern="public"
        )
        return {table["name"] for table in listed["Tables"]}

    def procedures(self) -> set[str]:
        """Procedures and functions."""
        found = self.query(
            "SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'"
        )
        return {row["proname"] for row in found}


@pytest.fixture(scope="module")
def applied(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Objects:
    """Applied once, for the tests of this file."""
    folder = tmp_path_factory.mktemp("objects")
    (folder / "sql").mkdir()
    for name in EXAMPLE:
        shutil.copy(ROOT / "sql" / "objects" / name, folder / "sql")
    terraform = Terraform(folder / "terraform", cloud.local.environment)
    terraform.folder.mkdir()
    made = Objects(cloud, folder / "sql", terraform)
    made.configure()
    terraform.init()
    assert made.apply() == EXAMPLE
    return made


@pytest.fixture
def objects(applied: Objects) -> Iterator[Objects]:
    """The files are the example's again afterwards."""
    before = {path: path.read_text() for path in applied.folder.iterdir()}
    yield applied
    for path in applied.folder.iterdir():
        if path not in before:
            path.unlink()
    for path, text in before.items():
        path.write_text(text)


def test_objects_are_made_and_remembered(objects: Objects) -> None:
    assert {"nyc_yellow_taxi", "nyc_yellow_taxi_staging", "nyc_yellow_taxi_volume_analysis"} <= objects.relations()
    assert "execute_elt_process" in objects.procedures()
    assert set(EXAMPLE) <= set(objects.history())


def test_applied_again_nothing_runs(objects: Objects) -> None:
    objects.apply()
    before = objects.history()
    assert objects.terraform.planned_changes() == []
    # Lambda may repeat an invocation, and a restored state may: then the history knows better.
    assert objects.apply("-replace=module.objects.aws_lambda_invocation.this") == []
    assert objects.history() == before


def test_a_changed_repeatable_file_runs_and_no_other(objects: Objects) -> None:
    objects.write("R__changed_view.sql", "CREATE OR REPLACE VIEW changed_view AS SELECT 1 AS n")
    objects.write("R__other_view.sql", "CREATE OR REPLACE VIEW other_view AS SELECT 1 AS n")
    assert objects.apply() == ["R__changed_view.sql", "R__other_view.sql"]
    before = objects.history()
    objects.write("R__changed_view.sql", "CREATE OR REPLACE VIEW changed_view AS SELECT 2 AS n")
    assert objects.apply() == ["R__changed_view.sql"]
    assert objects.query("SELECT n FROM changed_view") == [{"n": 2}]
    after = objects.history()
    assert {file for file in after if after[file] != before.get(file)} == {"R__changed_view.sql"}


def test_a_failing_file_fails_the_apply_and_nothing_of_it_stays(objects: Objects) -> None:
    objects.write("R__a_view.sql", "CREATE OR REPLACE VIEW a_view AS SELECT 'old' AS v")
    objects.apply()
    before, relations = objects.history(), objects.relations()
    objects.write("V20__fine.sql", "CREATE TABLE fine (n INT)")
    objects.write("R__a_view.sql", "CREATE OR REPLACE VIEW a_view AS SELECT 'new' AS v")
    objects.write("R__broken.sql", "-- Why it is there.\nCREATE OR REPLACE VIEW broken AS\nSELECT no_such FROM fine")
    with pytest.raises(TerraformError) as failed:
        objects.apply()
    for said in (
        'R__broken.sql: ERROR: column "no_such" does not exist',
        "CREATE OR REPLACE VIEW broken AS",
        "Nothing of this apply stays in the warehouse.",
    ):
        assert said in _reason(failed.value)
    assert objects.relations() == relations
    assert objects.history() == before
    assert objects.query("SELECT v FROM a_view") == [{"v": "old"}]
    assert [change for change in objects.terraform.planned_changes() if "aws_lambda_invocation" in change]

    objects.write("R__broken.sql", "CREATE OR REPLACE VIEW broken AS SELECT n FROM fine")
    assert objects.apply() == ["V20__fine.sql", "R__a_view.sql", "R__broken.sql"]
    assert objects.relations() == relations | {"fine", "broken"}
    assert objects.query("SELECT v FROM a_view") == [{"v": "new"}]


def test_a_changed_versioned_file_is_refused(objects: Objects) -> None:
    before, relations = objects.history(), objects.relations()
    first = objects.folder / EXAMPLE[0]
    objects.write(first.name, first.read_text().replace("VARCHAR(20)", "VARCHAR(30)"))
    objects.write("V30__not_yet.sql", "CREATE TABLE not_yet (n INT)")
    with pytest.raises(TerraformError) as failed:
        objects.apply()
    assert "V1__nyc_yellow_taxi.sql was changed after it ran" in _reason(failed.value)
    assert "Restore it, and put the change into a new V file" in _reason(failed.value)
    assert objects.history() == before
    assert objects.relations() == relations


WIDER = "ALTER TABLE names ALTER COLUMN name TYPE VARCHAR(300)"


def test_a_file_that_no_transaction_takes_is_refused_with_what_to_write(objects: Objects) -> None:
    before, relations = objects.history(), objects.relations()
    objects.write("V40__names.sql", "CREATE TABLE names (name VARCHAR(3))")
    objects.write("V41__wider.sql", WIDER)
    with pytest.raises(TerraformError) as failed:
        objects.apply()
    assert _reason(failed.value) == (
        "V41__wider.sql: ALTER TABLE ALTER COLUMN TYPE cannot run inside a transaction block."
        " Add '-- transaction: none' as its first line to run it by itself, outside the transaction of the other files."
    )
    assert (objects.history(), objects.relations()) == (before, relations)


def test_a_nontransactional_file_runs_in_its_order(objects: Objects) -> None:
    objects.write("V40__names.sql", "CREATE TABLE names (name VARCHAR(3))")
    objects.write("V41__wider.sql", f"-- transaction: none\n{WIDER}")
    objects.write("V42__long.sql", "INSERT INTO names VALUES ('more than three')")
    objects.write("R__emptied.sql", "-- transaction: none\nTRUNCATE no_such_table")
    with pytest.raises(TerraformError) as failed:
        objects.apply()
    assert _reason(failed.value).startswith("R__emptied.sql: ERROR: ")
    ran = ["V40__names.sql", "V41__wider.sql", "V42__long.sql"]
    assert _reason(failed.value).endswith(
        f"These files ran before it and stay: {', '.join(ran)}. Nothing else of this apply does."
    )
    assert objects.query("SELECT name FROM names") == [{"name": "more than three"}]
    assert set(ran) <= set(objects.history())
    objects.write("R__emptied.sql", "-- transaction: none\nTRUNCATE names")
    assert objects.apply() == ["R__emptied.sql"]
    assert objects.query("SELECT name FROM names") == []
    assert objects.query(f"SELECT file FROM {HISTORY} WHERE begun IS NOT NULL") == []


def test_destroy_drops_nothing_and_drop_sql_everything(objects: Objects) -> None:
    objects.apply()
    objects.query("INSERT INTO nyc_yellow_taxi (pickup_date) VALUES ('2015-01-01')")
    drop_sql = objects.terraform.outputs()["objects"]["drop_sql"]
    relations, procedures, history = objects.relations(), objects.procedures(), objects.history()
    objects.terraform.destroy()
    assert (objects.relations(), objects.procedures(), objects.history()) == (relations, procedures, history)
    assert objects.query("SELECT COUNT(*) AS n FROM nyc_yellow_taxi")[0]["n"] > 0
    assert objects.apply() == []  # whoever comes back finds everything as it was

    for statement in drop_sql.splitlines():
        objects.query(statement)
    ours = {name.partition("__")[2].removesuffix(".sql") for name in EXAMPLE}
    assert objects.relations() == relations - ours - {HISTORY.partition(".")[2]}
    assert objects.procedures() == procedures - ours
    with pytest.raises(QueryFailed):
        objects.history()
    assert objects.apply("-replace=module.objects.aws_lambda_invocation.this") == EXAMPLE


def test_a_file_that_is_gone_is_named(objects: Objects) -> None:
    objects.write("V90__gone.sql", "CREATE TABLE gone (id INTEGER)")
    objects.apply()
    (objects.folder / "V90__gone.sql").unlink()
    objects.apply()
    outputs = objects.terraform.outputs()["objects"]
    assert "V90__gone.sql" in outputs["removed_files"]
    assert "gone" in objects.relations()
    assert " gone;" not in outputs["drop_sql"]


def test_objects_that_move_are_made_where_they_move_to(objects: Objects) -> None:
    objects.configure(database=ELSEWHERE)
    try:
        assert set(EXAMPLE) <= set(objects.apply())
        found = objects.cloud.query("SELECT COUNT(*) AS n FROM nyc_yellow_taxi", database=ELSEWHERE)
        assert found == [{"n": 0}]
    finally:
        objects.configure()
        assert objects.apply() == []  # back where all of it is


def test_another_revision_makes_what_the_warehouse_lost(objects: Objects) -> None:
    """As after a cluster was made anew under the same identifier: Terraform sees no change, the function does."""
    objects.apply()
    for statement in objects.terraform.outputs()["objects"]["drop_sql"].splitlines():
        objects.query(statement)
    assert objects.terraform.planned_changes() == []
    objects.configure(revision="made anew")
    try:
        assert objects.apply() == EXAMPLE
        assert "nyc_yellow_taxi" in objects.relations()
    finally:
        objects.configure()
        assert objects.apply() == []


def _reason(error: TerraformError) -> str:
    """What the function said, as the provider shows it: in JSON, within the words of terraform apply."""
    found = re.search(r'{"errorMessage".*}', str(error))
    assert found, error
    return str(json.loads(found[0])["errorMessage"])
