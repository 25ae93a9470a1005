"""A file of several statements is refused by its name; what only looks like several is not."""

import pytest

from relay.errors import InputError
from warehouse_objects.files import SqlFile
from warehouse_objects.single_statement import check_single_statement

ONE = [
    "SELECT 1",
    "SELECT 1;",
    ";; SELECT 1 ; ;\n-- the end; really\n/* ; */",
    "SELECT ';' || 'it''s; me' AS \"a;b\"\"c;d\"",
    r"SELECT 'it\'s; me'",
    r"SELECT '\\' AS a",
    "-- one; two\nSELECT 1 -- three; four",
    "/* a; /* nested; */ b; */ SELECT 1",
    "CREATE PROCEDURE p() AS $$ BEGIN DELETE FROM t; INSERT INTO t VALUES (';'); END; $$ LANGUAGE plpgsql;",
    "CREATE FUNCTION f() RETURNS INT STABLE AS $f$ a = '$$'; return 1; $f$ LANGUAGE plpythonu;",
    "CREATE PROCEDURE p() AS 'BEGIN DELETE FROM t; END;' LANGUAGE plpgsql",
    "SELECT a$$b FROM t$1",
    "SELECT 'never ends; SELECT 2",
    "SELECT 1 /* never ends; SELECT 2",
    "SELECT $$ never ends; SELECT 2",
    "SELECT 1; 'never begins",
]
MORE = {
    "SELECT 1; SELECT 2": "two",
    "SELECT 1;SELECT 2;": "two",
    "CREATE TABLE t (n INT);\n\n-- fill it\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (2)": "three",
    "SELECT 'a'; SELECT 'b'; SELECT 'c'; SELECT 'd'": "4",
    r"SELECT '\\'; SELECT 2": "two",
    "CREATE PROCEDURE p() AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql; CALL p()": "two",
    "/* a */; SELECT 1; /* b */ SELECT 2": "two",
    "SELECT 1; $$ text $$": "two",
}


@pytest.mark.parametrize("sql", ONE)
def test_one_statement(sql: str) -> None:
    check_single_statement("V3__x.sql", sql)


@pytest.mark.parametrize(("sql", "number"), MORE.items())
def test_more_than_one_is_refused_with_the_file_s_name(sql: str, number: str) -> None:
    with pytest.raises(InputError) as refused:
        SqlFile.parse("V3__x.sql", sql)
    assert str(refused.value) == f"V3__x.sql: a file holds one statement. Split it into {number} files."
