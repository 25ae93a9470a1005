"""TLC's CSV files of any year become rows as they are; what is wrong becomes a warning, and fails the load."""

from __future__ import annotations

import gzip
import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trips.rows import COLUMNS, DataError, problem_of
from trips.tlc.convert import Converted, convert

YELLOW_2016 = (
    "VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,pickup_longitude,"
    "pickup_latitude,RatecodeID,store_and_fwd_flag,dropoff_longitude,dropoff_latitude,payment_type,fare_amount,extra,"
    "mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount"
)
TRIP_2016 = "2,2016-01-01 00:00:00,2016-01-01 00:09:00,2,1.10,-73.99,40.73,1,N,-73.98,40.73,2,7.5,0.5,0.5,0,0,0.3,8.8"
ROW_2016 = "2016-01-01|2016-01-01 00:00:00|2016-01-01 00:09:00|1|2|1.10|7.5|8.8|2|2"
YELLOW_2009 = (
    "vendor_name,Trip_Pickup_DateTime,Trip_Dropoff_DateTime,Passenger_Count,Trip_Distance,Start_Lon,Start_Lat,"
    "Rate_Code,store_and_forward,End_Lon,End_Lat,Payment_Type,Fare_Amt,surcharge,mta_tax,Tip_Amt,Tolls_Amt,Total_Amt"
)
YELLOW_2014 = (
    "vendor_id, pickup_datetime, dropoff_datetime, passenger_count, trip_distance, pickup_longitude, pickup_latitude,"
    " rate_code, store_and_fwd_flag, dropoff_longitude, dropoff_latitude, payment_type, fare_amount, surcharge,"
    " mta_tax, tip_amount, tolls_amount, total_amount"
)
GREEN_2014 = (
    "VendorID,lpep_pickup_datetime,Lpep_dropoff_datetime,Store_and_fwd_flag,RateCodeID,Pickup_longitude,"
    "Pickup_latitude,Dropoff_longitude,Dropoff_latitude,Passenger_count,Trip_distance,Fare_amount,Extra,MTA_tax,"
    "Tip_amount,Tolls_amount,Ehail_fee,Total_amount,Payment_type,Trip_type "
)


def loaded(converted: Converted) -> list[str]:
    with gzip.open(converted.path, "rb") as file:
        text = file.read().decode("utf-8", "surrogateescape")
    assert text.endswith("\n")
    lines = text[:-1].split("\n")
    assert len(lines) == converted.rows
    return lines


def one(tmp_path: Path, name: str, data: bytes | str) -> Converted:
    source = tmp_path / name
    source.write_bytes(data.encode() if isinstance(data, str) else data)
    (converted,) = convert([source], tmp_path / "out")
    assert converted.source == source
    assert [path.name for path in (tmp_path / "out").iterdir()] == [converted.path.name]
    return converted


def copy_would_load(line: str) -> bool:
    """COPY's own view of the number of columns: exactly ten, where one delimiter at the end may follow."""
    return len(line.removesuffix("|").split("|")) == len(COLUMNS) or len(line.split("|")) == len(COLUMNS)


