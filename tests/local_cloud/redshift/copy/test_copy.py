"""COPY, option by option: what a file's text becomes in the table."""

import bz2
import gzip
import json
from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome
from local_cloud.redshift.session import Session
from tests.local_cloud.redshift.conftest import Objects

Run = Callable[..., Outcome]
FROM = "FROM 's3://b/in/' IAM_ROLE default"


@pytest.fixture
def table(run: Run, s3: Objects) -> Iterator[None]:
    run("CREATE TABLE t (n SMALLINT, s VARCHAR(5), d DATE, x FLOAT4, p DECIMAL(8,2), b BOOLEAN, ts TIMESTAMP)")
    yield
    s3.clear()
    s3.stuck.clear()
    run("DROP TABLE t")


@pytest.fixture
def pair(run: Run, s3: Objects) -> Iterator[None]:
    run("CREATE TABLE t (n INTEGER, s VARCHAR(5))")
    yield
    s3.clear()
    run("DROP TABLE t")


CASES: dict[str, tuple[str, bytes, list[tuple[object, ...]]]] = {
    "pipe is the default": ("", b"1|a\n2|b\n", [(1, "a"), (2, "b")]),
    "delimiter": ("DELIMITER ','", b"1,a\n", [(1, "a")]),
    "tab": ("DELIMITER '\\t'", b"1\ta\n", [(1, "a")]),
    "octal delimiter": ("DELIMITER AS '\\174'", b"1|a\n", [(1, "a")]),
    "no newline at the end": ("", b"1|a\n2|b", [(1, "a"), (2, "b")]),
    "crlf": ("", b"1|a\r\n2|b\r\n", [(1, "a"), (2, "b")]),
    "delimiter at the end of a line": ("", b"1|a|\n", [(1, "a")]),
    "header": ("IGNOREHEADER 1", b"n|s\n1|a\n", [(1, "a")]),
    "header of three lines": ("IGNOREHEADER AS 3", b"x\ny\nz\n1|a\n", [(1, "a")]),
    "empty number is null, empty text is empty": ("", b"|\n", [(None, "")]),
    "EMPTYASNULL": ("EMPTYASNULL", b"1|\n2| \n", [(1, None), (2, " ")]),
    "BLANKSASNULL": ("BLANKSASNULL", b"1|  \n", [(1, None)]),
    "TRIMBLANKS": ("TRIMBLANKS", b"1|a  \n", [(1, "a")]),
    "default null": ("", b"\\N|\\N\n", [(None, None)]),
    "NULL AS": ("NULL AS 'NA'", b"NA|NA\n1|\\N\n", [(1, "\\N"), (None, None)]),
    "backslash is a letter": ("", b"1|a\\b\n", [(1, "a\\b")]),
    "ESCAPE": ("ESCAPE", b"1|a\\|b\n2|c\\\nd\n3|\\\\\n", [(1, "a|b"), (2, "c\nd"), (3, "\\")]),
    "ESCAPE leaves null": ("ESCAPE", b"1|\\N\n", [(1, None)]),
    "REMOVEQUOTES": ("REMOVEQUOTES", b"\"1\"|'a|b'\n2|it's\n", [(1, "a|b"), (2, "it's")]),
    "FILLRECORD": ("FILLRECORD", b"1\n", [(1, "")]),
    "TRUNCATECOLUMNS": ("TRUNCATECOLUMNS", "1|abcdefg\n2|ääää\n".encode(), [(1, "abcde"), (2, "ää")]),
    "ACCEPTINVCHARS": ("ACCEPTINVCHARS", b"1|a\xffb\n", [(1, "a?b")]),
    "ACCEPTINVCHARS AS": ("ACCEPTINVCHARS AS '^'", b"1|a\xff\xfeb\n", [(1, "a^^b")]),
    "MAXERROR": ("MAXERROR 2", b"1|a\nx|b\n3|c\n", [(1, "a"), (3, "c")]),
    "IGNOREBLANKLINES": ("IGNOREBLANKLINES", b"1|a\n\n2|b\n", [(1, "a"), (2, "b")]),
    "no effect": ("COMPUPDATE OFF STATUPDATE ON REGION 'us-east-1'", b"1|a\n", [(1, "a")]),
    "CSV": ("CSV", b'1,"a,b"\n2,"c""d"\n3,\n', [(1, "a,b"), (2, 'c"d'), (3, "")]),
    "CSV with a line break in a field": ("FORMAT AS CSV", b'1,"a\nb"\n', [(1, "a\nb")]),
    "CSV with other marks": ("CSV QUOTE AS '%' DELIMITER ';' IGNOREHEADER 1", b"n;s\n1;%a;b%\n", [(1, "a;b")]),
    "FIXEDWIDTH": ("FIXEDWIDTH 'n:3,s:5'", b"1  a    \n22 b\n", [(1, "a    "), (22, "b")]),
    "IGNOREALLERRORS": ("IGNOREALLERRORS", b"1|a\nx|b\n3|c\n", [(1, "a"), (3, "c")]),
    "COMPROWS": ("COMPUPDATE PRESET COMPROWS 1000", b"1|a\n", [(1, "a")]),
    "ZSTD": ("ZSTD", pa.compress(b"1|a\n2|b\n", "zstd", asbytes=True), [(1, "a"), (2, "b")]),
    "GZIP": ("GZIP", gzip.compress(b"1|a\n"), [(1, "a")]),
    "BZIP2": ("BZIP2", bz2.compress(b"1|a\n"), [(1, "a")]),
    "tab and backslash in a value": ("", b"1|\t\\\t\n", [(1, "\t\\\t")]),
    "utf-8": ("", "1|äß\n".encode(), [(1, "äß")]),
    "an empty file": ("", b"", []),
}


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize(("options", "data", "rows"), CASES.values(), ids=CASES)
def test_options(run: Run, s3: Objects, options: str, data: bytes, rows: list[tuple[object, ...]]) -> None:
    s3["in/a"] = data
    copied = run(f"COPY t {FROM} {options}")
    assert run("SELECT * FROM t ORDER BY 1").rows == rows
    assert copied.affected == len(rows)
    assert not copied.has_result


