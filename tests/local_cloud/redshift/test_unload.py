"""UNLOAD: what the files in S3 hold, and what is refused."""

import bz2
import gzip
import io
import json
from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome
from local_cloud.redshift.warehouse import Warehouse
from tests.local_cloud.redshift.conftest import Objects

Run = Callable[..., Outcome]
TO = "TO 's3://b/out/x_' IAM_ROLE default"
ALL = "SELECT id, name, price FROM unl ORDER BY id"


@pytest.fixture(autouse=True)
def table(run: Run, s3: Objects) -> Iterator[None]:
    run("CREATE TABLE unl (id INT, name VARCHAR(20), ok BOOLEAN, price DECIMAL(8,2), day DATE)")
    run("INSERT INTO unl VALUES (1, 'Elm, Park', TRUE, 1.5, '2015-01-25'), (2, NULL, FALSE, NULL, NULL)")
    yield
    s3.clear()
    run("DROP TABLE unl")


TEXT: dict[str, tuple[str, str, str]] = {
    "pipes": (ALL, "", "1|Elm, Park|1.50\n2||\n"),
    "booleans": ("SELECT ok FROM unl ORDER BY id", "", "t\nf\n"),
    "ADDQUOTES": ("SELECT id, name FROM unl WHERE id = 1", "DELIMITER AS ',' ADDQUOTES", '"1","Elm, Park"\n'),
    "a quote in the query": ("SELECT id FROM unl WHERE name = ''Elm, Park''", "", "1\n"),
    "CSV with HEADER": ("SELECT id, name FROM unl ORDER BY id", "CSV HEADER", 'id,name\n1,"Elm, Park"\n2,\n'),
    "CSV DELIMITER": ("SELECT name, id FROM unl WHERE id = 1", "FORMAT AS CSV DELIMITER AS '|'", "Elm, Park|1\n"),
    "NULL AS": ("SELECT id, name FROM unl ORDER BY id", "NULL AS 'nil'", "1|Elm, Park\n2|nil\n"),
    "ESCAPE": ("SELECT ''a|b'' || CHR(92) AS x FROM unl WHERE id = 1", "ESCAPE", "a\\|b\\\\\n"),
    "FIXEDWIDTH": ("SELECT id, name FROM unl ORDER BY id", "FIXEDWIDTH 'a:3,b:10'", "1  Elm, Park \n2            \n"),
    "JSON": (
        "SELECT id, name, price, ok FROM unl ORDER BY id", "JSON",
        '{"id":1,"name":"Elm, Park","price":1.50,"ok":"t"}\n{"id":2,"name":null,"price":null,"ok":"f"}\n',
    ),
    "no rows": ("SELECT id FROM unl WHERE id = 9", "HEADER", "id\n"),
}  # fmt: skip


@pytest.mark.parametrize(("query", "options", "written"), TEXT.values(), ids=TEXT)
def test_text(run: Run, s3: Objects, query: str, options: str, written: str) -> None:
    result = run(f"UNLOAD ('{query}') {TO} PARALLEL OFF {options}")
    assert {key: body.decode() for key, body in s3.items()} == {"out/x_000": written}
    assert not result.has_result


@pytest.mark.parametrize(
    ("option", "suffix", "read"),
    [("GZIP", "gz", gzip.decompress), ("BZIP2", "bz2", bz2.decompress), ("ZSTD", "zst", pa.input_stream)],
)
def test_compression(run: Run, s3: Objects, option: str, suffix: str, read: Callable[[bytes], bytes]) -> None:
    run(f"UNLOAD ('{ALL}') {TO} PARALLEL OFF {option}")
    body = s3[f"out/x_000.{suffix}"]
    text = pa.input_stream(io.BytesIO(body), compression="zstd").read() if suffix == "zst" else read(body)
    assert text == b"1|Elm, Park|1.50\n2||\n"


def test_what_is_unloaded_can_be_loaded_from_its_manifest(run: Run, s3: Objects) -> None:
    run(f"UNLOAD ('SELECT * FROM unl') {TO} MANIFEST ESCAPE NULL AS '@'")
    assert sorted(s3) == ["out/x_0000_part_00", "out/x_0001_part_00", "out/x_manifest"]
    assert json.loads(s3["out/x_manifest"]) == {
        "entries": [{"url": "s3://b/out/x_0000_part_00"}, {"url": "s3://b/out/x_0001_part_00"}]
    }
    before = run("SELECT * FROM unl ORDER BY id").rows
    run("DELETE FROM unl")
    run("COPY unl FROM 's3://b/out/x_manifest' IAM_ROLE default MANIFEST ESCAPE NULL AS '@'")
    assert run("SELECT * FROM unl ORDER BY id").rows == before


def test_parquet(run: Run, s3: Objects) -> None:
    run(f"UNLOAD ('SELECT * FROM unl ORDER BY id') {TO} FORMAT AS PARQUET PARALLEL OFF")
    table = pq.read_table(io.BytesIO(s3["out/x_000.parquet"]))
    assert [str(field.type) for field in table.schema] == ["int32", "string", "bool", "decimal128(8, 2)", "date32[day]"]
    before = run("SELECT * FROM unl ORDER BY id").rows
    run("DELETE FROM unl")
    run("COPY unl FROM 's3://b/out/x_' IAM_ROLE default PARQUET")
    assert run("SELECT * FROM unl ORDER BY id").rows == before


