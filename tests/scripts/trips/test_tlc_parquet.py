"""TLC's Parquet files: values in their natural text, and nothing guessed."""

from __future__ import annotations

import gzip
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trips.rows import COLUMNS, DataError
from trips.tlc.convert import Converted, convert


def loaded(converted: Converted) -> list[str]:
    with gzip.open(converted.path, "rt", encoding="utf-8", newline="\n") as file:
        lines = file.read().removesuffix("\n").split("\n")
    assert len(lines) == converted.rows
    return lines


def parquet(tmp_path: Path, **columns: Any) -> Converted:
    at = [datetime(2022, 1, 1, 0, 35, 40), datetime(2022, 1, 1, 0, 53, 29)]  # noqa: DTZ001 - as TLC's are
    table = {
        "VendorID": pa.array([1, None], pa.int64()),
        "tpep_pickup_datetime": pa.array(at, pa.timestamp("us")),
        "tpep_dropoff_datetime": pa.array(at, pa.timestamp("ns")),
        "passenger_count": pa.array([2.0, None], pa.float64()),
        "trip_distance": pa.array([3.8, 0.1], pa.float64()),
        "RatecodeID": pa.array([1.0, None], pa.float64()),
        "store_and_fwd_flag": pa.array(["N", None]),
        "payment_type": pa.array([1, 0], pa.int64()),
        "fare_amount": pa.array([14.5, -3.0]),
        "total_amount": pa.array([21.95, 1e-05]),
        **columns,
    }
    source = tmp_path / "trips.parquet"
    pq.write_table(pa.table(table), source)
    (converted,) = convert([source], tmp_path / "out")
    return converted


def test_parquet_in_its_natural_text(tmp_path: Path) -> None:
    done = parquet(tmp_path)
    assert loaded(done) == [
        "2022-01-01|2022-01-01 00:35:40|2022-01-01 00:35:40|1|2|3.8|14.5|21.95|1|1",
        "2022-01-01|2022-01-01 00:53:29|2022-01-01 00:53:29|||0.1|-3.0|1e-05|0|",
    ]
    assert not done.warning_count


@pytest.mark.parametrize(
    ("name", "values", "column", "texts"),
    [
        ("trip_distance", pa.array([0.1, 16777216.0], pa.float32()), "trip_distance", ["0.1", "16777216"]),
        ("fare_amount", pa.array([Decimal("1.10"), None], pa.decimal128(9, 2)), "fare_amount", ["1.10", ""]),
        ("VendorID", pa.array(["CMT", None]).dictionary_encode(), "vendorid", ["CMT", ""]),
        ("VendorID", pa.array([1.0, None]), "vendorid", ["1", ""]),
        ("payment_type", pa.array(["Credit", "CSH"], pa.large_string()), "payment_type", ["1", "2"]),
        ("passenger_count", pa.array(["1.0", ""]), "passenger_count", ["1", ""]),
        ("RatecodeID", pa.nulls(2), "ratecode", ["", ""]),
        ("tpep_pickup_datetime", pa.array(["2022-01-01 00:35:40", None]), "pickup_date", ["2022-01-01", ""]),
        ("tpep_dropoff_datetime", pa.array([date(2022, 1, 1), None]), "dropoff_datetime", ["2022-01-01", ""]),
    ],
)
def test_parquet_of_other_types(tmp_path: Path, name: str, values: Any, column: str, texts: list[str]) -> None:
    done = parquet(tmp_path, **{name: values})
    assert [line.split("|")[COLUMNS.index(column)] for line in loaded(done)] == texts


def test_parquet_values_that_are_wrong_are_reported(tmp_path: Path) -> None:
    done = parquet(tmp_path, passenger_count=pa.array([1.5, 2.0]), VendorID=pa.array(["a", "x|y"]))
    assert [str(warning) for warning in done.warnings] == [
        "trips.parquet record 1: passenger_count is '1.5': not a SMALLINT",
        "trips.parquet record 2: vendorid is 'x|y': holds a delimiter, a line break or a control character",
    ]
    first, second = loaded(done)
    assert len(first.split("|")) == len(COLUMNS)
    assert second.count("x|y") == 2  # as it is, and once more in what makes the line too long to load
    assert not second.endswith("|")


def test_parquet_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="fare_amount has the type list"):
        parquet(tmp_path, fare_amount=pa.array([[1], [2]]))
    at = pa.array([0, 1], pa.timestamp("us", "America/New_York"))
    with pytest.raises(DataError, match="tpep_pickup_datetime has the time zone America/New_York"):
        parquet(tmp_path, tpep_pickup_datetime=at)
    parquet(tmp_path)
    none = tmp_path / "none.parquet"
    pq.write_table(pq.read_table(tmp_path / "trips.parquet").slice(0, 0), none)
    with pytest.raises(DataError, match=r"none\.parquet: has no trips, only a header"):
        convert([none], tmp_path / "out")
    pq.write_table(pa.table({"VendorID": [1]}), none)
    with pytest.raises(DataError, match=r"none\.parquet: columns are missing: .*Found: VendorID\."):
        convert([none], tmp_path / "out")


def test_parquet_larger_than_a_batch(tmp_path: Path) -> None:
    count = 70_000
    at = datetime(2022, 1, 1)  # noqa: DTZ001
    times = pa.array([at] * count, pa.timestamp("us"))
    floats = {
        name: pa.array([float(n) for n in range(count)])
        for name in ("VendorID", "trip_distance", "fare_amount", "total_amount")
    }
    codes = {name: pa.array([1] * count) for name in ("passenger_count", "RatecodeID", "payment_type")}
    source = tmp_path / "large.parquet"
    pq.write_table(pa.table({"tpep_pickup_datetime": times, "tpep_dropoff_datetime": times, **floats, **codes}), source)
    (done,) = convert([source], tmp_path / "out")
    assert loaded(done)[-1] == "2022-01-01|2022-01-01 00:00:00|2022-01-01 00:00:00|1|1|69999.0|69999.0|69999.0|1|69999"
