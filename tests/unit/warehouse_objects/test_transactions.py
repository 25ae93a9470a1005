"""Which files share a transaction: those that cannot are refused by name, unless they have the directive."""

import pytest

from relay.errors import InputError
from warehouse_objects.transactions import DIRECTIVE, is_nontransactional

OUTSIDE = {
    "VACUUM": "VACUUM",
    "vacuum full public.trips": "VACUUM",
    "VACUUM;": "VACUUM",
    "-- why\n/* and\n how */ VACUUM trips": "VACUUM",
    "CREATE DATABASE more": "CREATE DATABASE",
    "DROP DATABASE more": "DROP DATABASE",
    "CREATE LIBRARY f LANGUAGE plpythonu FROM 's3://b/f.zip'": "CREATE LIBRARY",
    "CREATE OR REPLACE LIBRARY f LANGUAGE plpythonu FROM 's3://b/f.zip'": "CREATE OR REPLACE LIBRARY",
    "DROP LIBRARY f": "DROP LIBRARY",
    "create external table lake.trips (n int) stored as parquet location 's3://b/'": "CREATE EXTERNAL TABLE",
    "DROP EXTERNAL TABLE lake.trips": "DROP EXTERNAL TABLE",
    "ALTER TABLE trips APPEND FROM staging": "ALTER TABLE APPEND",
    "ALTER TABLE dev.public.trips APPEND FROM staging FILLTARGET": "ALTER TABLE APPEND",
    "ALTER TABLE trips ALTER COLUMN name TYPE VARCHAR(300)": "ALTER TABLE ALTER COLUMN TYPE",
    "ALTER TABLE trips ALTER COLUMN type TYPE VARCHAR(300)": "ALTER TABLE ALTER COLUMN TYPE",
    "ALTER TABLE trips ALTER name TYPE VARCHAR(300)": "ALTER TABLE ALTER COLUMN TYPE",
    'ALTER TABLE "public"."the ""trips"" -- of all"\nALTER COLUMN /* wider */ "a name" type varchar(300)': (
        "ALTER TABLE ALTER COLUMN TYPE"
    ),
}
ENDS = [
    "TRUNCATE trips",
    "truncate table public.trips",
    "-- all\nTRUNCATE trips;",
]
CONTROL = ["BEGIN", "begin;", "START TRANSACTION", "COMMIT", "END", "ROLLBACK", "ABORT", "BEGIN; SELECT 1; COMMIT"]
INSIDE = [
    "CREATE TABLE vacuum (n INT)",
    "CREATE TABLE t AS SELECT 'VACUUM' AS what",
    "-- VACUUM is for another day\nSELECT 1",
    "/* TRUNCATE would commit */ DELETE FROM trips",
    "CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE 'lake'",
    "ALTER TABLE trips ADD COLUMN type VARCHAR(3)",
    "ALTER TABLE trips ADD COLUMN append INT",
    "ALTER TABLE append RENAME TO trips",
    "ALTER TABLE trips ALTER COLUMN name ENCODE ZSTD",
    "ALTER TABLE trips ALTER DISTKEY name",
    "ALTER TABLE trips ALTER DISTKEY type",
    "ALTER TABLE trips ALTER COLUMN type ENCODE ZSTD",
    'ALTER TABLE "x ALTER COLUMN y TYPE" OWNER TO bob',
    "CREATE OR REPLACE PROCEDURE p() AS $$ BEGIN TRUNCATE trips; COMMIT; END; $$ LANGUAGE plpgsql",
    "DROP TABLE trips",
    "-- a transaction: what it is\nSELECT 1",
    "-- Transaction: fills trips\nSELECT 1",
    "-- transaction:\nSELECT 1",
    "",
]


@pytest.mark.parametrize(("sql", "what"), OUTSIDE.items(), ids=OUTSIDE.values())
def test_what_no_transaction_takes_is_refused_by_name(sql: str, what: str) -> None:
    with pytest.raises(InputError) as refused:
        is_nontransactional("V1__x.sql", sql)
    assert str(refused.value) == (
        f"V1__x.sql: {what} cannot run inside a transaction block. Add '-- transaction: none' as its first line to run"
        " it by itself, outside the transaction of the other files."
    )
    assert is_nontransactional("V1__x.sql", f"{DIRECTIVE}\n{sql}")


@pytest.mark.parametrize("sql", ENDS)
def test_what_ends_the_transaction_is_refused_by_name(sql: str) -> None:
    """It would commit the files before it without their history, and the next apply would trip over them."""
    with pytest.raises(InputError, match=r"^V1__x\.sql: [A-Z]+ ends the transaction .* Add '-- transaction: none' as"):
        is_nontransactional("V1__x.sql", sql)
    assert is_nontransactional("V1__x.sql", f"{DIRECTIVE}\n{sql}")


@pytest.mark.parametrize("directive", ["", f"{DIRECTIVE}\n"])
@pytest.mark.parametrize("sql", CONTROL)
def test_an_apply_is_a_transaction(sql: str, directive: str) -> None:
    with pytest.raises(
        InputError, match=r"^V1__x\.sql: [A-Z]+ is not supported, because an apply runs .* Remove it\.$"
    ):
        is_nontransactional("V1__x.sql", f"{directive}{sql}")


@pytest.mark.parametrize("sql", INSIDE)
def test_everything_else_shares_the_transaction(sql: str) -> None:
    assert not is_nontransactional("V1__x.sql", sql)


@pytest.mark.parametrize("line", [DIRECTIVE, f"{DIRECTIVE}  ", f"{DIRECTIVE}\r", f"\n\n{DIRECTIVE}"])
def test_one_spelling(line: str) -> None:
    assert is_nontransactional("V1__x.sql", f"{line}\nVACUUM")


@pytest.mark.parametrize(
    "line",
    [
        "-- transaction: off",
        "-- transaction: none, since VACUUM wants it",
        "--transaction: none",
        "-- Transaction: none",
        "-- transaction : none",
        "/* transaction: none */",
        "/* Transaction: off*/",
        "---- transaction:none",
    ],
)
@pytest.mark.parametrize("sql", ["VACUUM", "SELECT 1"])
def test_any_other_spelling_is_refused_by_name(line: str, sql: str) -> None:
    with pytest.raises(InputError) as refused:
        is_nontransactional("V1__x.sql", f"{line}\n{sql}")
    assert str(refused.value).startswith(f"V1__x.sql: {line!r} is not supported. Write '-- transaction: none'")
