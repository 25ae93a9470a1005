"""Messages: a letter that a person likes to read, within the rules of SNS, and without secrets."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifier.announcement import NOT_STARTED, Announcement, Files, LoadError, LoadRun, StartedBy
from notifier.facts import duration, size
from notifier.message import Message, from_announcement, from_text, subject_line

SNS_LIMIT = 262_144
RUN = LoadRun(
    load="trips",
    occurrence="2024-05-01T03:00:00Z",
    started_by=StartedBy("schedule", "nightly"),
    attempts=3,
    scheduled_time=datetime(2024, 5, 1, 3, 0, 0, tzinfo=UTC),
    requested_at=datetime(2024, 5, 1, 3, 0, 1, tzinfo=UTC),
    waited_seconds=3.0,
)
LOAD = Announcement(
    name_prefix="taxi",
    title="trips",
    state="FINISHED",
    statement_name="taxi/load/trips/2024-05-01T03:00:00Z",
    sql="CALL execute_elt_process()",
    run=RUN,
    statement_id="dd2e1ec9-2ee3-49a0-819f-905fa7d75a4a",
    started_at=datetime(2024, 5, 1, 3, 0, 4, tzinfo=UTC),
    ended_at=datetime(2024, 5, 1, 3, 6, 10, tzinfo=UTC),
    duration_seconds=365.8,
)
ORDERS = replace(RUN, load="orders", started_by=StartedBy("files", None), scheduled_time=None, waited_seconds=4000.0)
FILES = Files(12, 3_400_000, "s3://landing/manifests/orders/01.json", ("s3://landing/orders/bad.csv",))
BARE = (
    "ERROR: Load into table 'nyc_yellow_taxi_staging' failed. Check 'sys_load_error_detail' system table for details."
)
ERRORS = (
    LoadError("s3://trips/2015/01.psv.gz", 4711, "trip_distance", "Invalid digit, Value 'x', Pos 0, Type: Float", 1207),
    LoadError("s3://trips/2015/02.psv", 1, "", "Extra column(s) found", 1202),
)
FAILED = replace(LOAD, state="FAILED", error=BARE)
NEWS = {
    "finished": replace(LOAD, rows=22_232),
    "failed": replace(LOAD, state="FAILED", error="ERROR: no trips in the files\n  Where: PL/pgSQL function line 9"),
    "failed_load_errors": replace(FAILED, load_errors=ERRORS),
    "failed_without_details": FAILED,
    "failed_often": replace(FAILED, run=replace(RUN, attempt=3, failures=4)),
    "aborted": replace(LOAD, state="ABORTED", error="Query cancelled on user's request"),
    "recovered": replace(LOAD, run=replace(RUN, recovered=True, failures=2, attempt=2, follows=("mart", "report"))),
    "files": replace(LOAD, title="orders", rows=1_234_567, run=replace(ORDERS, files=FILES, follows=("mart",))),
    "after": replace(LOAD, title="mart", run=replace(ORDERS, load="mart", started_by=StartedBy("after", "orders"))),
    "not_started": Announcement(
        name_prefix="taxi",
        title="recount",
        state=NOT_STARTED,
        statement_name="",
        run=LoadRun("recount", "e-1", StartedBy("event", "dbt"), field="events.dbt.parameters.day"),
        error="the event has nothing at $.detail.day",
        ended_at=datetime(2024, 5, 1, 3, 0, 1, tzinfo=UTC),
    ),
    "foreign": Announcement(
        name_prefix="taxi",
        title="dbt.daily_revenue",
        state="FAILED",
        statement_name="dbt.daily_revenue",
        statement_id=LOAD.statement_id,
    ),
    "foreign_nameless": Announcement(
        name_prefix="taxi",
        title=LOAD.statement_id,
        state="FINISHED",
        statement_name="",
        statement_id=LOAD.statement_id,
    ),
}


def texts(message: Message) -> dict[str, str]:
    parsed: dict[str, str] = json.loads(message.text)
    return parsed


def within_the_rules_of_sns(message: Message) -> None:
    """Publish, PublishInput and MessageAttributeValue of the sns service model."""
    assert 0 < len(message.subject) < 100
    assert message.subject.isascii()
    assert message.subject.isprintable()
    assert message.subject[0] != " "
    size = len(message.text.encode()) + sum(
        len(key.encode()) + len("String") + len(str(value).encode()) for key, value in message.attributes.items()
    )
    assert size <= SNS_LIMIT
    parsed = json.loads(message.text)
    assert isinstance(parsed["default"], str)
    assert all(isinstance(text, str) and text for text in parsed.values())
    assert all(str(value).isprintable() for value in message.attributes.values())
    for protocol in ("sqs", "lambda", "http", "https", "firehose", "email-json"):
        assert isinstance(json.loads(parsed[protocol]), dict)


@pytest.mark.parametrize("what", NEWS)
def test_a_letter_that_a_person_likes_to_read(what: str, snapshot: Callable[[str, str], None]) -> None:
    message = from_announcement(NEWS[what])
    within_the_rules_of_sns(message)
    parsed = texts(message)
    assert parsed["default"] == parsed["email"]
    assert len(parsed["sms"]) <= 140
    snapshot(what, f"Subject: {message.subject}\nSMS: {parsed['sms']}\n\n{parsed['email']}")


def test_somebody_s_own_words(snapshot: Callable[[str, str], None]) -> None:
    message = from_text("taxi", "Café: the source is late", "The vendor delivers at noon.\n\nNothing to do.\n")
    within_the_rules_of_sns(message)
    parsed = texts(message)
    assert parsed["email"] == "The vendor delivers at noon.\n\nNothing to do.\n"
    snapshot("notify", f"Subject: {message.subject}\nSMS: {parsed['sms']}\n\n{parsed['email']}")


def test_what_a_queue_gets() -> None:
    facts = json.loads(texts(from_announcement(NEWS["failed_load_errors"]))["sqs"])
    assert facts["headline"] == "trips: the load failed"
    assert facts["started_by"] == {"kind": "schedule", "name": "nightly"}
    assert (facts["state"], facts["statement_id"]) == ("FAILED", LOAD.statement_id)
    assert (facts["started_at"], facts["ended_at"]) == ("2024-05-01T03:00:04+00:00", "2024-05-01T03:06:10+00:00")
    assert facts["load_errors"][0] == {
        "file": "s3://trips/2015/01.psv.gz",
        "line": 4711,
        "column": "trip_distance",
        "reason": "Invalid digit, Value 'x', Pos 0, Type: Float",
        "code": 1207,
    }


def test_attributes_are_for_filters() -> None:
    statement = from_announcement(replace(LOAD, run=None)).attributes
    assert statement == {"name_prefix": "taxi", "title": "trips", "state": "FINISHED"}
    assert from_announcement(LOAD).attributes == statement | {"load": "trips", "attempt": 1, "recovered": "false"}
    assert from_text("taxi", "a", "b").attributes == {"name_prefix": "taxi", "state": "NOTE"}


@pytest.mark.parametrize("where", ["sql", "error"])
def test_secrets_are_in_no_text(where: str) -> None:
    secret = "COPY t CREDENTIALS 'aws_access_key_id=AKIA;\naws_secret_access_key=wJalr''XUtn' PASSWORD 'hunter2'"
    message = from_announcement(replace(LOAD, state="FAILED", **{where: secret}))  # type: ignore[arg-type]
    for part in ("AKIA", "wJalr", "XUtn", "hunter2"):
        assert part not in message.text
    assert "***" in message.text


# Subjects


@given(st.text(st.characters(), max_size=400))
@example("")
@example("\n\t ")
@example("日本語")
@example("\ud800")
@example("é" * 200)
@example("x" * 99)
@example("x" * 100)
@example("   a\r\nBcc: everybody@example.org")
def test_any_text_becomes_a_subject(text: str) -> None:
    line = subject_line(text)
    assert 0 < len(line) < 100
    assert line.isascii()
    assert line.isprintable()
    assert line[0] != " "


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Café au lait", "Cafe au lait"),
        ("one\ntwo", "one two"),
        ("", "Redshift Relay"),
        ("x" * 99, "x" * 99),
        ("x" * 100, "x" * 96 + "..."),
    ],
)
def test_subjects(text: str, line: str) -> None:
    assert subject_line(text) == line


# Sizes


@pytest.mark.parametrize("letter", ["x", "ä", "\u20ac", "\U0001f695", '"', "\\", "\n", "\x00", "'"])
@pytest.mark.parametrize("field", ["sql", "error", "title"])
def test_a_giant_is_cut(letter: str, field: str) -> None:
    giant = letter * (100_000 if field != "title" else 2048)
    news = replace(LOAD, state="FAILED", **{field: giant})  # type: ignore[arg-type]
    message = from_announcement(news)
    within_the_rules_of_sns(message)
    assert LOAD.statement_id in texts(message)["email"]  # the facts are not what is cut


@pytest.mark.parametrize("letter", ["x", "ä", "\U0001f695", '"', "\n"])
def test_a_giant_note_is_cut(letter: str) -> None:
    message = from_text("taxi", letter * 1024, letter * 32_000)
    within_the_rules_of_sns(message)


def test_nothing_is_cut_without_need() -> None:
    error = "ERROR: " + "x" * 20_000
    assert error in texts(from_announcement(replace(LOAD, state="FAILED", error=error)))["email"]


@pytest.mark.parametrize("letter", ["x", "ä", "\U0001f695", '"'])
def test_a_thousand_files_that_were_set_aside_are_cut(letter: str) -> None:
    names = tuple(f"s3://b/{n}/{letter * 1000}" for n in range(1000))
    message = from_announcement(replace(LOAD, run=replace(RUN, files=replace(FILES, set_aside=names))))
    within_the_rules_of_sns(message)
    lines = texts(message)["email"].splitlines()
    assert "1,000 files were set aside:" in lines
    told = [line for line in lines if line.startswith("  s3://b/")]
    assert len(told) > 0
    assert f"  and {1000 - len(told)} more" in lines


RUNS = st.builds(
    LoadRun,
    load=st.text(min_size=1, max_size=20),
    occurrence=st.text(min_size=1, max_size=64),
    started_by=st.builds(StartedBy, st.sampled_from(["schedule", "event", "files", "after", "hand"]), st.none()),
    attempt=st.integers(1, 10),
    waited_seconds=st.none() | st.floats(0, 1e6),
    field=st.none() | st.text(max_size=200),
    failures=st.integers(0),
    recovered=st.booleans(),
    files=st.none()
    | st.builds(Files, st.integers(0), st.integers(0), st.text(max_size=500), st.lists(st.text()).map(tuple)),
    follows=st.lists(st.text(max_size=20)).map(tuple),
)


@given(
    st.builds(
        Announcement,
        name_prefix=st.text(min_size=1, max_size=64),
        title=st.text(st.characters(), max_size=300),
        state=st.sampled_from(["FINISHED", "FAILED", "ABORTED"]),
        statement_name=st.text(max_size=500),
        run=st.none() | RUNS,
        statement_id=st.text(max_size=40),
        sql=st.text(max_size=500),
        error=st.text(max_size=500),
        rows=st.none() | st.integers(0),
        duration_seconds=st.floats(0, 1e6),
        load_errors=st.lists(
            st.builds(LoadError, st.text(), st.integers(0), st.text(), st.text(), st.integers(0)), max_size=5
        ).map(tuple),
    ).filter(lambda news: news.name_prefix.isprintable())
)
def test_whatever_happens_it_can_be_published(news: Announcement) -> None:
    within_the_rules_of_sns(from_announcement(news))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (3_400_000_000, "3.4 GB"),
        (12_345_678_900_000_000, "12,345.7 TB"),
    ],
)
def test_how_large_it_is(number: int, text: str) -> None:
    assert size(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (365.8, "6 min 6 s"),
        (3599.6, "1 h 0 min"),
        (7260, "2 h 1 min"),
    ],
)
def test_how_long_it_took(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_what_is_not_known_of_a_statement_is_null_in_the_queue() -> None:
    """Another role's statement cannot be described: 0 seconds, or no error, would be a statement about it."""
    message = from_announcement(Announcement("taxi", "dbt", "FAILED", "dbt", statement_id="x"))
    facts = json.loads(json.loads(message.text)["sqs"])
    unknown = ("sql", "error", "started_at", "ended_at", "duration_seconds", "rows", "load", "attempt", "files")
    assert {name: facts[name] for name in unknown} == dict.fromkeys(unknown)


def test_a_statement_name_with_line_breaks_stays_one_line() -> None:
    name = "dbt\r\nWhy:\n  all is well\u2028Statement: x"
    message = from_announcement(Announcement("taxi", name, "FAILED", name, statement_id="x", error="no"))
    lines = json.loads(message.text)["email"].splitlines()
    assert lines[0] == "dbt Why: all is well Statement: x: failed."
    assert lines[-1] == "Name:       dbt Why: all is well Statement: x"
    assert lines.count("Why:") == 1
    assert json.loads(json.loads(message.text)["sqs"])["statement_name"] == name
