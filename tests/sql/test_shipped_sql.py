"""The SQL that is shipped, held to what Redshift does differently: nobody can run it on Redshift here.

Facts, all below https://docs.aws.amazon.com/redshift/latest/dg/ : stored-procedure-constraints.html,
stored-procedure-trapping-errors.html, c_unsupported-postgresql-features.html, r_AVG.html,
materialized-view-refresh-sql-command.html, r_numeric_computations201.html. Each check is shown able to fail at the end.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from local_cloud.redshift.procedures.chunks import Chunk, chunks

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of each Command, which is judged here

SQL = Path(__file__).parents[2] / "sql"
OBJECTS = sorted((SQL / "objects").glob("*.sql"))
QUERIES = sorted((SQL / "queries").glob("*.sql"))
ROLE = "arn:aws-cn:iam::123456789012:role/copy"
VARIABLES = {
    "s3_uri": "s3://bucket/trips/",
    "s3_region": "eu-central-1",
    "copy_role": f"'{ROLE}'",
    "copy_compression": "GZIP",
    "gateway_user": "IAMR:relay-gateway",
}
MAX_BYTES = 100_000
PLAIN = {"LOCK", "COMMIT", "REFRESH", "RAISE", "SELECT", "INSERT", "UPDATE", "DELETE", "COPY", "CALL", "CREATE", "DROP"}
"""Statements of a procedure that are looked into; others are PL/pgSQL's own."""
NAME = r"(?:\w+|\"[^\"]+\")(?:\.(?:\w+|\"[^\"]+\"))?"
OPAQUE = {
    "LOCK": rf"LOCK (TABLE )?{NAME}",
    "REFRESH": rf"REFRESH MATERIALIZED VIEW {NAME}",
    "GRANT": rf"GRANT [A-Z ,]+ ON {NAME}(, {NAME})* TO {NAME}",
}
"""Statements of Redshift that sqlglot takes as they are: word and whole form."""
NOT_REDSHIFT = {
    "ON CONFLICT": r"\bON\s+CONFLICT\b",
    "RETURNING": r"\bRETURNING\b",
    "CREATE INDEX": r"\bCREATE\s+(UNIQUE\s+)?INDEX\b",
    "FOR UPDATE": r"\bFOR\s+(UPDATE|SHARE)\b",
    "LATERAL": r"\bLATERAL\b",
    "SERIAL": r"\b(BIG)?SERIAL\b",
    "arrays or JSONB": r"\bJSONB?\b|\[\s*\]",
    "FILTER (WHERE ...)": r"\bFILTER\s*\(\s*WHERE\b",
    "DISTINCT ON": r"\bDISTINCT\s+ON\b",
    "OR REPLACE of a materialized view": r"\bOR\s+REPLACE\s+MATERIALIZED\b",
    "TRUNCATE, which commits": r"\bTRUNCATE\b",
    "an ARN with its partition": r"\barn:aws\b(?!-cn:iam::123456789012)",
}


def rendered(text: str, **changes: str) -> str:
    """The text as templatefile() leaves it where every condition holds."""
    text = re.sub(r"%\{.*?~\}\n?", "", text)
    return re.sub(r"\$\{(\w+)\}", lambda found: {**VARIABLES, **changes}[found[1]], text)


def problems(name: str, sql: str, integers: Sequence[str] = ()) -> Iterator[str]:
    """What Redshift, or the design, would not have in an object's file."""
    if len(sql.encode()) > MAX_BYTES:
        yield "longer than 100 KB"
    yield from _forbidden(sql)
    try:
        trees = [tree for tree in sqlglot.parse(sql, read="redshift") if tree]
    except (ParseError, TokenError) as error:
        yield f"does not parse: {error}"
        return
    if len(trees) != 1:
        yield f"{len(trees)} statements"
    for tree in trees:
        yield from _unknown(tree, sql)
        yield from _numbers(tree, integers)
        repeatable = tree.name.upper() == "GRANT" or bool(tree.args.get("replace"))
        if repeatable != name.startswith("R__"):
            yield "a V file that replaces" if repeatable else "an R file that can run only once"
        if isinstance(tree, exp.Create) and tree.kind == "PROCEDURE":
            yield from _procedure(tree.expression.name, integers)