def test_partitions(run: Run, s3: Objects) -> None:
    run("UNLOAD ('SELECT id, name, day FROM unl') TO 's3://b/parts' IAM_ROLE default PARALLEL OFF PARTITION BY (day)")
    assert {key: body.decode() for key, body in s3.items()} == {
        "parts/day=2015-01-25/000": "1|Elm, Park\n",
        "parts/day=__HIVE_DEFAULT_PARTITION__/000": "2|\n",
    }
    s3.clear()
    run("UNLOAD ('SELECT id, ok FROM unl') TO 's3://b/p/' IAM_ROLE default PARALLEL OFF PARTITION BY (ok) INCLUDE")
    assert s3 == {"p/ok=t/000": b"1|t\n", "p/ok=f/000": b"2|f\n"}


def test_maxfilesize_splits(run: Run, s3: Objects) -> None:
    run("CREATE TABLE wide (v VARCHAR(60000))")
    run("INSERT INTO wide SELECT REPEAT('x', 60000) FROM unl a, unl b, unl c, unl d, unl e, unl f, unl g")
    run(f"UNLOAD ('SELECT v FROM wide') {TO} PARALLEL OFF MAXFILESIZE 5 MB")
    run("DROP TABLE wide")
    assert {key: len(body) for key, body in s3.items()} == {"out/x_000": 87 * 60001, "out/x_001": 41 * 60001}


def test_existing_files(run: Run, s3: Objects) -> None:
    s3["out/x_000"] = b"old"
    s3["out/x_other"] = b"old"
    with pytest.raises(SqlError, match="Specified unload destination on S3 is not empty"):
        run(f"UNLOAD ('{ALL}') {TO} PARALLEL OFF")
    run(f"UNLOAD ('{ALL}') {TO} PARALLEL OFF ALLOWOVERWRITE")
    assert s3["out/x_000"] != b"old"
    run(f"UNLOAD ('{ALL}') {TO} PARALLEL OFF CLEANPATH")
    assert list(s3) == ["out/x_000"]


def test_the_role_and_region_reach_s3(run: Run, s3: Objects) -> None:
    run(f"UNLOAD ('{ALL}') TO 's3://b/r' CREDENTIALS 'aws_iam_role=arn:aws:iam::1:role/out' REGION 'eu-west-1'")
    assert s3.roles[-1] == ("arn:aws:iam::1:role/out", "eu-west-1")
    with pytest.raises(SqlError, match="Access Denied"):
        run(f"UNLOAD ('{ALL}') TO 's3://read-only/other' IAM_ROLE default")


def test_a_procedure_unloads_rows_of_its_transaction(run: Run, s3: Objects) -> None:
    run(
        "CREATE OR REPLACE PROCEDURE unloads() AS $$ BEGIN INSERT INTO unl (id) VALUES (3);"
        f" UNLOAD ('SELECT COUNT(*) FROM unl') {TO} PARALLEL OFF; END; $$ LANGUAGE plpgsql"
    )
    run("CALL unloads()")
    assert s3["out/x_000"] == b"3\n"


def test_the_rights_of_the_user_count(warehouse: Warehouse) -> None:
    warehouse.create_user("unloader")
    session = warehouse.session("dev", "unloader")
    with pytest.raises(SqlError, match="permission denied for relation unl"):
        session.execute(f"UNLOAD ('{ALL}') {TO}")
    session.close()


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        (f"UNLOAD ('SELECT id FROM unl LIMIT 1') {TO}", "Limit clause"),
        (f"UNLOAD ('DELETE FROM unl') {TO}", "requires a SELECT"),
        ("UNLOAD ('SELECT 1') TO 's3://b/x'", "requires IAM_ROLE"),
        (f"UNLOAD ('SELECT 1 AS a') {TO} CSV ADDQUOTES", "CSV is not compatible with ADDQUOTES"),
        (f"UNLOAD ('SELECT 1 AS a') {TO} CSV FIXEDWIDTH 'a:1'", "not compatible"),
        (f"UNLOAD ('SELECT 1 AS a') {TO} FIXEDWIDTH 'a:1' HEADER", "not compatible"),
        (f"UNLOAD ('SELECT 1 AS a') {TO} JSON HEADER", "not compatible"),
        (f"UNLOAD ('SELECT 1 AS a') {TO} PARQUET GZIP", "not compatible"),
        (f"UNLOAD ('SELECT 1 AS a') {TO} CLEANPATH ALLOWOVERWRITE", "not compatible"),
        (f"UNLOAD ('SELECT 1 AS a') {TO} MAXFILESIZE 1 MB", "between 5 MB and 6.2 GB"),
        (f"UNLOAD ('SELECT 1 AS a') {TO} PARTITION BY (a)", "not a partition column"),
        (f"UNLOAD ('SELECT 1 AS a') {TO} PARTITION BY (b)", 'column "b" of PARTITION BY is not in the query'),
        (f"UNLOAD ('SELECT id, id FROM unl') {TO} JSON", "same name"),
        (f"UNLOAD ('SELECT ''abc'' AS a') {TO} FIXEDWIDTH 'a:1'", "exceeds its FIXEDWIDTH"),
        (f"UNLOAD ('SELECT 1 AS a') {TO} ENCRYPTED", "UNLOAD option ENCRYPTED is not emulated"),
        (f"UNLOAD ('SELECT 1 AS a') {TO} MANIFEST VERBOSE", "MANIFEST VERBOSE is not emulated"),
    ],
)
def test_refused(run: Run, statement: str, text: str) -> None:
    with pytest.raises(SqlError, match=text):
        run(statement)