@pytest.mark.parametrize(
    ("header", "record", "row"),
    [
        (YELLOW_2016, TRIP_2016, ROW_2016),
        (
            YELLOW_2009,
            "VTS,2009-01-04 02:52:00,2009-01-04 03:02:00,1,2.6299999,-73.9,40.7,,,-73.9,40.7,CASH,8.9,0.5,,0,0,9.4",
            "2009-01-04|2009-01-04 02:52:00|2009-01-04 03:02:00||1|2.6299999|8.9|9.4|2|VTS",
        ),
        (
            YELLOW_2014 + "\r\n",
            "CMT,2014-01-09 20:45:25,2014-01-09 20:52:31,1,0.7,-73.9,40.7,1,N,-73.9,40.7,CRD,6.5,0.5,0.5,1.4,0,8.9",
            "2014-01-09|2014-01-09 20:45:25|2014-01-09 20:52:31|1|1|0.7|6.5|8.9|1|CMT",
        ),
        (
            GREEN_2014 + "\r\n",
            "2,2014-03-01 00:00:00,2014-03-01 19:18:34,N,1,0,0,-73.8,40.8,1,5.84,23.5,0,0.5,0,0,,24,2,1,,",
            "2014-03-01|2014-03-01 00:00:00|2014-03-01 19:18:34|1|1|5.84|23.5|24|2|2",
        ),
        (
            '"VendorID","tpepPickupDateTime","tpepDropoffDateTime","passengerCount","tripDistance","rateCodeId",'
            '"paymentType","fareAmount","totalAmount"',
            '"1","2019-11-01 00:30:41","2019-11-01 00:32:25","1.0",".00","1.0","2.0","3.0","3.8"',
            "2019-11-01|2019-11-01 00:30:41|2019-11-01 00:32:25|1|1|.00|3.0|3.8|2|1",
        ),
    ],
    ids=["2016", "2009", "2014", "green", "quoted"],
)
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "unended"])
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".CSV"])
def test_csv_of_every_year(
    tmp_path: Path, header: str, record: str, row: str, bom: bytes, end: str, last: bool, suffix: str
) -> None:
    data = bom + end.join([header, record, record]).encode() + (end.encode() if last else b"")
    done = one(tmp_path, "trips" + suffix, gzip.compress(data) if suffix == ".csv.gz" else data)
    assert loaded(done) == [row, row]
    assert done.path.name == "trips.psv.gz"
    assert (done.warnings, done.warning_count) == ((), 0)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("CREDIT", "Credit", "CRD", "Cre", "1"), "1"),
        (("CASH", "Cash", "CSH", "CAS", "2"), "2"),
        (("No Charge", "NOC", "No", "3"), "3"),
        (("Dispute", "DIS", "Dis", "4.0"), "4"),
        (("UNK", "5"), "5"),
        (("Voided trip", "6"), "6"),
        (("0", "0.0"), "0"),
        (("",), ""),
    ],
)
def test_payments_in_words(tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    records = [TRIP_2016.replace(",2,7.5,", f",{word},7.5,") for word in words]
    done = one(tmp_path, "words.csv", "\n".join([YELLOW_2016, *records]))
    assert {line.split("|")[8] for line in loaded(done)} == {code}
    assert not done.warning_count


def test_an_unknown_payment_is_reported_and_left_to_the_warehouse(tmp_path: Path) -> None:
    done = one(tmp_path, "words.csv", "\n".join([YELLOW_2016, TRIP_2016.replace(",2,7.5,", ",Barter,7.5,")]))
    assert loaded(done) == [ROW_2016.replace("|2|2", "|Barter|2")]
    assert [str(warning) for warning in done.warnings] == [
        "words.csv line 2 (record 1): payment_type is 'Barter': not a SMALLINT"
    ]


def test_a_record_with_a_wrong_number_of_fields_keeps_its_place(tmp_path: Path) -> None:
    """Two records that were joined: reported with their line, and rejected at that line of the converted file."""
    glued = TRIP_2016[:-3] + "," + TRIP_2016
    done = one(tmp_path, "glued.csv", "\r\n".join([YELLOW_2016, "", TRIP_2016, TRIP_2016, glued, TRIP_2016]))
    lines = loaded(done)
    assert lines == [ROW_2016, ROW_2016, glued.replace(",", "|"), ROW_2016]
    (warning,) = done.warnings
    assert (warning.record, warning.line) == (3, 5)
    assert str(warning) == "glued.csv line 5 (record 3): 38 fields where the header has 19"
    assert done.warning_count == 1


@pytest.mark.parametrize("fields", range(1, 30))
def test_no_record_of_another_width_can_be_taken_for_a_trip(tmp_path: Path, fields: int) -> None:
    texts = [*ROW_2016.split("|"), *[""] * 20][:fields]
    done = one(tmp_path, "width.csv", "\n".join([YELLOW_2016, TRIP_2016, ",".join(texts) if fields > 1 else "x"]))
    if fields != 19:
        assert done.warning_count == 1
        assert not copy_would_load(loaded(done)[1])
        assert loaded(done)[0] == ROW_2016


@pytest.mark.parametrize("nasty", ["a|b", "|", "a|", "1\n2", "1\r2", "\0", "\x1a", "\t"])
@pytest.mark.parametrize("place", [0, 1, 3, 4, 11, 18])
def test_a_value_that_cannot_stand_in_a_row_fails_the_load(tmp_path: Path, nasty: str, place: int) -> None:
    texts = TRIP_2016.split(",")
    texts[place] = f'"{nasty}"'
    done = one(tmp_path, "nasty.csv", "\n".join([YELLOW_2016, TRIP_2016, ",".join(texts), TRIP_2016]))
    first, second, third = loaded(done)
    assert first == third == ROW_2016
    assert not copy_would_load(second)
    assert [warning.record for warning in done.warnings] == [2]


def test_a_forgotten_quote_hides_no_record(tmp_path: Path) -> None:
    """Two stray quotes in a column that is not even loaded, and the records between them would be gone unseen."""
    stray = TRIP_2016.replace(",N,", ',"N,')
    end = TRIP_2016.replace(",N,", ',N",')
    done = one(tmp_path, "quote.csv", "\n".join([YELLOW_2016, TRIP_2016, stray, TRIP_2016, end, TRIP_2016]))
    lines = loaded(done)
    assert len(lines) == 3
    assert not copy_would_load(lines[1])
    assert str(done.warnings[0]).startswith("quote.csv line 3 (record 2): ")

    with pytest.raises(DataError, match=r"long\.csv line 2: not CSV: .*Is a quote missing"):
        one(tmp_path, "long.csv", "\n".join([YELLOW_2016, stray, *[TRIP_2016] * 2000]))


def test_bytes_that_are_no_utf8_go_to_the_warehouse_as_they_are(tmp_path: Path) -> None:
    data = "\n".join([YELLOW_2016, TRIP_2016.replace("2,2016", "Müller,2016", 1)]).encode("latin-1")
    done = one(tmp_path, "latin.csv", data)
    with gzip.open(done.path) as file:
        assert file.read() == ROW_2016.removesuffix("2").encode() + "Müller\n".encode("latin-1")
    assert "not UTF-8" in str(done.warnings[0])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2016-01-01 00:00:00", "01/01/2016 12:00:00 AM", "pickup_date is '01/01/2016': not a date"),
        ("2016-01-01 00:09:00", "2016-02-30 00:09:00", "dropoff_datetime is '2016-02-30 00:09:00': not a time"),
        ("2016-01-01 00:09:00", "2016-01-01 24:09:00", "dropoff_datetime is '2016-01-01 24:09:00': not a time"),
        (",1.10,", ",one,", "trip_distance is 'one': not a number"),
        (",7.5,", ",$7.5,", "fare_amount is '$7.5': not a number"),
        (",2,1.10", ",40000,1.10", "passenger_count is '40000': not a SMALLINT"),
        (",2,1.10", ",1.5,1.10", "passenger_count is '1.5': not a SMALLINT"),
        ("2,2016", "Creative Mobile Technologies,2016", "longer than 20 bytes"),
    ],
)
def test_odd_values_are_reported_and_written_as_they_are(tmp_path: Path, old: str, new: str, message: str) -> None:
    done = one(tmp_path, "odd.csv", "\n".join([YELLOW_2016, TRIP_2016.replace(old, new, 1)]))
    assert message in str(done.warnings[0])
    assert str(done.warnings[0]).startswith("odd.csv line 2 (record 1): ")
    assert new.split(",2016")[0].strip(",").removesuffix(",1.10") in loaded(done)[0].split("|")