def _forbidden(sql: str) -> Iterator[str]:
    code = "".join(token for token in re.split(r"(--[^\n]*|/\*.*?\*/)", sql) if not token.startswith(("--", "/*")))
    for what, pattern in NOT_REDSHIFT.items():
        if re.search(pattern, code, re.IGNORECASE):
            yield what


def _unknown(tree: exp.Expression, text: str) -> Iterator[str]:
    if isinstance(tree, exp.Command):
        code = " ".join(re.sub(r"--[^\n]*", "", text).rstrip("; \n").split())
        if not re.fullmatch(OPAQUE.get(tree.name.upper(), "(?!)"), code):
            yield f"not known: {code}"
    elif not isinstance(tree, (exp.Create, exp.Copy, exp.Query, exp.DML, exp.Drop)):
        yield f"not known: {text}"


def _numbers(tree: exp.Expression, integers: Sequence[str]) -> Iterator[str]:
    """AVG of integers truncates, and SUM of them by 60.0 is a DECIMAL of scale 4."""
    for average in tree.find_all(exp.Avg):
        if isinstance(average.this, exp.Column) and average.this.name in integers:
            yield f"AVG of the integer {average.this.name}"
    for division in tree.find_all(exp.Div):
        if isinstance(division.this, (exp.Sum, exp.Count, exp.Column)) and not division.expression.find(exp.Cast):
            yield "a division whose type Redshift chooses; cast to FLOAT8 first"


def _procedure(body: str, integers: Sequence[str]) -> Iterator[str]:
    statements = [chunk for chunk in chunks(body) if chunk.word in PLAIN | {"ALTER", "VACUUM"}]
    for chunk in statements:
        if chunk.word in {"ALTER", "VACUUM"}:
            yield f"{chunk.word} in a procedure"
        elif chunk.word not in {"RAISE", "COMMIT"}:
            try:
                tree = sqlglot.parse_one(chunk.cut(0), read="redshift")
            except ParseError as error:
                yield f"does not parse: {error}"
                continue
            yield from _unknown(tree, chunk.cut(0))
            yield from _numbers(tree, integers)
    yield from _order(statements)
    yield from _handlers(list(chunks(body)))


def _order(statements: Sequence[Chunk]) -> Iterator[str]:
    """LOCK, load, look, replace, COMMIT, REFRESH."""
    words = [chunk.word for chunk in statements]
    if "COPY" in words:
        staging = _table(statements[words.index("COPY")])
        if words[0] != "LOCK" or _table(statements[0]) != staging:
            yield "does not begin with LOCK of the table that COPY fills"
        copied = words.index("COPY")
        for at, chunk in enumerate(statements):
            changes = chunk.word in {"DELETE", "INSERT", "UPDATE"} and _table(chunk) != staging
            if changes and "RAISE" not in words[copied:at]:
                yield f"changes {_table(chunk)} before an empty load was refused"
                break
        if copied < len(words) - 1 and "COMMIT" in words[:copied]:
            yield "COMMIT before the load"
    for at, word in enumerate(words):
        before = words[:at]
        if word == "REFRESH" and (
            "COMMIT" not in before or {"INSERT", "DELETE", "UPDATE", "COPY"} & set(before[_last(before, "COMMIT") :])
        ):
            yield "REFRESH without a COMMIT before it"


def _handlers(pieces: Sequence[Chunk]) -> Iterator[str]:
    """A handler may only RAISE, and a block with a handler must not end the transaction."""
    blocks: list[list[str]] = []
    for chunk in pieces:
        if chunk.word == "BEGIN":
            blocks.append([])
        elif chunk.word == "END" and len(chunk.tokens) == 1 and blocks:
            words = blocks.pop()
            if "EXCEPTION" in words:
                at = words.index("EXCEPTION")
                if set(words[at + 1 :]) - {"WHEN", "RAISE"}:
                    yield "a handler that does more than RAISE"
                if "COMMIT" in words[:at]:
                    yield "COMMIT in a block with a handler"
        elif blocks:
            blocks[-1].append(chunk.word)


