"""COPY of JSON and Parquet."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome
from tests.local_cloud.redshift.conftest import Objects

Run = Callable[..., Outcome]
FROM = "FROM 's3://b/in/' IAM_ROLE default"
BOOKS = (
    b'{"id": 1, "title": "One", "other": "ignored"}\n{"title": "Two", "id": 2, "extra": {"a": 1, "b": [1.50, true]}}'
)


@pytest.fixture(autouse=True)
def table(run: Run, s3: Objects) -> Iterator[None]:
    run("CREATE TABLE t (id INT, title VARCHAR(50), extra VARCHAR(50) DEFAULT 'dflt')")
    yield
    s3.clear()
    run("DROP TABLE t")


JSON: dict[str, tuple[str, str, bytes, list[tuple[object, ...]]]] = {
    "fields by name, an object as its JSON": (
        "t",
        "JSON 'auto'",
        BOOKS,
        [(1, "One", None), (2, "Two", '{"a": 1,"b": [1.50,true]}')],
    ),
    "auto is the default": ("t", "FORMAT AS JSON", b'{"id": 1}', [(1, None, None)]),
    "a column that is left out has its default": (
        "t (id)",
        "JSON AS 'auto'",
        BOOKS,
        [(1, None, "dflt"), (2, None, "dflt")],
    ),
    "names are case-sensitive": ("t", "JSON 'auto'", b'{"ID": 1, "title": "One"}', [(None, "One", None)]),
    "names in any case": ("t", "JSON 'auto ignorecase'", b'{"ID": 1, "Title": "One"}', [(1, "One", None)]),
    "over several lines, without white space between": (
        "t",
        "JSON 'auto'",
        b'{\n "id":\n 1}{"id": 2}\n\n',
        [(1, None, None), (2, None, None)],
    ),
    "escapes": (
        "t (title)",
        "JSON 'auto'",
        rb'{"title": "back\\slash\ttab\nline\u00e4"}',
        [(None, "back\\slash\ttab\nlineä", "dflt")],
    ),
    "GZIP and MAXERROR": (
        "t",
        "JSON 'auto' MAXERROR 9",
        b'{"id": 1},{"id": 2}\n{"id": }\n{"id": 3}',
        [(1, None, None), (2, None, None), (3, None, None)],
    ),
    "an empty file": ("t", "JSON 'auto'", b"", []),
}


@pytest.mark.parametrize(("target", "options", "data", "rows"), JSON.values(), ids=JSON)
def test_json(run: Run, s3: Objects, target: str, options: str, data: bytes, rows: list[tuple[object, ...]]) -> None:
    s3["in/a"] = data
    copied = run(f"COPY {target} {FROM} {options}")
    assert run("SELECT id, title, extra FROM t ORDER BY id").rows == [*rows]
    assert copied.affected == len(rows)


@pytest.mark.parametrize(
    ("paths", "data", "row"),
    [
        (["$[0]", "$[1]", "$[2]"], b'[1, "One", "x"]', (1, "One", "x")),
        (["$['k']", "$['a']['b']", "$['c'][0]"], b'{"k": 7, "a": {"b": "Deep"}, "c": ["here"]}', (7, "Deep", "here")),
        (["$.k", "$.a.b", "$.c"], b'{"k": 7, "a": {"b": "Deep"}, "c": ["x", "y"]}', (7, "Deep", '["x","y"]')),
        (["$.k", "$.a.b", "$.c[1]"], b'{"k": 7}', (7, None, None)),
    ],
)
def test_jsonpaths(run: Run, s3: Objects, paths: list[str], data: bytes, row: tuple[object, ...]) -> None:
    s3.update({"in/a": data, "paths": json.dumps({"jsonpaths": paths}).encode()})
    run(f"COPY t {FROM} JSON 's3://b/paths'")
    assert run("SELECT * FROM t").rows == [row]


def test_a_file_without_jsonpaths_means_auto(run: Run, s3: Objects) -> None:
    s3.update({"in/a": BOOKS, "paths": b'{"other": ["$.id"]}'})
    assert run(f"COPY t {FROM} JSON 's3://b/paths'").affected == 2


@pytest.mark.parametrize(
    ("paths", "text"),
    [
        (["$.a"], "JSONPath size: 1, Number of columns in table or column list: 3"),
        (["$.a", "$['b']", "$.c"], "Invalid JSONPath format"),
        (["$.a", "$.b", "$.*"], "Invalid JSONPath format"),
        (["$.a", "$.b", "$.c[*]"], "Invalid JSONPath format"),
    ],
)
def test_jsonpaths_that_are_refused(run: Run, s3: Objects, paths: list[str], text: str) -> None:
    s3.update({"in/a": BOOKS, "paths": json.dumps({"jsonpaths": paths}).encode()})
    with pytest.raises(SqlError, match=text):
        run(f"COPY t {FROM} JSON 's3://b/paths'")


def test_the_load_error_of_an_object(run: Run, s3: Objects) -> None:
    s3["in/a"] = b'{"id": 1}\n{"id": "x"}\n'
    with pytest.raises(SqlError, match="Load into table 't' failed"):
        run(f"COPY t {FROM} JSON 'auto'")
    found = run(
        "SELECT line_number, TRIM(column_name), error_code FROM sys_load_error_detail ORDER BY query_id DESC LIMIT 1"
    )
    assert found.rows == [(2, "id", 1207)]


def test_a_large_object_spans_many_pieces(run: Run, s3: Objects) -> None:
    s3["in/a"] = json.dumps({"other": "x" * 1_000_000, "id": 5}, indent=1).encode() * 2
    assert run(f"COPY t {FROM} JSON 'auto'").affected == 2


def _parquet(**columns: pa.Array) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def test_parquet_of_every_type(run: Run, s3: Objects) -> None:
    run(
        "CREATE TABLE kinds (b BOOLEAN, s SMALLINT, i INT, l BIGINT, f REAL, d FLOAT, n DECIMAL(8,2), v VARCHAR(9),"
        " c CHAR(2), day DATE, ts TIMESTAMP)"
    )
    s3["in/a"] = _parquet(
        b=pa.array([True, None]),
        s=pa.array([1, None], pa.int16()),
        i=pa.array([2, None], pa.int32()),
        l=pa.array([3, None], pa.int64()),
        f=pa.array([0.5, None], pa.float32()),
        d=pa.array([0.25, None]),
        n=pa.array([Decimal("1.50"), None], pa.decimal128(8, 2)),
        v=pa.array(["ä\t\\", None]),
        c=pa.array(["xy", None]),
        day=pa.array([date(2015, 1, 25), None]),
        ts=pa.array([datetime(2015, 1, 25, 0, 13, 6, 500), None], pa.timestamp("us")),  # noqa: DTZ001
    )
    assert run(f"COPY kinds {FROM} FORMAT AS PARQUET").affected == 2
    rows = run("SELECT * FROM kinds ORDER BY i").rows
    run("DROP TABLE kinds")
    assert rows == [
        (True, 1, 2, 3, 0.5, 0.25, "1.50", "ä\t\\", "xy", "2015-01-25", "2015-01-25 00:13:06.0005"),
        (None,) * 11,
    ]


def test_parquet_matches_by_position(run: Run, s3: Objects) -> None:
    s3["in/a"] = _parquet(x=pa.array(["One"]), y=pa.array([1], pa.int32()))
    run(f"COPY t (title, id) {FROM} PARQUET")
    assert run("SELECT id, title FROM t").rows == [(1, "One")]


def test_parquet_with_missing_columns(run: Run, s3: Objects) -> None:
    s3["in/a"] = _parquet(id=pa.array([1], pa.int32()))
    with pytest.raises(SqlError, match=r"Unmatched number of columns .* Table columns: 3, Data columns: 1"):
        run(f"COPY t {FROM} PARQUET")
    run(f"COPY t {FROM} PARQUET FILLRECORD")
    assert run("SELECT * FROM t").rows == [(1, None, None)]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pa.array(["a"]), "incompatible Parquet schema for column 'id'. Column type: INT4, Parquet schema: string id"),
        (pa.array([1], pa.int64()), "COPY of Parquet's int64 into a column of type int4 is not emulated"),
    ],
)
def test_parquet_of_another_type(run: Run, s3: Objects, values: pa.Array, text: str) -> None:
    s3["in/a"] = _parquet(id=values)
    with pytest.raises(SqlError, match=text):
        run(f"COPY t (id) {FROM} PARQUET")


def test_not_parquet(run: Run, s3: Objects) -> None:
    s3["in/a"] = b"1|a\n"
    with pytest.raises(SqlError, match="is not a Parquet file"):
        run(f"COPY t {FROM} PARQUET")


@pytest.mark.parametrize(
    ("meta", "text"),
    [
        ({}, "File entry does not have 'meta' key."),
        ({"meta": {}}, "COPY of Parquet by a manifest without content_length is not emulated"),
        ({"meta": {"content_length": 1_000_000}}, "416 Message: InvalidRange The requested range is not satisfiable"),
        ({"meta": {"content_length": 1}}, "content_length is too small is not emulated"),
    ],
)
def test_parquet_needs_its_size_in_a_manifest(run: Run, s3: Objects, meta: dict[str, Any], text: str) -> None:
    s3["in/a"] = _parquet(id=pa.array([1], pa.int32()), title=pa.array(["One"]))
    run("DROP TABLE IF EXISTS sized")
    run("CREATE TABLE sized (id INT, title VARCHAR(10))")

    def copy(**entry: Any) -> int | None:
        s3["m"] = json.dumps({"entries": [{"url": "s3://b/in/a", "mandatory": True, **entry}]}).encode()
        return run("COPY sized FROM 's3://b/m' IAM_ROLE default MANIFEST FORMAT AS PARQUET").affected

    with pytest.raises(SqlError, match=text):
        copy(**meta)
    assert copy(meta={"content_length": len(s3["in/a"])}) == 1
