"""Generated trips: the same for a seed, shaped like New York's, and with answers worked out without SQL."""

from __future__ import annotations

import csv
import gzip
import hashlib
import os
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trips.expected import expected_daily, expected_monthly
from trips.generator import trips, write_trips
from trips.rows import COLUMNS, DataError, problem_of

MONTHS = [date(2015, 1, 1), date(2016, 1, 1), date(2019, 11, 1)]
Row = dict[str, str]


def rows(month: date, count: int, seed: int = 7) -> list[Row]:
    return [dict(zip(COLUMNS, fields, strict=True)) for fields in trips(month, count=count, seed=seed)]


@pytest.fixture(scope="module")
def november() -> list[Row]:
    return rows(date(2019, 11, 1), 20_000)


def real(month: str) -> list[Row]:
    with gzip.open(taxi_data() / f"yellow_tripdata_{month}.psv.gz", "rt", encoding="utf-8", newline="\n") as file:
        return [dict(zip(COLUMNS, line.rstrip("\n").split("|"), strict=True)) for line in file]


def taxi_data() -> Path:
    if not os.environ.get("TAXI_DATA"):
        pytest.skip("TAXI_DATA does not name a folder with real trips")
    return Path(os.environ["TAXI_DATA"])


def test_a_seed_gives_the_same_rows_on_every_machine() -> None:
    """The digest is part of the promise: whoever changes the shapes changes it knowingly."""
    text = "".join("|".join(fields) + "\n" for month in MONTHS for fields in trips(month, count=300, seed=1))
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest == "7d622137bb4a789e0a521da97a761327dd6b76057097dbfb1d24e04f90e7ca50"


def test_a_seed_gives_the_same_files(tmp_path: Path) -> None:
    here = write_trips(tmp_path / "here", months=MONTHS, trips_per_month=200, seed=3)
    code = (
        "import sys; from datetime import date; from pathlib import Path; from trips.generator import write_trips\n"
        "write_trips(Path(sys.argv[1]), months=[date(2019, 11, 30), date(2015, 1, 1)], trips_per_month=200, seed=3)"
    )
    env = {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONHASHSEED": "5",
        "TZ": "Asia/Tokyo",
        "PATH": os.environ["PATH"],
    }
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "there")], check=True, env=env)
    assert [path.name for path in here] == [
        "yellow_tripdata_2015-01.psv.gz",
        "yellow_tripdata_2016-01.psv.gz",
        "yellow_tripdata_2019-11.psv.gz",
    ]
    for name in ("yellow_tripdata_2015-01.psv.gz", "yellow_tripdata_2019-11.psv.gz"):
        data = (tmp_path / "here" / name).read_bytes()
        assert data == (tmp_path / "there" / name).read_bytes()
        assert data[3:8] == b"\0\0\0\0\0"  # no name, no time
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == [path.name for path in here]
    assert rows(MONTHS[0], 50, seed=1) != rows(MONTHS[0], 50, seed=2)


def test_a_load_for_the_demo_is_made_in_a_moment(tmp_path: Path) -> None:
    start = time.process_time()
    write_trips(tmp_path, months=MONTHS, trips_per_month=7_500, seed=1)
    assert time.process_time() - start < 5  # 0.7 s on two slow cores


@settings(max_examples=30, deadline=None)
@given(
    month=st.dates(date(2009, 1, 1), date(2030, 12, 31)),
    count=st.integers(1, 150),
    seed=st.integers(),
)
def test_every_row_can_be_loaded_and_lies_in_its_month(month: date, count: int, seed: int) -> None:
    made = rows(month, count, seed)
    assert len(made) == count
    assert [row["pickup_datetime"] for row in made] == sorted(row["pickup_datetime"] for row in made)
    for row in made:
        assert problem_of(list(row.values())) is None
        assert row["pickup_date"][:7] == f"{month:%Y-%m}"
        assert row["pickup_datetime"].startswith(row["pickup_date"] + " ")
        assert row["dropoff_datetime"] >= row["pickup_datetime"]


def test_oddities_are_there(november: list[Row]) -> None:
    odd = Counter(
        name
        for row in november
        for name, yes in {
            "negative fare": row["fare_amount"].startswith("-"),
            "no distance": row["trip_distance"] == "0.0",
            "nothing entered": row["vendorid"] == row["ratecode"] == row["payment_type"] == "",
            "half a day": minutes(row) >= 720,
            "no time": row["pickup_datetime"] == row["dropoff_datetime"],
            "nobody in it": row["passenger_count"] == "0",
        }.items()
        if yes
    )
    for name, least, most in [
        ("negative fare", 10, 100),
        ("no distance", 80, 400),
        ("nothing entered", 60, 250),
        ("half a day", 5, 60),
        ("no time", 2, 50),
        ("nobody in it", 200, 700),
    ]:
        assert least <= odd[name] <= most, (name, odd)
    jfk = [row for row in november if row["ratecode"] == "2" and not row["fare_amount"].startswith("-")]
    assert {row["fare_amount"] for row in jfk} == {"52.0"}
    assert {row["fare_amount"].lstrip("-") for row in rows(date(2024, 5, 1), 3000) if row["ratecode"] == "2"} == {
        "70.0"
    }
    assert {row["trip_distance"][0] for row in rows(date(2015, 1, 1), 3000)} >= {".", "1"}  # as TLC wrote it then


