"""Metrics in CloudWatch's embedded metric format: a line on standard output, which costs no call and no permission.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

NAMESPACE = "RedshiftRelay"
DIMENSION = "NamePrefix"
MAX_VALUES = 100
"""Values of one metric in one line (specification, Target members)."""
UNITS = {
    "StatementTime": "Seconds",
    "EventLag": "Seconds",
    "DeliveryTime": "Seconds",
    "Clients": "Count",
    "Bytes": "Bytes",
    "Questions": "Count",
    "CacheHits": "Count",
    "Throttles": "Count",
    "Backlog": "Count",
}
"""Every metric with its unit (CloudWatch's API, MetricDatum)."""


class Metrics:
    """What one invocation measures. Safe to use from any thread; written as a line when the invocation ends."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._sums: dict[str, float] = {}
        self._values: dict[str, list[float]] = {}

    def add(self, name: str, value: float = 1) -> None:
        """Adds to a sum, which the invocation reports as one value."""
        with self._lock:
            self._sums[name] = self._sums.get(name, 0) + value

    def record(self, name: str, value: float) -> None:
        """Records one value of its own; the lowest, highest and average of them count."""
        with self._lock:
            values = self._values.setdefault(name, [])
            if len(values) < MAX_VALUES:
                values.append(round(value, 3))

    @contextmanager
    def written(self, name_prefix: str) -> Iterator[None]:
        """Writes at the end of an invocation what it measured, whether it succeeded or not."""
        self._take()  # what an invocation left that Lambda has ended
        try:
            yield
        finally:
            self._write(name_prefix)

    def _write(self, name_prefix: str) -> None:
        found = self._take()
        if not found:
            return
        directive = {
            "Namespace": NAMESPACE,
            "Dimensions": [[DIMENSION]],
            "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in found],
        }
        root = {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [directive]}
        print(json.dumps({"_aws": root, DIMENSION: name_prefix} | found), file=sys.stdout, flush=True)

    def _take(self) -> dict[str, float | list[float]]:
        with self._lock:
            found: dict[str, float | list[float]] = {**self._sums, **self._values}
            self._sums, self._values = {}, {}
        return found


metrics = Metrics()
"""Of the invocation that runs: Lambda gives a process one at a time."""
