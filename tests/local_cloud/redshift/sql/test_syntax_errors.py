"""A typo is told as such, near the wrong word, with its place; never as a missing feature."""

from __future__ import annotations

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.translate import translate

PLACES = {
    "SELEC 1": ("SELEC", 1, 1),
    "CREATE TABEL t (a INT)": ("TABEL", 1, 8),
    "CREATE VIEW v AS SELEC 1": ("SELEC", 1, 18),
    "CREATE VIEW v AS\n  SELEC 1": ("SELEC", 2, 3),
    "CREATE TABLE t AS SELCT 1": ("SELCT", 1, 19),
    "CREATE MATERIALIZED VIEW v AS SELCT 1": ("SELCT", 1, 31),
    "CREATE VIEW v AS SELECT a FROM t WHER b = 1": ("b", 1, 39),
    "SELECT a\nFROM t\nWHER b = 1": ("b", 3, 6),
    "SELECT a FROM t GROUP a": ("a", 1, 23),
    "CREATE TABLE t (a INT b INT)": ("b", 1, 23),
    "DROP TABEL t": ("TABEL", 1, 6),
    "UPDAET t SET a = 1": ("UPDAET", 1, 1),
    "CREATE PROCEDURE p() AS $$\nBEGIN\n  INSERT INTO t SELECT a\n    FROM s WHER b = 1;\nEND;\n$$ LANGUAGE plpgsql": (
        "b",
        4,
        17,
    ),
    "CREATE PROCEDURE p(n INT) AS $$\nBEGIN\n  IF n > 1 1 THEN\n    n := 2;\n  END IF;\nEND;\n$$ LANGUAGE plpgsql": (
        "1",
        3,
        10,
    ),
}


@pytest.mark.parametrize(("sql", "place"), PLACES.items(), ids=PLACES)
def test_place(sql: str, place: tuple[str, int, int]) -> None:
    word, line, column = place
    with pytest.raises(SqlError) as raised:
        translate(sql)
    assert raised.value.message == f'ERROR: syntax error at or near "{word}" (line {line}, column {column})'


@pytest.mark.parametrize("sql", ["CREATE LOCAL TEMPORARY TABLE t (a INT)", "CREATE LOCAL TEMP TABLE t (a INT)"])
def test_local_is_noise(sql: str) -> None:
    assert translate(sql).sql == "CREATE TEMPORARY TABLE t (a INT)"
