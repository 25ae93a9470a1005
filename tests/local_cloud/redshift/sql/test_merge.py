"""MERGE as Redshift runs it. Source: "MERGE", Amazon Redshift Database Developer Guide."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome

Run = Callable[..., Outcome]
_ROWS = "SELECT id, name FROM target ORDER BY id"


@pytest.fixture(autouse=True)
def _tables(run: Run) -> None:
    run("CREATE TEMP TABLE target (id INT, name VARCHAR(10))")
    run("CREATE TEMP TABLE source (id INT, name VARCHAR(10))")
    run("INSERT INTO target VALUES (101, 'Bob'), (102, 'John')")
    run("INSERT INTO source VALUES (102, 'Tony'), (103, 'Bill')")


def test_update_and_insert_without_columns(run: Run) -> None:
    merged = run(
        "MERGE INTO target USING source ON target.id = source.id WHEN MATCHED THEN UPDATE SET name = source.name"
        " WHEN NOT MATCHED THEN INSERT VALUES (source.id, source.name)"
    )
    assert merged.affected == 2
    assert run(_ROWS).rows == [(101, "Bob"), (102, "Tony"), (103, "Bill")]


def test_delete_and_an_alias_of_the_source(run: Run) -> None:
    run(
        "MERGE INTO target USING source AS s ON target.id = s.id WHEN MATCHED THEN DELETE"
        " WHEN NOT MATCHED THEN INSERT (name, id) VALUES (s.name, :id)",
        id="7",
    )
    assert run(_ROWS).rows == [(7, "Bill"), (101, "Bob")]


def test_two_matches_of_one_row(run: Run) -> None:
    run("INSERT INTO source VALUES (102, 'Toni')")
    with pytest.raises(SqlError, match="Found multiple matches to update the same tuple"):
        run(
            "MERGE INTO target USING source ON target.id = source.id WHEN MATCHED THEN DELETE"
            " WHEN NOT MATCHED THEN INSERT VALUES (source.id, source.name)"
        )


def test_remove_duplicates(run: Run) -> None:
    run("INSERT INTO source VALUES (103, 'Bill'), (102, 'Tony')")
    run("MERGE INTO target USING source ON target.id = source.id REMOVE DUPLICATES")
    assert run(_ROWS).rows == [(101, "Bob"), (102, "Tony"), (103, "Bill")]
