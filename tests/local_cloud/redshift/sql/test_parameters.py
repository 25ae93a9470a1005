"""`:name` is text that Redshift converts, wherever it stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome

Run = Callable[..., Outcome]

ANSWERS: dict[str, tuple[dict[str, str], object]] = {
    "DATEADD(day, :n, '2020-01-01'::date)": ({"n": "2"}, "2020-01-03 00:00:00"),
    "DATEDIFF(day, :a, :b)": ({"a": "2020-01-01", "b": "2020-01-03"}, 2),
    ":v IS NULL": ({"v": "x"}, False),
    "CONCAT(:v, 'a')": ({"v": "x"}, "xa"),
    ":v || :v": ({"v": "x"}, "xx"),
    ":v": ({"v": "x"}, "x"),
    ":n + 1": ({"n": "2"}, 3),
    ":n::int * 2": ({"n": "2"}, 4),
    ":n * 1.5": ({"n": "2"}, "3.0"),
    "CASE WHEN :v = 'x' THEN 1 ELSE 2 END": ({"v": "x"}, 1),
    "COALESCE(:v, 'y')": ({"v": "x"}, "x"),
    "LEN(:v)": ({"v": "it's a \\ and :x"}, 15),
    "'a' IN (:v, :w)": ({"v": "b", "w": "a "}, True),
    "DATE '2020-01-01' BETWEEN :a AND :b": ({"a": "2019-01-01", "b": "2021-01-01"}, True),
    "NVL(:n, 1)": ({"n": "5"}, 5),
    "DATE_TRUNC('month', :d)": ({"d": "2020-01-15"}, "2020-01-01 00:00:00"),
}


@pytest.mark.parametrize(("expression", "case"), ANSWERS.items(), ids=ANSWERS)
def test_answer(run: Run, expression: str, case: tuple[dict[str, str], object]) -> None:
    parameters, value = case
    assert run(f"SELECT {expression}", **parameters).rows == [(value,)]


def test_one_parameter_beside_columns_of_two_types(run: Run) -> None:
    run("CREATE TEMP TABLE p (i INT, v VARCHAR(9), d DATE)")
    run("INSERT INTO p VALUES (:n, :n, :d)", n="7", d="2020-01-01")
    assert run("SELECT i FROM p WHERE (:n IS NULL OR i = :n) AND v = :n", n="7").rows == [(7,)]
    assert run("SELECT i FROM p WHERE d > :d LIMIT :l", d="2019-12-31", l="1").rows == [(7,)]
    assert run("UPDATE p SET i = :n + 1 WHERE v = :n", n="7").affected == 1


@pytest.mark.parametrize("expression", [":n::int", "DATEADD(day, :n, '2020-01-01'::date)", ":n + 1"])
def test_an_error_names_the_value_and_no_number_of_a_parameter(run: Run, expression: str) -> None:
    with pytest.raises(SqlError) as raised:
        run(f"SELECT {expression}", n="many")
    assert "many" in raised.value.message
    assert "$1" not in raised.value.message


def test_names_must_match(run: Run) -> None:
    with pytest.raises(SqlError, match="No value was given for the parameter :a"):
        run("SELECT :a")
    with pytest.raises(SqlError, match="The SQL has no parameter :b"):
        run("SELECT :a", a="1", b="2")