def _table(chunk: Chunk) -> str:
    return re.sub(
        r"^(LOCK|COPY|DELETE\s+FROM|INSERT\s+INTO|UPDATE)\s+(TABLE\s+)?", "", chunk.cut(0), flags=re.I
    ).split()[0]


def _last(words: Sequence[str], word: str) -> int:
    return len(words) - 1 - list(reversed(words)).index(word)


def _columns(path: Path) -> list[tuple[str, str]]:
    tree = sqlglot.parse_one(rendered(path.read_text()), read="redshift")
    return [(column.name, column.args["kind"].sql("redshift")) for column in tree.find_all(exp.ColumnDef)]


TRIPS = _columns(SQL / "objects" / "V1__nyc_yellow_taxi.sql")
INTEGERS = [name for name, kind in TRIPS if "INT" in kind]


@pytest.mark.parametrize("compression", ["GZIP", ""])
@pytest.mark.parametrize("role", [f"'{ROLE}'", "default"], ids=["role", "default"])
@pytest.mark.parametrize("path", OBJECTS, ids=lambda path: path.stem)
def test_objects_are_valid_for_redshift(path: Path, role: str, compression: str) -> None:
    sql = rendered(path.read_text(), copy_role=role, copy_compression=compression)
    assert list(problems(path.name, sql, INTEGERS)) == []


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_queries_are_one_select(path: Path) -> None:
    sql = path.read_text()
    [tree] = sqlglot.parse(sql, read="redshift")
    assert isinstance(tree, exp.Select)
    assert not tree.find(exp.Into, exp.Round)  # who shows the numbers rounds them
    assert [*_forbidden(sql), *_numbers(tree, INTEGERS)] == []


def test_the_table_is_what_the_example_says() -> None:
    assert TRIPS == [
        ("pickup_date", "DATE"),
        ("pickup_datetime", "TIMESTAMP"),
        ("dropoff_datetime", "TIMESTAMP"),
        ("ratecode", "SMALLINT"),
        ("passenger_count", "SMALLINT"),
        ("trip_distance", "REAL"),
        ("fare_amount", "REAL"),
        ("total_amount", "REAL"),
        ("payment_type", "SMALLINT"),
        ("vendorid", "VARCHAR(20)"),
    ]


def test_the_view_groups_by_what_an_incremental_refresh_allows() -> None:
    """DATE_TRUNC of a TIMESTAMP, which DATE_TRUNC of a DATE is not."""
    types = dict(_columns(SQL / "objects" / "V1__nyc_yellow_taxi.sql"))
    view = sqlglot.parse_one(
        (SQL / "objects" / "V3__nyc_yellow_taxi_volume_analysis.sql").read_text(encoding="utf-8"), dialect="redshift"
    )
    truncated = [column.name for trunc in view.find_all(exp.TimestampTrunc) for column in trunc.find_all(exp.Column)]
    assert [types[name] for name in truncated] == ["TIMESTAMP"]


def test_staging_has_the_columns_of_the_table() -> None:
    """INSERT INTO ... SELECT * takes them by their place, and COPY names them in the order of the files."""
    assert _columns(SQL / "objects" / "V2__nyc_yellow_taxi_staging.sql") == TRIPS
    procedure = (SQL / "objects" / "R__execute_elt_process.sql").read_text()
    named = re.search(r"COPY [\w.]+ \((.*?)\)", procedure, re.DOTALL)
    assert named
    assert [name.strip() for name in named[1].split(",")] == [name for name, _ in TRIPS]


