"""Real trips, loaded by the pipeline's procedure, against answers that were computed elsewhere."""

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from local_cloud.redshift.results import Outcome
from tests.local_cloud.redshift.conftest import Objects

Run = Callable[..., Outcome]
DATA = Path(os.environ.get("TAXI_DATA", ""))
pytestmark = pytest.mark.skipif(not os.environ.get("TAXI_DATA"), reason="TAXI_DATA does not name the folder of trips")

COLUMNS = (
    "pickup_date DATE, pickup_datetime TIMESTAMP, dropoff_datetime TIMESTAMP, ratecode SMALLINT,"
    " passenger_count SMALLINT, trip_distance FLOAT4, fare_amount FLOAT4, total_amount FLOAT4, payment_type SMALLINT,"
    " vendorid VARCHAR(20)"
)


@pytest.fixture(scope="module")
def loaded(warehouse: object, s3: Objects) -> None:
    from local_cloud.redshift.warehouse import Warehouse

    assert isinstance(warehouse, Warehouse)
    for file in DATA.glob("*.psv.gz"):
        s3[f"trips/{file.name}"] = file.read_bytes()
    session = warehouse.session("dev", "awsuser")
    session.execute(f"CREATE TABLE trips ({COLUMNS}) SORTKEY (pickup_date)")
    session.execute(f"CREATE TABLE trips_staging ({COLUMNS})")
    session.execute(
        "CREATE MATERIALIZED VIEW monthly AS SELECT DATE_TRUNC('month', pickup_datetime)::date AS pickup_month,"
        " AVG(trip_distance) AS avg_distance, AVG(fare_amount) AS avg_fare, COUNT(*) AS trips,"
        " SUM(trip_distance) AS distance, SUM(fare_amount) AS fare FROM trips GROUP BY 1"
    )
    session.execute(
        "CREATE PROCEDURE load() AS $$ DECLARE n BIGINT; BEGIN LOCK trips_staging; DELETE FROM trips_staging;"
        " COPY trips_staging FROM 's3://b/trips/' IAM_ROLE default DELIMITER '|' EMPTYASNULL GZIP;"
        " SELECT COUNT(*) INTO n FROM trips_staging; IF n = 0 THEN RAISE EXCEPTION 'No trips'; END IF;"
        " DELETE FROM trips; INSERT INTO trips SELECT * FROM trips_staging; DELETE FROM trips_staging; COMMIT;"
        " REFRESH MATERIALIZED VIEW monthly; END; $$ LANGUAGE plpgsql"
    )
    session.execute("CALL load()")
    session.close()


def _expected(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.usefixtures("loaded")
def test_monthly(run: Run) -> None:
    rows = run("SELECT * FROM monthly ORDER BY 1").rows
    expected = [list(row.values()) for row in _expected("expected_monthly.csv")]
    assert [row[0] for row in rows] == [row[0] for row in expected]
    found = sorted(float(str(value)) for row in rows for value in row[1:])
    assert found == pytest.approx(sorted(float(value) for row in expected for value in row[1:]), rel=1e-6)


@pytest.mark.usefixtures("loaded")
def test_daily(run: Run) -> None:
    rows = run(
        "SELECT pickup_date, SUM(DATEDIFF(minute, pickup_datetime, dropoff_datetime))::FLOAT8 / 60, SUM(trip_distance),"
        " SUM(fare_amount), COUNT(*) FROM trips GROUP BY 1 ORDER BY 1"
    ).rows
    expected = sorted(_expected("expected_daily.csv"), key=lambda row: next(iter(row.values())))
    assert [row[0] for row in rows] == [next(iter(row.values())) for row in expected]
    for row, wanted in zip(rows, expected, strict=True):
        names = ("total_hours", "total_distance", "total_fare", "trips")
        assert row[1:] == pytest.approx([float(wanted[name]) for name in names], rel=1e-6)


@pytest.mark.usefixtures("loaded")
def test_integer_division_gives_whole_hours(run: Run) -> None:
    """SUM(BIGINT) is BIGINT: the published query's / 60 cuts off."""
    rows = run("SELECT SUM(DATEDIFF(minutes, pickup_datetime, dropoff_datetime)) / 60 FROM trips").rows
    minutes = run("SELECT SUM(DATEDIFF(minutes, pickup_datetime, dropoff_datetime)) FROM trips").rows[0][0]
    assert rows == [(int(str(minutes)) // 60,)]
    assert run("SELECT COUNT(*) FROM trips").rows == [(22_232,)]
