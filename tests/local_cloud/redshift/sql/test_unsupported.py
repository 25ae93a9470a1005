"""SQL that PostgreSQL runs and Redshift does not, or that is not emulated, is an error that names the construct."""

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.transaction_blocks import check_allowed_in_block
from local_cloud.redshift.translate import translate

NOT_REDSHIFT = {
    "INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING": "ON CONFLICT",
    "INSERT INTO t VALUES (1) RETURNING a": "RETURNING",
    "DELETE FROM t RETURNING a": "RETURNING",
    "CREATE INDEX i ON t (a)": "CREATE INDEX",
    "CREATE UNIQUE INDEX i ON t (a)": "CREATE INDEX",
    "SELECT a FROM t FOR UPDATE": "FOR UPDATE",
    "CREATE OR REPLACE MATERIALIZED VIEW v AS SELECT 1 AS a": "CREATE OR REPLACE MATERIALIZED VIEW",
    "CREATE OR REPLACE TABLE t (a int)": "CREATE OR REPLACE TABLE",
    "CREATE TABLE t (a int[])": "The type ARRAY",
    "SELECT ARRAY[1, 2]": "ARRAY",
    "CREATE TABLE t (a jsonb)": "The type JSONB",
    "CREATE TABLE t (a json)": "The type JSON",
    "CREATE TABLE t (a uuid)": "The type UUID",
    "CREATE TABLE t (a serial)": "The type SERIAL",
    "CREATE TABLE t (a bigserial)": "The type BIGSERIAL",
    "CREATE TABLE t (a int CHECK (a > 0))": "CHECK",
    "INSERT INTO t SELECT generate_series(1, 9)": "generate_series with a table",
    "SELECT * FROM t, generate_series(1, 9) g": "generate_series with a table",
    "SELECT * FROM t, LATERAL (SELECT t.a) x": "LATERAL",
    "SELECT COUNT(*) FILTER (WHERE a > 1) FROM t": "FILTER (WHERE ...)",
    "SELECT DISTINCT ON (a) a FROM t": "DISTINCT ON",
    "SELECT array_agg(a) FROM t": "ARRAY_AGG()",
    "SELECT string_agg(a, ',') FROM t": "STRING_AGG()",
    "SELECT pg_sleep(1)": "PG_SLEEP()",
    "SELECT pg_read_file('/etc/passwd')": "PG_READ_FILE()",
    "SELECT gen_random_uuid()": "GEN_RANDOM_UUID()",
    "SELECT a -> 'b' FROM t": "The operator ->",
    "SELECT a FROM t TABLESAMPLE BERNOULLI (1)": "TABLESAMPLE",
    "COPY t FROM PROGRAM 'ls'": "COPY ... FROM PROGRAM",
    "COPY t FROM STDIN": "COPY ... FROM STDIN",
    "DO $$ BEGIN NULL; END $$": "DO blocks",
    "CREATE FUNCTION f() RETURNS int AS $$ BEGIN RETURN 1; END $$ LANGUAGE plpgsql": "CREATE FUNCTION in plpgsql",
    "CREATE TRIGGER x AFTER INSERT ON t EXECUTE FUNCTION f()": "CREATE TRIGGER",
    "CREATE SEQUENCE s": "CREATE SEQUENCE",
    "CREATE EXTENSION vector": "CREATE EXTENSION",
    "CREATE TYPE x AS (a int)": "CREATE TYPE",
    "LOCK TABLE t IN SHARE MODE": "LOCK with a mode",
    "TRUNCATE a, b": "TRUNCATE of several tables or with options",
    "SAVEPOINT x": "SAVEPOINT",
}
NOT_IN_A_BLOCK = {
    "VACUUM FULL t": "VACUUM",
    "CREATE DATABASE d": "CREATE DATABASE",
    "DROP DATABASE d": "DROP DATABASE",
    "CREATE EXTERNAL TABLE s.t (a int) LOCATION 's3://b/k'": "CREATE EXTERNAL TABLE",
    "DROP EXTERNAL TABLE s.t": "DROP EXTERNAL TABLE",
    "CREATE OR REPLACE LIBRARY f LANGUAGE plpythonu FROM 's3://b/k'": "CREATE LIBRARY",
    "DROP LIBRARY f": "DROP LIBRARY",
    "ALTER TABLE public.a APPEND FROM b": "ALTER TABLE APPEND",
    "-- wider\nALTER TABLE t ALTER COLUMN a TYPE varchar(9)": "ALTER TABLE ALTER COLUMN",
}
NOT_EMULATED = {
    "SHOW VIEW public.v": "SHOW VIEW",
    "SET enable_case_sensitive_identifier TO true": "SET enable_case_sensitive_identifier",
    "SET extra_float_digits TO 2": "SET extra_float_digits",
    "ANALYZE COMPRESSION t": "ANALYZE COMPRESSION",
    "CREATE EXTERNAL TABLE s.t (a int) LOCATION 's3://b/k'": "CREATE EXTERNAL",
    "CREATE EXTERNAL SCHEMA s FROM DATA CATALOG": "CREATE EXTERNAL",
    "CREATE TABLE t (a geometry)": "The type GEOMETRY",
    "SELECT ST_AREA(a) FROM t": "ST_AREA",
    "SELECT h3_fromlonglat(1, 2, 3)": "H3_FROMLONGLAT",
    "SELECT a[0].b FROM t": "Navigation in a value whose type is not known to be SUPER",
    "CREATE USER bob PASSWORD 'Secret123' CREATEUSER": "CREATE USER ... CREATEUSER",
    "GRANT ASSUMEROLE ON 'arn:aws:iam::1:role/x' TO bob FOR COPY": "ASSUMEROLE",
    "COPY t FROM 'dynamodb://t' IAM_ROLE default": "COPY from dynamodb://",
    "COPY t FROM 's3://b/k' IAM_ROLE default FORMAT AS AVRO 'auto'": "COPY option FORMAT AVRO",
    "COPY t FROM 's3://b/k' IAM_ROLE default FORMAT AS ORC": "COPY option FORMAT ORC",
    "COPY t FROM 's3://b/k' IAM_ROLE default ENCRYPTED": "COPY option ENCRYPTED",
    "COPY t FROM 's3://b/k' IAM_ROLE default JSON 'noshred'": "COPY option JSON 'noshred'",
    "COPY t FROM 's3://b/k' IAM_ROLE default LZOP": "COPY option LZOP",
}
OTHER = {
    "SELECT 1; SELECT 2": "Only one SQL statement is allowed",
    "": "no statement",
    " ; ": "no statement",
    "SELEKT 1": 'syntax error at or near "SELEKT"',
    "SELECT FROM WHERE": "syntax error",
    "COPY t FROM 's3://b/k' CREDENTIALS 'aws_access_key_id=a;aws_secret_access_key=b'": "A key in COPY (use IAM_ROLE)",
    "COPY t FROM 's3://b/k' ACCESS_KEY_ID 'a' SECRET_ACCESS_KEY 'b'": "A key in COPY (use IAM_ROLE)",
    "COPY t FROM 's3://b/k' IAM_ROLE default CREDENTIALS 'aws_iam_role=arn:x'": "redundant options: CREDENTIALS",
    "COPY t FROM 's3://b/k' IAM_ROLE default FIXEDWIDTH 'a:1' DELIMITER ','": "not compatible",
    "COPY t FROM 's3://b/k' IAM_ROLE default QUOTE '%'": "QUOTE is only allowed with CSV",
    "COPY t FROM 's3://b/k' IAM_ROLE default PARQUET GZIP": "GZIP argument is not supported for PARQUET",
    "COPY t FROM 's3://b/k' IAM_ROLE default PARQUET REGION 'us-east-1'": "REGION argument is not supported",
    "COPY t FROM 's3://b/k'": "COPY requires IAM_ROLE",
    "COPY t FROM 's3://b/k' IAM_ROLE default GZIP GZIP": "redundant options: GZIP",
    "COPY t FROM 's3://b/k' IAM_ROLE default CSV ESCAPE": "not compatible",
    "COPY t FROM 's3://b/k' IAM_ROLE 'admin'": "Invalid IAM_ROLE",
    "SELECT DATEDIFF(fortnight, a, b) FROM t": 'invalid datepart "fortnight"',
}


