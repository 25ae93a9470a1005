"""Messages: a letter that a person likes to read, within the rules of SNS, and without secrets."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifier.message import (
    NOT_STARTED,
    Announcement,
    LoadError,
    Message,
    duration,
    from_announcement,
    from_text,
    subject_line,
)

SNS_LIMIT = 262_144
LOAD = Announcement(
    name_prefix="taxi",
    title="nightly",
    state="FINISHED",
    statement_name="taxi/load/nightly/2024-05-01T03:00:00Z",
    statement_id="dd2e1ec9-2ee3-49a0-819f-905fa7d75a4a",
    sql="-- the nightly load\nCALL public.execute_elt_process()",
    started_at=datetime(2024, 5, 1, 3, 0, 4, tzinfo=UTC),
    ended_at=datetime(2024, 5, 1, 3, 6, 10, tzinfo=UTC),
    duration_seconds=365.8,
)
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
    "aborted": replace(LOAD, state="ABORTED", error="Query cancelled on user's request"),
    "not_started": Announcement(
        name_prefix="taxi",
        title="nightly",
        state=NOT_STARTED,
        statement_name=LOAD.statement_name,
        sql="CALL public.execute_elt_process()",
        error="taxi/load/hourly/2024-05-01T02:00:00Z has not ended yet (statement 5f2c1f4e-0000-4000-8000-000000000)",
    ),
    "foreign": Announcement(
        name_prefix="taxi",
        title="dbt.daily_revenue",
        state="FAILED",
        statement_name="dbt.daily_revenue",
        ours=False,
        statement_id=LOAD.statement_id,
    ),
    "foreign_nameless": Announcement(
        name_prefix="taxi",
        title=LOAD.statement_id,
        state="FINISHED",
        statement_name="",
        ours=False,
        statement_id=LOAD.statement_id,
    ),
}


def texts(message: Message) -> dict[str, str]:
    parsed: dict[str, str] = json.loads(message.structure)
    return parsed


def within_the_rules_of_sns(message: Message) -> None:
    """Publish, PublishInput and MessageAttributeValue of the sns service model."""
    assert 0 < len(message.subject) < 100
    assert message.subject.isascii()
    assert message.subject.isprintable()
    assert message.subject[0] != " "
    size = len(message.structure.encode()) + sum(
        len(key.encode()) + len("String") + len(value.encode()) for key, value in message.attributes.items()
    )
    assert size <= SNS_LIMIT
    parsed = json.loads(message.structure)
    assert isinstance(parsed["default"], str)
    assert all(isinstance(text, str) and text for text in parsed.values())
    assert all(value.isprintable() for value in message.attributes.values())
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
    assert facts["headline"] == "nightly: the load failed"
    assert facts["sql"] == "CALL public.execute_elt_process()"
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
    assert from_announcement(LOAD).attributes == {"name_prefix": "taxi", "title": "nightly", "state": "FINISHED"}
    assert from_text("taxi", "a", "b").attributes == {"name_prefix": "taxi", "state": "NOTE"}


@pytest.mark.parametrize("where", ["sql", "error"])
def test_secrets_are_in_no_text(where: str) -> None:
    secret = "COPY t CREDENTIALS 'aws_access_key_id=AKIA;\naws_secret_access_key=wJalr''XUtn' PASSWORD 'hunter2'"
    message = from_announcement(replace(LOAD, state="FAILED", **{where: secret}))  # type: ignore[arg-type]
    for part in ("AKIA", "wJalr", "XUtn", "hunter2"):
        assert part not in message.structure
    assert "***" in message.structure


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


@given(
    st.builds(
        Announcement,
        name_prefix=st.text(min_size=1, max_size=64),
        title=st.text(st.characters(), max_size=300),
        state=st.sampled_from(["FINISHED", "FAILED", "ABORTED", NOT_STARTED]),
        statement_name=st.text(max_size=500),
        ours=st.booleans(),
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
    message = from_announcement(Announcement("taxi", "dbt", "FAILED", "dbt", ours=False, statement_id="x"))
    facts = json.loads(json.loads(message.structure)["sqs"])
    unknown = ("sql", "error", "started_at", "ended_at", "duration_seconds", "rows")
    assert {name: facts[name] for name in unknown} == dict.fromkeys(unknown)


def test_a_statement_name_with_line_breaks_stays_one_line() -> None:
    name = "dbt\r\nWhy:\n  all is well\u2028Statement: x"
    message = from_announcement(Announcement("taxi", name, "FAILED", name, ours=False, statement_id="x", error="no"))
    lines = json.loads(message.structure)["email"].splitlines()
    assert lines[0] == "dbt Why: all is well Statement: x: failed."
    assert lines[-1] == "Name:      dbt Why: all is well Statement: x"
    assert lines.count("Why:") == 1
    assert json.loads(json.loads(message.structure)["sqs"])["statement_name"] == name