def minutes(row: Row) -> float:
    start, end = (datetime.fromisoformat(row[name]) for name in ("pickup_datetime", "dropoff_datetime"))
    return (end - start).total_seconds() / 60


def test_shapes_follow_the_real_ones(november: list[Row]) -> None:
    sample = real("2019-11")
    for column in ("ratecode", "passenger_count", "payment_type", "vendorid"):
        made, true = (share(rows_, column) for rows_ in (november, sample))
        assert all(abs(made[value] - true[value]) < 0.012 for value in made.keys() | true.keys()), (column, made, true)
    for what, tolerance in ((miles, 0.06), (fare, 0.06), (minutes, 0.12)):
        made_, true_ = (statistics.quantiles(map(what, rows_), n=20)[1:-1] for rows_ in (november, sample))
        for a, b in zip(made_, true_, strict=True):
            assert a == pytest.approx(b, rel=tolerance, abs=0.6), (what.__name__, made_, true_)
    hours = [Counter(int(row["pickup_datetime"][11:13]) for row in rows_) for rows_ in (november, sample)]
    for hour in range(24):
        assert abs(hours[0][hour] / len(november) - hours[1][hour] / len(sample)) < 0.012, hour


def share(rows_: list[Row], column: str) -> defaultdict[str, float]:
    counted = Counter(row[column] for row in rows_)
    return defaultdict(float, {value: n / len(rows_) for value, n in counted.items()})


def miles(row: Row) -> float:
    return float(row["trip_distance"])


def fare(row: Row) -> float:
    return float(row["fare_amount"])


def test_what_cannot_be_generated_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="months repeat: 2015-01, 2015-01"):
        write_trips(tmp_path, months=[date(2015, 1, 1), date(2015, 1, 9)], trips_per_month=5, seed=1)
    with pytest.raises(ValueError, match="at least 1"):
        write_trips(tmp_path, months=MONTHS, trips_per_month=0, seed=1)


def test_answers_of_a_few_rows(tmp_path: Path) -> None:
    path = tmp_path / "few.psv"
    path.write_text(
        "2015-01-31|2015-01-31 23:59:59|2015-02-01 00:00:00|1|1|.10|2.5|3.3|2|1\n"
        "2015-01-31|2015-01-31 10:00:59|2015-01-31 10:01:00|1|1|.20|-2.5|3.3|2|1\n"
        "2015-01-30|2015-01-30 11:00:00|2015-01-30 09:00:00||||3|||\n"
        "2015-02-01|2015-02-01 11:00:00||||||||",
        "utf-8",
    )
    january, february = expected_monthly([path])
    assert january.pickup_month == date(2015, 1, 1)
    assert (january.total_trips, january.total_distance_per_month) == (3, Decimal("0.30"))
    assert (january.avg_distance, january.avg_fare) == (Fraction("0.15"), Fraction(1))  # AVG passes over NULL
    assert (february.total_trips, february.avg_distance, february.total_fare_per_month) == (1, None, None)

    days = expected_daily([path])
    assert [(str(day.trip_date), day.total_hours, day.trips) for day in days] == [
        ("2015-01-30", Fraction(-2), 1),
        ("2015-01-31", Fraction(2, 60), 2),  # two seconds, two boundaries
        ("2015-02-01", None, 1),
    ]
    assert [day.trip_date.day for day in expected_daily([path], month=date(2015, 1, 1))] == [30, 31]
    assert expected_monthly([path, path])[0].total_trips == 6


@pytest.mark.parametrize("line", ["2015-01-01|x", "2015-13-01||||||||||", "x|||||1||||", "2015-01-01|||||nan||||", ""])
def test_answers_of_a_broken_row_name_it(tmp_path: Path, line: str) -> None:
    path = tmp_path / "broken.psv"
    path.write_text(f"2015-01-01|||||||||\n{line}\n", "utf-8")
    with pytest.raises(DataError, match=r"broken\.psv line 2"):
        expected_monthly([path])


def test_answers_agree_with_those_computed_elsewhere() -> None:
    paths = sorted(taxi_data().glob("*.psv.gz"))
    assert sum(month.total_trips for month in expected_monthly(paths)) == 22_232
    for name, answers in (("monthly", expected_monthly(paths)), ("daily", expected_daily(paths))):
        for answer, row in zip(answers, read_csv(taxi_data() / f"expected_{name}.csv"), strict=True):
            for column, text in row.items():
                value = getattr(answer, column)
                assert text in (str(value), repr(float(value)) if not isinstance(value, date) else ""), (answer, column)


def read_csv(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