@pytest.mark.usefixtures("table")
def test_every_type(run: Run, s3: Objects) -> None:
    s3["in/a"] = b"-7|abc|2015-01-25|.46|1.10|t|2015-01-25 00:13:06\n||||||\n"
    run(f"COPY t {FROM} EMPTYASNULL")
    assert run("SELECT * FROM t ORDER BY n").rows == [
        (-7, "abc", "2015-01-25", 0.46, "1.10", True, "2015-01-25 00:13:06"),
        (None,) * 7,
    ]


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("options", "field", "loaded"),
    [
        ("TIMEFORMAT 'auto'", "2015-01-25T00:13:06Z", "2015-01-25 00:13:06"),
        ("TIMEFORMAT 'auto'", "01/25/2015 01:13:06 PM", "2015-01-25 13:13:06"),
        ("TIMEFORMAT 'epochsecs'", "1422144786", "2015-01-25 00:13:06"),
        ("TIMEFORMAT 'epochmillisecs'", "1422144786500", "2015-01-25 00:13:06.5"),
        ("TIMEFORMAT 'DD.MM.YYYY HH24:MI:SS'", "25.01.2015 00:13:06", "2015-01-25 00:13:06"),
        ("", "2015-01-25 00:13:06.25", "2015-01-25 00:13:06.25"),
    ],
)
def test_timeformat(run: Run, s3: Objects, options: str, field: str, loaded: str) -> None:
    s3["in/a"] = f"{field}\n".encode()
    run(f"COPY t (ts) {FROM} {options}")
    assert run("SELECT ts FROM t").rows == [(loaded,)]


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("options", "field", "loaded"),
    [
        ("DATEFORMAT 'auto'", "01/25/2015", "2015-01-25"),
        ("DATEFORMAT AS 'auto'", "20150125", "2015-01-25"),
        ("DATEFORMAT 'MM/DD/YYYY'", "01/25/2015", "2015-01-25"),
        ("", "2015-01-25", "2015-01-25"),
        ("ACCEPTANYDATE", "2015-13-45", None),
    ],
)
def test_dateformat(run: Run, s3: Objects, options: str, field: str, loaded: str | None) -> None:
    s3["in/a"] = f"{field}\n".encode()
    run(f"COPY t (d) {FROM} {options}")
    assert run("SELECT d FROM t").rows == [(loaded,)]


