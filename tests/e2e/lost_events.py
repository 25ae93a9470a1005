"""Loads whose end nobody hears of: what the scheduler's sweep is for."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from tests.e2e.cloud import until
from tests.e2e.pipeline import Pipeline


def lost_load(pipeline: Pipeline, **more: str) -> tuple[str, str]:
    """Name and statement of a load that has ended, and whose event was lost."""
    cloud = pipeline.cloud
    before = cloud.switch("events", "GET")["published"]
    with cloud.events("drop"):
        name = pipeline.start(**more)
        statement = pipeline.statement_id(name)
        until(lambda: cloud.switch("events", "GET")["published"] > before, f"the end of {name}")
    return name, statement


def sweep(pipeline: Pipeline) -> dict[str, Any]:
    """What the sweep says: how many lanes it has looked after, and how many ends it has worked off."""
    answer: dict[str, Any] = pipeline.invoke("scheduler", {"action": "sweep"})
    return answer


def sweep_schedule(pipeline: Pipeline, **changes: str) -> AbstractContextManager[None]:
    """Terraform's own schedule of the sweep, changed meanwhile."""
    return pipeline.cloud.schedule(pipeline.outputs["sweep_schedule_name"], **changes)


def only_by_hand(pipeline: Pipeline) -> Any:
    """The sweep does not come by itself meanwhile, in the very moment in which a test looks."""
    return sweep_schedule(pipeline, State="DISABLED")