@pytest.mark.parametrize(
    ("old", "new"), [(",7.5,", ",-7.5,"), (",7.5,", ",,"), (",1.10,", ",1e-05,"), (",1.10,", ",.0,"), ("2,2", ",2")]
)
def test_what_only_looks_odd_is_not_reported(tmp_path: Path, old: str, new: str) -> None:
    done = one(tmp_path, "fine.csv", "\n".join([YELLOW_2016, TRIP_2016.replace(old, new, 1)]))
    assert not done.warning_count
    assert new.strip(",2") in loaded(done)[0].split("|")


def test_many_wrong_records_are_counted_and_some_kept(tmp_path: Path) -> None:
    done = one(tmp_path, "many.csv", "\n".join([YELLOW_2016, *["x"] * 5000]))
    assert done.warning_count == done.rows == 5000
    assert len(done.warnings) == 100


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300) | st.text('"|,\n\r\0 1.-:ü', max_size=120).map(str.encode))
def test_no_bytes_at_all_break_one_line_for_one_record(tmp_path: Path, data: bytes) -> None:
    """Whatever stands below the header: an error that names the file, or rows of which none is a trip by accident."""
    try:
        done = one(tmp_path, "any.csv", YELLOW_2016.encode() + b"\n" + data + b"\n" + TRIP_2016.encode() + b"\n")
    except DataError as error:
        assert "any.csv" in str(error)  # noqa: PT017 - both ways out are right
        return
    lines = loaded(done)
    assert [n for n, line in enumerate(lines, 1) if not copy_would_load(line)] == [
        warning.record for warning in done.warnings if not copy_would_load(lines[warning.record - 1])
    ]