@pytest.mark.usefixtures("pair")
def test_prefix_loads_every_key_and_no_other(run: Run, s3: Objects) -> None:
    s3.update({"in/a": b"1|a\n", "in/b": b"2|b\n", "other": b"9|z\n"})
    assert run(f"COPY t {FROM}").affected == 2
    assert run("SELECT n FROM t ORDER BY n").rows == [(1,), (2,)]


@pytest.mark.usefixtures("pair")
def test_column_list_in_another_order(run: Run, s3: Objects) -> None:
    s3["in/a"] = b"a|1\n"
    run(f"COPY t (s, n) {FROM}")
    assert run("SELECT n, s FROM t").rows == [(1, "a")]


@pytest.mark.usefixtures("pair")
def test_the_role_and_region_reach_s3(run: Run, s3: Objects) -> None:
    s3["in/a"] = b"1|a\n"
    run("COPY t FROM 's3://b/in/' IAM_ROLE 'arn:aws:iam::1:role/copy' REGION AS 'eu-west-1'")
    assert s3.roles[-1] == ("arn:aws:iam::1:role/copy", "eu-west-1")


@pytest.mark.usefixtures("pair")
@pytest.mark.parametrize(
    "authorization",
    [
        "CREDENTIALS 'aws_iam_role=arn:aws:iam::1:role/copy'",
        "WITH CREDENTIALS AS 'aws_iam_role=arn:aws:iam::1:role/copy'",
    ],
)
def test_credentials_name_a_role(run: Run, s3: Objects, authorization: str) -> None:
    s3["in/a"] = b"1|a\n"
    assert run(f"COPY t FROM 's3://b/in/' {authorization}").affected == 1
    assert s3.roles[-1] == ("arn:aws:iam::1:role/copy", None)


@pytest.mark.usefixtures("pair")
def test_noload_checks_and_loads_nothing(run: Run, s3: Objects) -> None:
    s3["in/a"] = b"1|a\n"
    run(f"COPY t {FROM} NOLOAD")
    assert run("SELECT COUNT(*) FROM t").rows == [(0,)]
    s3["in/b"] = b"x|a\n"
    with pytest.raises(SqlError, match="Load into table 't' failed"):
        run(f"COPY t {FROM} NOLOAD")


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("options", "loaded"), [("", "20.25"), ("ROUNDEC", "20.26")])
def test_decimals_are_cut_or_rounded(run: Run, s3: Objects, options: str, loaded: str) -> None:
    s3["in/a"] = b"20.259\n"
    run(f"COPY t (p) {FROM} {options}")
    assert run("SELECT p FROM t").rows == [(loaded,)]


def test_explicit_ids(run: Run, s3: Objects) -> None:
    run("CREATE TABLE ids (id INT IDENTITY(1,1), a INT)")
    s3["in/a"] = b"77|5\n"
    run(f"COPY ids {FROM} EXPLICIT_IDS")
    assert run("SELECT id, a FROM ids").rows == [(77, 5)]
    for refused in (f"COPY ids (id, a) {FROM}", f"COPY ids (a) {FROM} EXPLICIT_IDS"):
        with pytest.raises(SqlError, match="EXPLICIT_IDS"):
            run(refused)
    run("DROP TABLE ids")
    s3.clear()


