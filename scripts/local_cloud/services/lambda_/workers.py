"""Workers of functions: how many there are, who waits for one, and when their log lines are complete.

One of the emulator*.py files that touch ministack's inside. Each workaround names the fault that it mends in a comment
`Fault:`.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from typing import Any

# A burst of quick calls is served by a few workers in turn; each further process would only cost memory and a start.
_QUICK_WORKERS = max(4, 2 * (os.cpu_count() or 1))
_STARTING_AT_ONCE = os.cpu_count() or 1
_MOST_WORKERS = 64
# No worker came back for so long: those at work are slow, another one is started. The more there are, the longer that
# takes, since it may be the machine that is slow.
_STALLED_SECONDS = 0.25
_PATIENCE_SECONDS = 120.0

_END_OF_LOG = "\x1eend of invocation\x1e"
_SCRIPT_END = "        _real_stdout.flush()\n\nrun()"


class Line:
    """Those who wait for a worker of one function."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.starting = 0
        self.last_change = 0.0

    def may_start(self, workers: int) -> bool:
        """Whether one more worker is worth its start."""
        if self.starting >= _STARTING_AT_ONCE or workers >= _MOST_WORKERS:
            return False
        stalled = time.monotonic() - self.last_change
        return workers < _QUICK_WORKERS or stalled > _STALLED_SECONDS * (workers - _QUICK_WORKERS + 1)


def mend_worker_pool(runtime: Any, functions: Any) -> None:
    """Fault: each concurrent call starts a process of its own, so that a thousand calls start hundreds at once.

    Instead calls wait for a worker that comes back; slow ones do not hold up the others, as further workers start.
    """
    acquire, release, spawn = runtime.acquire_worker, runtime.release_worker, runtime.Worker._spawn
    lines: dict[str, Line] = {}

    def started(worker: Any) -> None:
        line = getattr(worker, "relay_line", None)
        if line is not None and worker.relay_starting:
            with line.changed:
                worker.relay_starting = False
                line.starting -= 1
                line.last_change = time.monotonic()
                line.changed.notify()

    def acquire_worker(
        name: str, config: dict[str, Any], code: bytes, qualifier: str = "$LATEST", max_concurrency: int | None = None
    ) -> tuple[Any, str]:
        key = runtime._worker_key(name, config, qualifier)
        line = lines.setdefault(key, Line())
        deadline = time.monotonic() + _PATIENCE_SECONDS
        with line.changed:
            while True:
                workers = runtime._workers.get(key, ())
                if any(not worker.in_use for worker in workers) or line.may_start(len(workers)):
                    break
                if time.monotonic() > deadline:
                    return None, "func_cap"
                line.changed.wait(_STALLED_SECONDS)
            worker, how = acquire(name, config, code, qualifier, max_concurrency)
            if how == "spawn":
                worker.relay_line, worker.relay_starting = line, True
                line.starting += 1
        return worker, how

    def release_worker(worker: Any) -> None:
        release(worker)
        started(worker)  # when it never came to a start
        line = getattr(worker, "relay_line", None)
        if line is not None:
            with line.changed:
                line.last_change = time.monotonic()
                line.changed.notify()

    def spawn_and_tell(worker: Any) -> None:
        try:
            spawn(worker)
        finally:
            started(worker)

    functions.acquire_worker, functions.release_worker = acquire_worker, release_worker
    runtime.Worker._spawn = spawn_and_tell


def mend_log_wait(runtime: Any) -> None:
    """Fault: every call is held up by 50 ms, in which log lines may still come. Workers say when there are no more."""
    said = f'        sys.stderr.write({_END_OF_LOG!r} + "\\n")\n        sys.stderr.flush()\n'
    script: str = runtime._PYTHON_WORKER_SCRIPT
    if not script.endswith(_SCRIPT_END + "\n"):
        raise RuntimeError("ministack's worker script is not the one that emulator_workers.py knows")
    runtime._PYTHON_WORKER_SCRIPT = script.removesuffix(_SCRIPT_END + "\n") + said + _SCRIPT_END + "\n"
    wait = runtime.Worker._drain_stderr_bounded

    def drain(worker: Any) -> str:
        if not worker.config.get("Runtime", "").startswith("python"):
            return str(wait(worker))
        lines, deadline = [], time.monotonic() + _STALLED_SECONDS
        while True:
            try:
                line = worker._stderr_queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:  # a killed worker says nothing
                break
            text, end, _ = line.partition(_END_OF_LOG)
            if text or not end:
                lines.append(text)
            if end:
                break
        return "\n".join(lines)

    runtime.Worker._drain_stderr_bounded = drain