@pytest.mark.parametrize(("content", "rows"), [("1|2\n3|4\n", 2), ("no line end", 1), ("\n\n", 2), ("ü|\x00\r\n5", 2)])
@pytest.mark.parametrize("suffix", [".psv", ".psv.gz"])
def test_psv_is_passed_on_untouched(tmp_path: Path, content: str, rows: int, suffix: str) -> None:
    data = gzip.compress(content.encode()) if suffix == ".psv.gz" else content.encode()
    done = one(tmp_path, "own" + suffix, data)
    assert done.path.name == "own.psv.gz"
    with gzip.open(done.path) as file:
        assert file.read() == content.encode()
    assert done.rows == rows
    if suffix == ".psv.gz":
        assert done.path.read_bytes() == data


def test_large_psv_is_counted_across_blocks(tmp_path: Path) -> None:
    done = one(tmp_path, "large.psv", (ROW_2016 + "\n") * 40_000)
    assert done.rows == 40_000
    assert len(loaded(done)) == 40_000


def test_converted_bytes_depend_on_nothing_but_the_source(tmp_path: Path) -> None:
    first = one(tmp_path, "same.csv", f"{YELLOW_2016}\n{TRIP_2016}\n").path.read_bytes()
    os.utime(tmp_path / "same.csv", (0, 0))
    (again,) = convert([tmp_path / "same.csv"], tmp_path / "elsewhere")
    assert again.path.read_bytes() == first


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.txt", b"1", "this type of file is not supported. Supported: .psv .psv.gz .csv .csv.gz .parquet"),
        (".csv", b"1", "this type of file is not supported"),
        ("x.csv", b"", "is empty"),
        ("x.psv", b"", "is empty"),
        ("x.psv.gz", gzip.compress(b"", mtime=0), "is empty"),
        ("x.csv", b"\n\n", "is empty"),
        ("x.csv", YELLOW_2016.encode(), "has no trips, only a header"),
        ("x.csv", b"\xff\xfeV\0e\0", "is UTF-16. Save it as UTF-8."),
        ("x.csv.gz", b"VendorID,", "not a complete gzip file"),
        ("x.csv.gz", gzip.compress(TRIP_2016.encode() * 999, mtime=0)[:60], "not a complete gzip file"),
        ("x.psv.gz", gzip.compress(random.Random(1).randbytes(999), mtime=0)[:-20], "not a complete gzip file"),  # noqa: S311
        ("x.csv", TRIP_2016.encode(), "columns are missing: pickup_datetime (tpep_pickup_datetime or lpep_"),
        (
            "x.csv",
            YELLOW_2016.replace("fare_amount,", "").encode(),
            "columns are missing: fare_amount (fare_amount or",
        ),
        ("x.csv", YELLOW_2016.replace("fare_amount,", "").encode(), "Found: VendorID, tpep_pickup_datetime, "),
        ("x.csv", (YELLOW_2016 + ",vendor_name").encode(), "more than one column for vendorid: VendorID, vendor_name"),
        ("x.parquet", b"PAR1", "not Parquet"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError) as error:
        convert([tmp_path / name], tmp_path / "out")
    assert message in str(error.value)
    assert str(tmp_path / name) in str(error.value)
    assert not list(tmp_path.glob("out/*"))


