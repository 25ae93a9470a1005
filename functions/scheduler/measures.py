"""Measures what the alarms of loads watch, once in every sweep: waits, and the time since a load finished.

A metric is a log line in CloudWatch's embedded metric format, which Logs turns into metrics; no call is needed.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import sys
import time
from datetime import UTC, datetime

from scheduler.loads.definition import Definition
from scheduler.state.store import Store, now

NAMESPACE = "RedshiftRelay"
DIMENSIONS = ("NamePrefix", "Load")
WAITED = "WaitedMinutes"
"""Minutes since the oldest waiting request of a load was made; 0 if none waits."""
SINCE_FINISHED = "HoursSinceFinished"
"""Hours since a load finished, or since it was first expected to: a time without any data is measured as well."""


class Measures:
    """Writes metrics of the loads that have an alarm; modules/scheduler/alarms.tf has the same names."""

    def __init__(self, store: Store, name_prefix: str) -> None:
        self._store = store
        self._name_prefix = name_prefix

    def take(self) -> None:
        """Writes one line for each load that has an alarm."""
        watched = [one for one in self._store.definitions() if one.warn_after_minutes or one.expected_every_hours]
        if not watched:
            return
        oldest = self._oldest_waiting()
        for definition in watched:
            metrics = {}
            if definition.warn_after_minutes:
                since = oldest.get(definition.name)
                metrics[WAITED] = _seconds_since(since) / 60 if since else 0.0
            if definition.expected_every_hours:
                metrics[SINCE_FINISHED] = _seconds_since(self._finished(definition)) / 3600
            self._write(definition.name, metrics)

    def _oldest_waiting(self) -> dict[str, str]:
        """Load => when its first request in the queue of a lane was made. A queue is in the order of asking."""
        first: dict[str, str] = {}
        for lane in self._store.lanes():
            for load, occurrence in self._store.queue(lane.name):
                if load not in first and (found := self._store.occurrence(load, occurrence)):
                    first[load] = found.requested_at
        return first

    def _finished(self, definition: Definition) -> str:
        state = self._store.load(definition.name)
        since = state.finished_at or state.watched_since
        if since is None:
            since = now()
            self._store.watch(definition.name, since)
        return since

    def _write(self, load: str, metrics: dict[str, float]) -> None:
        line = {
            "_aws": {
                "Timestamp": round(time.time() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": NAMESPACE,
                        "Dimensions": [list(DIMENSIONS)],
                        "Metrics": [{"Name": name} for name in metrics],
                    }
                ],
            },
            "NamePrefix": self._name_prefix,
            "Load": load,
        }
        # Not by log(): the level of the log must not decide on alarms.
        print(
            json.dumps(line | {name: round(value, 3) for name, value in metrics.items()}), file=sys.stdout, flush=True
        )


def _seconds_since(moment: str) -> float:
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds())
