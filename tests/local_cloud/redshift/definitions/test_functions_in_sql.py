"""CREATE FUNCTION in SQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome

Run = Callable[..., Outcome]


def test_the_body_is_redshift_sql(run: Run) -> None:
    run("CREATE FUNCTION fs_days (DATE, DATE) RETURNS INT STABLE AS $$ SELECT DATEDIFF(day, $1, $2) $$ LANGUAGE sql")
    divide = "RETURNS DECIMAL(12,4) IMMUTABLE AS 'SELECT $1 / $2' LANGUAGE sql"
    run(f"CREATE FUNCTION fs_share (DECIMAL(8,2), DECIMAL(8,2)) {divide}")
    assert run("SELECT fs_days('2024-01-01', '2024-01-31'), fs_share(1, 3)").rows == [(30, "0.3333")]
    run("DROP FUNCTION fs_days(DATE, DATE)")
    with pytest.raises(SqlError, match="does not exist"):
        run("SELECT fs_days('2024-01-01', '2024-01-31')")


@pytest.mark.parametrize(
    ("rest", "text"),
    [
        ("STABLE AS 'SELECT 1 FROM t' LANGUAGE sql", "no FROM"),
        ("STABLE AS 'SELECT $2' LANGUAGE sql", "there is no parameter $2"),
        ("STABLE AS 'SELECT ARRAY_AGG($1)' LANGUAGE sql", "ARRAY_AGG() is not Redshift SQL"),
        ("AS 'SELECT 1' LANGUAGE sql", "requires VOLATILE, STABLE or IMMUTABLE"),
        ("STABLE AS 'return 1' LANGUAGE plpythonu", "CREATE FUNCTION in plpythonu is not emulated"),
        ("STABLE AS 'BEGIN RETURN 1; END' LANGUAGE plpgsql", "CREATE FUNCTION in plpgsql is not Redshift SQL"),
    ],
)
def test_refused(run: Run, rest: str, text: str) -> None:
    with pytest.raises(SqlError) as raised:
        run(f"CREATE FUNCTION fs_no (INT) RETURNS INT {rest}")
    assert text in raised.value.message