def _manifest(*entries: dict[str, object]) -> bytes:
    return json.dumps({"entries": entries}).encode()


@pytest.mark.usefixtures("pair")
def test_manifest(run: Run, s3: Objects) -> None:
    s3.update({"x/1": b"1|a\n", "y/2": b"2|b\n", "x/3": b"3|c\n"})
    s3["m"] = _manifest(
        {"url": "s3://b/x/1", "mandatory": True}, {"url": "s3://b/y/2"}, {"url": "s3://b/gone", "mandatory": False}
    )
    assert run("COPY t FROM 's3://b/m' IAM_ROLE default MANIFEST").affected == 2


@pytest.mark.usefixtures("pair")
def test_manifest_with_a_missing_mandatory_file_loads_nothing(run: Run, s3: Objects) -> None:
    s3.update({"x/1": b"1|a\n", "m": _manifest({"url": "s3://b/x/1"}, {"url": "s3://b/gone", "mandatory": True})})
    with pytest.raises(SqlError, match=r"Problem reading manifest file .*NoSuchKey,Key gone"):
        run("COPY t FROM 's3://b/m' IAM_ROLE default MANIFEST")
    assert run("SELECT COUNT(*) FROM t").rows == [(0,)]


@pytest.mark.usefixtures("pair")
def test_broken_manifest(run: Run, s3: Objects) -> None:
    s3["m"] = b"{"
    with pytest.raises(SqlError, match="Problem reading manifest file - invalid JSON"):
        run("COPY t FROM 's3://b/m' IAM_ROLE default MANIFEST")


@pytest.mark.usefixtures("pair")
def test_no_file_under_the_prefix(run: Run) -> None:
    with pytest.raises(SqlError) as failed:
        run("COPY t FROM 's3://b/nothing' IAM_ROLE default")
    assert failed.value.message == "ERROR: The specified S3 prefix 'nothing' does not exist"


@pytest.mark.usefixtures("pair")
def test_an_error_of_s3(run: Run) -> None:
    with pytest.raises(SqlError, match=r"^ERROR: S3ServiceException:Access Denied"):
        run("COPY t FROM 's3://forbidden/in/' IAM_ROLE default")


@pytest.mark.usefixtures("pair")
def test_not_gzip(run: Run, s3: Objects) -> None:
    s3["in/a"] = b"1|a\n"
    with pytest.raises(SqlError, match="could not be read or decompressed"):
        run(f"COPY t {FROM} GZIP")


def test_missing_table_and_column(run: Run, s3: Objects) -> None:
    with pytest.raises(SqlError) as failed:
        run(f"COPY nowhere {FROM}")
    assert failed.value.message == "ERROR: Cannot COPY into nonexistent table nowhere"
    run("CREATE TABLE one (n INT)")
    s3["in/a"] = b"1\n"
    with pytest.raises(SqlError) as failed:
        run(f"COPY one (m) {FROM}")
    assert failed.value.message == 'ERROR: column "m" of relation "one" does not exist'


@pytest.mark.usefixtures("pair")
def test_copy_is_part_of_its_transaction(run: Run, session: Session, s3: Objects) -> None:
    s3["in/a"] = b"1|a\n"
    with pytest.raises(SqlError):
        session.execute_batch([f"COPY t {FROM}", "SELECT * FROM nowhere"], lambda *_: None)
    assert run("SELECT COUNT(*) FROM t").rows == [(0,)]


@pytest.mark.usefixtures("pair")
def test_a_large_file_streams(run: Run, s3: Objects) -> None:
    s3["in/a"] = b"".join(b"%d|x\n" % i for i in range(50_000))
    assert run(f"COPY t {FROM}").affected == 50_000
    assert run("SELECT COUNT(DISTINCT n) FROM t").rows == [(50_000,)]
