"""A load that fails says only which table; sys_load_error_detail has the rest, and keeps it after the rollback."""

from collections.abc import Callable, Iterator

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome
from local_cloud.redshift.warehouse import Warehouse
from tests.local_cloud.redshift.conftest import Objects

Run = Callable[..., Outcome]
SHORT = "ERROR: Load into table 'f' failed. Check 'sys_load_error_detail' system table for details."
DETAIL = (
    "SELECT TRIM(file_name), line_number, TRIM(column_name), TRIM(column_type), TRIM(column_length), position,"
    " error_code, TRIM(error_message) FROM sys_load_error_detail ORDER BY query_id DESC LIMIT 1"
)


@pytest.fixture(autouse=True)
def _table(run: Run, s3: Objects) -> Iterator[None]:
    run("CREATE TABLE f (n SMALLINT, s VARCHAR(3) NOT NULL, d DATE, ts TIMESTAMP, p DECIMAL(4,1), b BOOLEAN, x FLOAT4)")
    yield
    s3.clear()
    run("DROP TABLE f")


GOOD = b"1|a|2015-01-01|2015-01-01 00:00:00|1.5|t|.5\n"
FAILURES: dict[str, tuple[bytes, tuple[object, ...]]] = {
    "decimal in a smallint": (
        b"11.0|a|||||\n",
        (2, "n", "int2", "", 2, 1207, "Invalid digit, Value '.', Pos 2, Type: Short"),
    ),
    "letter in a smallint": (
        b"x|a|||||\n",
        (2, "n", "int2", "", 0, 1207, "Invalid digit, Value 'x', Pos 0, Type: Short"),
    ),
    "too large": (
        b"40000|a|||||\n",
        (2, "n", "int2", "", 0, 1204, "Overflow, (Value '40000', Short valid range is -32768 to 32767)"),
    ),
    "too long, counted in bytes": (
        "1|ää|||||\n".encode(),
        (2, "s", "varchar", "3", 0, 1204, "String length exceeds DDL length"),
    ),
    "null in a not null column": (
        b"1|\\N|||||\n",
        (2, "s", "varchar", "3", 0, 1213, "Missing data for not-null field"),
    ),
    "no date": (b"1|a|2015-02-30||||\n", (2, "d", "date", "", 0, 1205, "Invalid Date Format - value [YYYY-MM-DD]")),
    "short date": (b"1|a|2015||||\n", (2, "d", "date", "", 0, 1205, "Invalid Date Format - length must be 10 or more")),
    "no time": (
        b"1|a||2015-01-01 25:00:00|||\n",
        (2, "ts", "timestamp", "", 0, 1206, "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]"),
    ),
    "decimal overflow": (b"1|a|||1234.5||\n", (2, "p", "numeric", "", 0, 1207, "Overflow for NUMERIC(4,1)")),
    "no boolean": (b"1|a||||maybe|\n", (2, "b", "bool", "", 0, 1210, "Unknown boolean format")),
    "no float": (b"1|a|||||1,5\n", (2, "x", "float4", "", 1, 1207, "Invalid digit, Value ',', Pos 1, Type: Float")),
    "too many columns": (b"1|a||||||9\n", (2, "", "", "", 0, 1202, "Extra column(s) found")),
    "too few columns": (b"1|a\n", (2, "s", "varchar", "3", 0, 1214, "Delimiter not found")),
    "bad utf-8": (
        b"1|a\xff|||||\n",
        (
            2, "s", "varchar", "3", 1, 1220,
            "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: ff (error 2)",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("line", "detail"), FAILURES.values(), ids=FAILURES)
def test_detail(run: Run, s3: Objects, line: bytes, detail: tuple[object, ...]) -> None:
    run("INSERT INTO f (n, s) VALUES (7, 'old')")
    s3["in/bad.psv"] = GOOD + line + GOOD
    with pytest.raises(SqlError) as failed:
        run("COPY f FROM 's3://b/in/' IAM_ROLE default")
    assert failed.value.message == SHORT
    assert run(DETAIL).rows == [("s3://b/in/bad.psv", *detail)]
    assert run("SELECT n, s FROM f").rows == [(7, "old")]


def test_the_line_is_that_of_its_file(run: Run, s3: Objects) -> None:
    s3.update({"in/1": GOOD * 5, "in/2": b"header\n" + GOOD + b"x|a|||||\n"})
    with pytest.raises(SqlError):
        run("COPY f FROM 's3://b/in/2' IAM_ROLE default IGNOREHEADER 1")
    assert run(DETAIL).rows[0][:2] == ("s3://b/in/2", 3)


def test_csv_counts_lines_of_the_file_not_records(run: Run, s3: Objects) -> None:
    run("CREATE TABLE g (n INT, s VARCHAR(9))")
    s3["in/1"] = b'1,"a\nb"\nx,c\n'
    with pytest.raises(SqlError):
        run("COPY g FROM 's3://b/in/1' IAM_ROLE default CSV")
    assert run(DETAIL).rows[0][1] == 3
    run("DROP TABLE g")


def test_broken_csv_quotes(run: Run, s3: Objects) -> None:
    s3["in/1"] = b'1,"a\n'
    with pytest.raises(SqlError):
        run("COPY f FROM 's3://b/in/1' IAM_ROLE default CSV")
    assert run(DETAIL).rows[0][-1] == "Invalid quote formatting for CSV"


def test_maxerror_fails_when_reached_and_reports_each(run: Run, s3: Objects) -> None:
    before = len(run("SELECT * FROM sys_load_error_detail").rows)
    s3["in/1"] = b"x|a|||||\n" + GOOD + b"y|a|||||\n"
    with pytest.raises(SqlError):
        run("COPY f FROM 's3://b/in/1' IAM_ROLE default MAXERROR 2")
    assert len(run("SELECT * FROM sys_load_error_detail").rows) == before + 2


def test_raw_line_and_value_in_stl_load_errors(run: Run, s3: Objects) -> None:
    s3["in/1"] = b"x|a|||||\n"
    with pytest.raises(SqlError):
        run("COPY f FROM 's3://b/in/1' IAM_ROLE default")
    raw = run("SELECT TRIM(raw_line), TRIM(raw_field_value) FROM stl_load_errors ORDER BY query DESC LIMIT 1")
    assert raw.rows == [("x|a|||||", "x")]


def test_users_see_only_their_own_errors(run: Run, s3: Objects, warehouse: Warehouse) -> None:
    for name in ("ann", "ben"):
        warehouse.create_user(name)
    run("GRANT INSERT ON f TO ann")
    s3["in/1"] = b"x|a|||||\n"
    ann, ben = warehouse.session("dev", "ann"), warehouse.session("dev", "ben")
    with pytest.raises(SqlError, match="sys_load_error_detail"):
        ann.execute("COPY f FROM 's3://b/in/1' IAM_ROLE default")
    count = "SELECT COUNT(*) FROM sys_load_error_detail"
    assert ann.execute(count).rows == [(1,)]
    assert ben.execute(count).rows == [(0,)]
    assert ann.execute("SELECT user_id = current_user_id FROM sys_load_error_detail").rows == [(True,)]
    with pytest.raises(SqlError) as denied:
        ben.execute("COPY f FROM 's3://b/in/1' IAM_ROLE default")
    assert denied.value.message == "ERROR: permission denied for relation f"


def test_an_error_inside_a_procedure_survives_its_rollback(run: Run, s3: Objects) -> None:
    run(
        "CREATE OR REPLACE PROCEDURE load_f() AS $$ BEGIN DELETE FROM f;"
        " COPY f FROM 's3://b/in/1' IAM_ROLE default; END; $$ LANGUAGE plpgsql"
    )
    run("INSERT INTO f (n, s) VALUES (7, 'old')")
    s3["in/1"] = GOOD + b"y|a|||||\n"
    with pytest.raises(SqlError) as failed:
        run("CALL load_f()")
    assert failed.value.message == SHORT
    assert run(DETAIL).rows[0][1:3] == (2, "n")
    assert run("SELECT n FROM f").rows == [(7,)]
