"""Threads for calls that run side by side."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

THREADS = 32
T = TypeVar("T")
R = TypeVar("R")


class ThreadPool:
    """A bounded number of threads."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(THREADS, thread_name_prefix="push")

    def start(self, work: Callable[[], R]) -> Future[R]:
        """Starts one piece of work, and returns at once."""
        return self._executor.submit(work)

    def for_each(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Does the work for all items and returns the results in order; raises only when all are done."""
        working = [self._executor.submit(work, item) for item in items]
        wait(working)
        return [one.result() for one in working]
