"""Loads whose end nobody hears of: what the sweep is for."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from tests.e2e.cloud import until
from tests.e2e.pipeline import Pipeline

PAST_GRACE_SECONDS = 180
"""More than the two minutes for which the sweep leaves a statement to its event."""


def lost_load(pipeline: Pipeline) -> tuple[str, str]:
    """Name and statement of a load that has ended, and whose event was lost."""
    cloud = pipeline.cloud
    before = cloud.switch("events", "GET")["published"]
    with cloud.events("drop"):
        name = pipeline.start()
        statement = pipeline.statement_id(name)
        until(lambda: cloud.switch("events", "GET")["published"] > before, f"the end of {name}")
    return name, statement


def sweep(pipeline: Pipeline) -> dict[str, dict[str, Any]]:
    """{statement: what the sweep did}."""
    answer = pipeline.invoke("notifier", {"action": "sweep"})
    return {one["statement_id"]: one for one in answer["swept"]}


def long_ago(pipeline: Pipeline, statement: str) -> None:
    """The statement ended so long ago that its event will not come any more."""
    pipeline.cloud.switch("age", id=statement, seconds=PAST_GRACE_SECONDS)


def sweep_schedule(pipeline: Pipeline, **changes: str) -> AbstractContextManager[None]:
    """Terraform's own schedule of the sweep, changed meanwhile."""
    return pipeline.cloud.schedule(pipeline.outputs["sweep_schedule_name"], **changes)


def only_by_hand(pipeline: Pipeline) -> Any:
    """The sweep does not come by itself meanwhile, in the very moment in which a test looks."""
    return sweep_schedule(pipeline, State="DISABLED")