def test_places_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.csv: no such file"):
        convert([tmp_path / "gone.csv"], tmp_path / "out")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match=r"folder\.csv: not a file"):
        convert([tmp_path / "folder.csv"], tmp_path / "out")
    source = tmp_path / "here.psv.gz"
    source.write_bytes(gzip.compress(b"1\n"))
    with pytest.raises(DataError, match="is in the folder of the converted files"):
        convert([source], tmp_path)
    assert gzip.decompress(source.read_bytes()) == b"1\n"


@pytest.mark.parametrize("second", ["x.psv.gz", "X.parquet", "x.csv.gz", "deep/x.csv", "x.csv"])
def test_two_files_of_one_name(tmp_path: Path, second: str) -> None:
    (tmp_path / "deep").mkdir()
    for name in ("x.csv", second):
        (tmp_path / name).write_bytes(b"1")
    with pytest.raises(DataError, match="would both become") as error:
        convert([tmp_path / "x.csv", tmp_path / second], tmp_path / "out")
    assert str(tmp_path / second) in str(error.value)


def taxi_data() -> Path:
    if not os.environ.get("TAXI_DATA"):
        pytest.skip("TAXI_DATA does not name a folder with real trips")
    return Path(os.environ["TAXI_DATA"])


def test_the_published_file_gives_exactly_its_rows(tmp_path: Path) -> None:
    folder = taxi_data()
    (done,) = convert([folder / "raw" / "yellow_tripdata_2016-01.csv"], tmp_path)
    with gzip.open(folder / "yellow_tripdata_2016-01.psv.gz") as file:
        assert "\n".join([*loaded(done), ""]).encode() == file.read()
    assert (done.rows, done.warning_count) == (1_999, 0)


def test_the_published_malformed_record_is_reported(tmp_path: Path) -> None:
    (done,) = convert([taxi_data() / "raw" / "malformed_row_2015-01.csv"], tmp_path)
    assert [str(warning) for warning in done.warnings] == [
        "malformed_row_2015-01.csv line 4 (record 3): 27 fields where the header has 19"
    ]
    lines = loaded(done)
    assert [copy_would_load(line) for line in lines] == [True, True, False, True, True]
    assert len(lines[2].split("|")) == 27


def test_real_trips_have_no_warnings(tmp_path: Path) -> None:
    """The samples have empty fields, negative fares and distances without a zero, and the warehouse takes them all."""
    paths = sorted(taxi_data().glob("*.psv.gz"))
    done = convert(paths, tmp_path)
    assert sum(each.rows for each in done) == 22_232
    for path, each in zip(paths, done, strict=True):
        assert each.path.read_bytes() == path.read_bytes()
        assert all(problem_of(line.split("|")) is None for line in loaded(each))
