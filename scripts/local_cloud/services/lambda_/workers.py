"""Workers of functions: how many there are, the queue for them, and when their log lines are complete."""

from __future__ import annotations

import os
import queue
import threading
import time
from typing import Any

# A few workers in turn serve a burst of quick calls; more processes would only cost memory and starts.
_QUICK_WORKERS = max(4, 2 * (os.cpu_count() or 1))
_STARTING_AT_ONCE = os.cpu_count() or 1
_MAX_WORKERS = 64
# Another worker starts when none became free for this time. The more there are, the longer the time, since the
# machine itself may be slow.
_STALLED_SECONDS = 0.25
_ACQUIRE_TIMEOUT_SECONDS = 120.0
# A worker marks the end of its log before it answers; only the thread that reads the log may be late.
_LOG_TIMEOUT_SECONDS = 5.0
_LOOK_SECONDS = 0.05

_END_OF_LOG = "\x1eend of invocation\x1e"
_SCRIPT_END = "        _real_stdout.flush()\n\nrun()"


class WaitingCalls:
    """The calls that wait for a worker of one function."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.starting = 0
        self.last_change = 0.0

    def may_start(self, workers: int) -> bool:
        """Whether to start one more worker."""
        if self.starting >= _STARTING_AT_ONCE or workers >= _MAX_WORKERS:
            return False
        stalled = time.monotonic() - self.last_change
        return workers < _QUICK_WORKERS or stalled > _STALLED_SECONDS * (workers - _QUICK_WORKERS + 1)


def patch_worker_pool(runtime: Any, functions: Any) -> None:
    """Fault: each concurrent call starts a process, so that a thousand calls start hundreds at once.

    Here calls wait for a free worker. Slow calls do not block the others, because more workers start.
    """
    acquire, release, spawn = runtime.acquire_worker, runtime.release_worker, runtime.Worker._spawn
    queues: dict[str, WaitingCalls] = {}

    def started(worker: Any) -> None:
        waiting = getattr(worker, "relay_waiting", None)
        if waiting is not None and worker.relay_starting:
            with waiting.changed:
                worker.relay_starting = False
                waiting.starting -= 1
                waiting.last_change = time.monotonic()
                waiting.changed.notify()

    def acquire_worker(
        name: str, config: dict[str, Any], code: bytes, qualifier: str = "$LATEST", max_concurrency: int | None = None
    ) -> tuple[Any, str]:
        key = runtime._worker_key(name, config, qualifier)
        waiting = queues.setdefault(key, WaitingCalls())
        deadline = time.monotonic() + _ACQUIRE_TIMEOUT_SECONDS
        with waiting.changed:
            while True:
                workers = runtime._workers.get(key, ())
                if any(not worker.in_use for worker in workers) or waiting.may_start(len(workers)):
                    break
                if time.monotonic() > deadline:
                    return None, "func_cap"
                waiting.changed.wait(_STALLED_SECONDS)
            worker, how = acquire(name, config, code, qualifier, max_concurrency)
            if how == "spawn":
                worker.relay_waiting, worker.relay_starting = waiting, True
                waiting.starting += 1
        return worker, how

    def release_worker(worker: Any) -> None:
        release(worker)
        started(worker)  # if it never started
        waiting = getattr(worker, "relay_waiting", None)
        if waiting is not None:
            with waiting.changed:
                waiting.last_change = time.monotonic()
                waiting.changed.notify()

    def spawn_and_tell(worker: Any) -> None:
        try:
            spawn(worker)
        finally:
            started(worker)

    functions.acquire_worker, functions.release_worker = acquire_worker, release_worker
    runtime.Worker._spawn = spawn_and_tell


def patch_log_wait(runtime: Any) -> None:
    """Fault: every call waits 50 ms for further log lines. Here a worker marks the end of its log."""
    said = f'        sys.stderr.write({_END_OF_LOG!r} + "\\n")\n        sys.stderr.flush()\n'
    script: str = runtime._PYTHON_WORKER_SCRIPT
    if not script.endswith(_SCRIPT_END + "\n"):
        raise RuntimeError("ministack's worker script has changed; adapt local_cloud/services/lambda_/workers.py")
    runtime._PYTHON_WORKER_SCRIPT = script.removesuffix(_SCRIPT_END + "\n") + said + _SCRIPT_END + "\n"
    wait = runtime.Worker._drain_stderr_bounded

    def drain(worker: Any) -> str:
        if not worker.config.get("Runtime", "").startswith("python"):
            return str(wait(worker))
        lines, deadline = [], time.monotonic() + _LOG_TIMEOUT_SECONDS
        while True:
            is_over = not worker._stderr_thread.is_alive()  # a killed worker writes no mark
            try:
                line = worker._stderr_queue.get(timeout=0.0 if is_over else _LOOK_SECONDS)
            except queue.Empty:
                if is_over or time.monotonic() > deadline:
                    break
                continue
            text, end, _ = line.partition(_END_OF_LOG)
            if text or not end:
                lines.append(text)
            if end:
                break
        return "\n".join(lines)

    runtime.Worker._drain_stderr_bounded = drain