@pytest.mark.parametrize(("sql", "construct"), NOT_REDSHIFT.items(), ids=NOT_REDSHIFT)
def test_not_redshift(sql: str, construct: str) -> None:
    with pytest.raises(SqlError) as raised:
        translate(sql)
    assert raised.value.message == f"ERROR: {construct} is not Redshift SQL"


@pytest.mark.parametrize(("sql", "kind"), NOT_IN_A_BLOCK.items(), ids=NOT_IN_A_BLOCK)
def test_not_in_a_transaction_block(sql: str, kind: str) -> None:
    with pytest.raises(SqlError) as raised:
        check_allowed_in_block(sql)
    assert raised.value.message == f"ERROR: {kind} cannot run inside a transaction block"


@pytest.mark.parametrize(
    "sql",
    [
        "TRUNCATE t",
        "ALTER TABLE t ADD COLUMN type INT",
        'ALTER TABLE "x APPEND" RENAME TO y',
        "DROP TABLE vacuum",
        "ALTER TABLE t ALTER DISTKEY type",
        "ALTER TABLE t ALTER COLUMN type ENCODE zstd",
    ],
)
def test_in_a_transaction_block(sql: str) -> None:
    check_allowed_in_block(sql)


@pytest.mark.parametrize(("sql", "construct"), NOT_EMULATED.items(), ids=NOT_EMULATED)
def test_not_emulated(sql: str, construct: str) -> None:
    with pytest.raises(SqlError, match="is not emulated") as raised:
        translate(sql)
    assert construct in raised.value.message


@pytest.mark.parametrize(("sql", "text"), OTHER.items(), ids=OTHER)
def test_an_error_tells_the_reason(sql: str, text: str) -> None:
    with pytest.raises(SqlError) as raised:
        translate(sql)
    assert text in raised.value.message


def test_a_semicolon_in_a_string_or_at_the_end_is_no_second_statement() -> None:
    assert translate("SELECT 'a;b' AS x ; ").sql == "SELECT 'a;b' AS x"
