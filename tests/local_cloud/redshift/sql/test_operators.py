"""Operators and calls that PostgreSQL lacks or reads otherwise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_cloud.redshift.results import Outcome

ANSWERS: dict[str, tuple[str, object]] = {
    "GETDATE() - 1 < GETDATE()": ("?column?", True),
    "TIMESTAMP '2020-01-01 10:00:00' - 1": ("?column?", "2019-12-31 10:00:00"),
    "TIMESTAMP '2020-01-01 10:00:00' + 1": ("?column?", "2020-01-02 10:00:00"),
    "DATEDIFF(day, GETDATE(), NULL)": ("date_diff", None),
    "'a'::name": ("name", "a"),
    "@ -5": ("?column?", 5),
    "6 # 3": ("?column?", 5),
    "2 ^ 3": ("?column?", 8.0),
    "(1 = 1) = 1": ("?column?", True),
    "0 <> (1 = 1)": ("?column?", True),
    "pg_catalog.upper('a')": ("upper", "A"),
    "pg_catalog.datediff(day, '2020-01-01', '2020-01-02')": ("date_diff", 1),
}


@pytest.mark.parametrize(("expression", "answer"), ANSWERS.items(), ids=ANSWERS)
def test_answer(run: Callable[..., Outcome], expression: str, answer: tuple[str, object]) -> None:
    outcome = run(f"SELECT {expression}")
    assert (outcome.columns[0].name, outcome.rows[0][0]) == answer
