"""The root module with its gateway: whatever way a load ends, pages that watch get what it left in the table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from redshift_relay.gateway_client import Answer, GatewayClient
from tests.e2e.cloud import Cloud
from tests.e2e.locks import read, view_of_somebody_else, wait_in_line
from tests.e2e.lost_events import lost_load, only_by_hand, sweep
from tests.e2e.pipeline import CALL, GOOD_ROW, VIEW, Pipeline, trips
from tests.unit.websocket_gateway.asyncapi import CheckedSocket

ONE_TRIP = {"one.psv.gz": trips(GOOD_ROW)}


@pytest.fixture
def watching(pipeline: Pipeline, gateway_outputs: dict[str, Any]) -> Iterator[Iterator[Answer]]:
    """The answers that a live page gets, of which the first, of many trips, is there already."""
    try:
        with GatewayClient.connect(gateway_outputs["websocket_url"]) as gateway:
            gateway.socket = CheckedSocket(gateway.socket)  # type: ignore[assignment]
            answers = gateway.ask("daily_trips", {"month": "2015-01"}, live=True, timeout=60)
            assert len(next(answers).rows) > 1
            yield answers
    finally:
        assert "the data is ready" in pipeline.load().subject


@contextmanager
def loading(pipeline: Pipeline) -> Iterator[str]:
    """A load of one trip, begun; its statement."""
    with pipeline.data(ONE_TRIP):
        answer = pipeline.invoke("scheduler", {"action": "execute_sql", "load": "by_test", "sql": CALL})
        yield answer["statement_id"]


def has_one_trip(answer: Answer) -> bool:
    return [(row["trip_date"], row["trips"]) for row in answer.as_dicts()] == [("2015-01-05", 1)]


def test_live_pages_get_the_trips_of_a_load_whose_refresh_failed(
    pipeline: Pipeline, cloud: Cloud, watching: Iterator[Answer]
) -> None:
    with view_of_somebody_else(cloud), loading(pipeline) as statement:
        assert "the load failed" in cloud.letter(statement).subject
        assert has_one_trip(next(watching))


def test_live_pages_get_the_trips_of_a_load_that_is_cancelled_after_its_commit(
    pipeline: Pipeline, cloud: Cloud, watching: Iterator[Answer]
) -> None:
    with read(cloud, VIEW), loading(pipeline) as statement:
        wait_in_line(cloud, 1)  # the refresh
        pipeline.cancel(statement)
        assert "the load was cancelled" in cloud.letter(statement).subject
        assert has_one_trip(next(watching))


def test_live_pages_hear_of_a_load_whose_event_is_lost_with_the_sweep(
    pipeline: Pipeline, cloud: Cloud, watching: Iterator[Answer]
) -> None:
    with only_by_hand(pipeline), pipeline.data(ONE_TRIP):
        lost_load(pipeline)
        sweep(pipeline)
        assert has_one_trip(next(watching))
