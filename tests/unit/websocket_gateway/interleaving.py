"""Runs handlers step by step: each call to AWS is a place where another one may go on, or where this one ends."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from websocket_gateway.delivery.thread_pool import ThreadPool


class Killed(BaseException):
    """Lambda ended the process."""


class Task:
    """A handler at work in a thread of its own, which moves only when it is told to."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        self.name, self.done, self.killed = name, False, False
        self.error: BaseException | None = None
        self.request = ""
        self._work = work
        self._go, self._paused = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        self._paused.acquire()

    def _run(self) -> None:
        _here.task = self
        try:
            self.pause()
            self._work()
        except BaseException as error:
            self.error = error
        self.done = True
        self._paused.release()

    def pause(self) -> None:
        """Called in its thread before each call to AWS."""
        self._paused.release()
        self._go.acquire()
        if self.killed:
            raise Killed

    def step(self) -> None:
        """Lets it go on to its next call."""
        self._go.release()
        self._paused.acquire()

    def kill(self) -> None:
        """Ends it where it is."""
        self.killed = True
        self.step()

    def step_to(self, part: str) -> None:
        """Lets it go on to its next call with this text in its request."""
        self.step()
        while part not in self.request:
            assert not self.done
            self.step()

    def finish(self) -> None:
        """Lets it go on to its end; raises what it raised."""
        while not self.done:
            self.step()
        if self.error:
            raise self.error


_here = threading.local()


def cut(_what: str, request: object) -> None:
    """Before each call to AWS: other tasks may go on."""
    task = getattr(_here, "task", None)
    if task is not None and not task.killed:
        task.request = str(request)
        task.pause()


class Later(Future[Any]):
    """What was to be done meanwhile is done at the last moment: when somebody wants its result."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self._work = work

    def result(self, timeout: float | None = None) -> Any:
        if not self.done():
            self.set_result(self._work())
        return super().result(timeout)


def one_after_the_other(monkeypatch: pytest.MonkeyPatch, at_once: Callable[[], bool] = lambda: True) -> None:
    """No handler has threads of its own; what it does meanwhile is done at once, or as late as can be."""

    def start(_self: ThreadPool, work: Callable[[], Any]) -> Future[Any]:
        later = Later(work)
        if at_once():
            later.result()
        return later

    monkeypatch.setattr(ThreadPool, "start", start)
    monkeypatch.setattr(ThreadPool, "for_each", lambda _, work, items: [work(item) for item in list(items)])


class Scheduler:
    """Interleaves tasks at random, the same for the same seed."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.tasks: list[Task] = []
        self.errors: list[BaseException] = []

    def start(self, name: str, work: Callable[[], object]) -> Task:
        task = Task(name, work)
        self.tasks.append(task)
        return task

    def step(self, kill: float = 0.0) -> None:
        """Lets one of them make a step, or ends it."""
        task = self._rng.choice(self.tasks)
        if self._rng.random() < kill:
            task.kill()
        else:
            task.step()
        if task.done:
            self.tasks.remove(task)
            if task.error is not None and not isinstance(task.error, Killed):
                self.errors.append(task.error)

    def finish(self) -> None:
        while self.tasks:
            self.step()