GOOD = (SQL / "objects" / "R__execute_elt_process.sql").read_text()
REFUSAL = GOOD[GOOD.index("    IF loaded = 0 THEN") : GOOD.index("    DELETE FROM public.nyc_yellow_taxi;")]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("DELETE FROM public.nyc_yellow_taxi;", "TRUNCATE public.nyc_yellow_taxi;", "TRUNCATE, which commits"),
        ("    COMMIT;\n", "", "REFRESH without a COMMIT before it"),
        ("    COMMIT;\n", "    COMMIT; DELETE FROM public.nyc_yellow_taxi;\n", "REFRESH without a COMMIT before it"),
        (
            "    LOCK public.nyc_yellow_taxi_staging;\n",
            "",
            "does not begin with LOCK of the table that COPY fills",
        ),
        (
            "LOCK public.nyc_yellow_taxi_staging;",
            "LOCK public.nyc_yellow_taxi;",
            "does not begin with LOCK of the table that COPY fills",
        ),
        (REFUSAL, "", "changes public.nyc_yellow_taxi before an empty load was refused"),
        ("    COPY ", "    COMMIT;\n    COPY ", "COMMIT before the load"),
        ("    COMMIT;\n", "    COMMIT;\n    VACUUM public.nyc_yellow_taxi;\n", "VACUUM in a procedure"),
        (
            "    COMMIT;\n",
            "    ALTER TABLE public.nyc_yellow_taxi APPEND FROM public.nyc_yellow_taxi_staging;\n    COMMIT;\n",
            "ALTER in a procedure",
        ),
        ("        REFRESH", "        COMMIT;\n        REFRESH", "COMMIT in a block with a handler"),
        (
            "    EXCEPTION WHEN OTHERS THEN\n",
            "    EXCEPTION WHEN OTHERS THEN\n        CALL other();\n",
            "a handler that",
        ),
        ("SELECT * FROM public.nyc_yellow_taxi_staging;", "SELECT FROM WHERE;", "does not parse"),
        ("${copy_role}", "'arn:aws:iam::1:role/r'", "an ARN with its partition"),
    ],
)
def test_the_procedure_could_be_wrong(old: str, new: str, said: str) -> None:
    assert old in GOOD
    found = list(problems("R__p.sql", rendered(GOOD.replace(old, new)), INTEGERS))
    assert any(said in problem for problem in found), found


@pytest.mark.parametrize(
    ("name", "sql", "said"),
    [
        ("V1__a.sql", "CREATE TABLE a (n INT); CREATE TABLE b (n INT)", "2 statements"),
        ("V1__a.sql", "-- nothing", "0 statements"),
        ("V1__a.sql", "CREATE TABLE a (n INT", "does not parse"),
        ("V1__a.sql", f"CREATE TABLE a (n INT) -- {'x' * MAX_BYTES}", "longer than 100 KB"),
        ("V1__a.sql", "FROBNICATE a", "not known"),
        ("R__a.sql", "GRANT ALL", "not known"),
        ("V1__a.sql", "CREATE INDEX i ON a (n)", "CREATE INDEX"),
        ("V1__a.sql", "INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING", "ON CONFLICT"),
        ("V1__a.sql", "DELETE FROM a RETURNING n", "RETURNING"),
        ("V1__a.sql", "CREATE TABLE a (n SERIAL)", "SERIAL"),
        ("V1__a.sql", "CREATE TABLE a (n INT[])", "arrays or JSONB"),
        ("V1__a.sql", "CREATE VIEW v AS SELECT DISTINCT ON (n) n FROM a", "DISTINCT ON"),
        ("V1__a.sql", "CREATE VIEW v AS SELECT COUNT(*) FILTER (WHERE n > 1) FROM a", "FILTER"),
        ("V1__a.sql", "CREATE VIEW v AS SELECT n FROM a FOR UPDATE", "FOR UPDATE"),
        ("V1__a.sql", "CREATE VIEW v AS SELECT 1 FROM a, LATERAL (SELECT 1) b", "LATERAL"),
        ("R__a.sql", "CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT 1", "OR REPLACE of a materialized view"),
        ("R__a.sql", "CREATE TABLE a (n INT)", "an R file that can run only once"),
        ("V1__a.sql", "CREATE OR REPLACE VIEW v AS SELECT 1", "a V file that replaces"),
        ("V1__a.sql", "CREATE VIEW v AS SELECT AVG(ratecode) FROM t", "AVG of the integer ratecode"),
        ("V1__a.sql", "CREATE VIEW v AS SELECT SUM(n) / 60.0 FROM t", "a division whose type"),
    ],
)
def test_a_file_could_be_wrong(name: str, sql: str, said: str) -> None:
    found = list(problems(name, sql, INTEGERS))
    assert any(said in problem for problem in found), found
