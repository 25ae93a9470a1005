"""The pages of a result, each fetched while the one before it is delivered."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial

from relay.data_api import Page


class ResultPages:
    """Prefetches one page ahead, beginning with the first; `start` does work in a thread."""

    def __init__(self, pages: Iterator[Page], start: Callable[[Callable[[], Page]], "Future[Page]"]) -> None:
        self._pages = pages
        self._start = start
        self.prefetch()

    def prefetch(self) -> None:
        """Starts fetching the next page."""
        self._next = self._start(partial(next, self._pages))

    def take(self) -> Page:
        """Waits for the page that was prefetched. Raises StatementNotFound and CallFailed."""
        return self._next.result()
