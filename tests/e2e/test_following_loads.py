"""An event starts a load with a value of its own, and another load follows: the test calls nothing on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.cloud import Cloud, Letter, until
from tests.e2e.pipeline import Pipeline


@pytest.fixture(autouse=True, scope="module")
def _objects(cloud: Cloud, pipeline: Pipeline) -> Iterator[None]:
    cloud.query("CREATE TABLE public.recounted (day VARCHAR(20), kind VARCHAR(20))")
    cloud.query("CREATE TABLE public.mart (day VARCHAR(20))")
    cloud.query(
        "CREATE PROCEDURE public.recount(a VARCHAR(20), b VARCHAR(20)) AS $$ BEGIN "
        "INSERT INTO public.recounted VALUES (a, b); END; $$ LANGUAGE plpgsql"
    )
    yield
    cloud.query("DROP PROCEDURE public.recount(VARCHAR(20), VARCHAR(20))")
    cloud.query("DROP TABLE public.recounted")
    cloud.query("DROP TABLE public.mart")


def put(cloud: Cloud, detail: dict[str, Any]) -> str:
    """Puts an event of another tool, and returns its id."""
    entry = {"Source": "relay-test.dbt", "DetailType": "done", "Detail": json.dumps(detail)}
    return str(cloud.client("events").put_events(Entries=[entry])["Entries"][0]["EventId"])


def letter_about(cloud: Cloud, subject: str, number: int) -> Letter:
    """The letter with this subject, the first of which is number 1."""
    found = lambda: [one for one in cloud.letters() if one.subject == f"[relay-test] {subject}"][number - 1 :]  # noqa: E731
    return until(found, f"letter {number}: {subject}")[0]


def test_an_event_starts_a_load_and_another_one_follows(pipeline: Pipeline, cloud: Cloud) -> None:
    event = put(cloud, {"days": ["2026-01-31"]})
    name = pipeline.load_name("recount", f"dbt-{event}")
    assert cloud.letter(name).subject == "[relay-test] recount: the data is ready"
    letter_about(cloud, "mart: the data is ready", 1)
    assert cloud.query("SELECT * FROM public.recounted") == [{"day": "2026-01-31", "kind": "daily"}]
    assert cloud.query("SELECT * FROM public.mart") == [{"day": "2026-01-31"}]


def test_an_event_that_lacks_the_value_is_told_with_load_and_field(pipeline: Pipeline, cloud: Cloud) -> None:
    put(cloud, {"days": []})
    letter = letter_about(cloud, "recount: the load was not started", 1)
    assert "events.dbt.day" in letter.body


def test_a_load_that_fails_is_followed_by_nothing(pipeline: Pipeline, cloud: Cloud) -> None:
    before = len(pipeline.statements(f"{pipeline.prefix}/load/mart/"))
    put(cloud, {"days": ["x" * 30]})
    letter_about(cloud, "recount: the load failed", 1)
    assert pipeline.invoke("scheduler", {"action": "sweep"})["ended"] == 0
    assert len(pipeline.statements(f"{pipeline.prefix}/load/mart/")) == before
