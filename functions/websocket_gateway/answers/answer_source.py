"""Where the messages of a run come from: kept, or else from the Data API, and kept for whoever comes next."""

from collections.abc import Iterator
from functools import partial

from relay.data_api import DataApi
from relay.errors import CallFailed
from relay.log import log
from relay.metrics import metrics
from websocket_gateway.answers.answer_store import Answer, AnswerIncomplete, AnswerStore
from websocket_gateway.answers.message import Ending, Message, described, message_of
from websocket_gateway.delivery.result_pages import ResultPages
from websocket_gateway.delivery.thread_pool import ThreadPool
from websocket_gateway.protocol.rows import Column, chunks
from websocket_gateway.questions.latest_run import LatestRun


class Result:
    """The result of a statement while it is read from the Data API, beside whatever else has to be done."""

    def __init__(self, statement: str, api: DataApi, pool: ThreadPool) -> None:
        self.pages = ResultPages(api.results(statement), pool.start)
        self.statement = pool.start(partial(api.describe, statement))


class AnswerSource:
    """The answer of a run. `errors` collects what an operator has to know, although the answer is whole.

    With `result`, the run has ended just now, and nobody can have kept its answer.
    """

    def __init__(
        self,
        latest: LatestRun,
        store: AnswerStore,
        api: DataApi,
        pool: ThreadPool,
        errors: list[Exception],
        result: Result | None = None,
    ) -> None:
        self._latest = latest
        self._store = store
        self._api = api
        self._pool = pool
        self._errors = errors
        self._result = result
        self._answer: Answer | None = None

    def messages(self) -> Iterator[tuple[Message, Ending | None]]:
        """The messages, kept or new; the last one has the ending. Raises RowTooWide and CallFailed."""
        answer = self._answer or self._find()
        if answer is None:
            yield from self._stream()
            return
        try:
            yield from _with_ending(answer)
        except AnswerIncomplete as incomplete:
            log("ERROR", "answer read again", run=self._latest.run.id, reason=str(incomplete))
            self._answer = None
            yield from self._stream()

    def make(self) -> None:
        """Makes sure that the answer is kept. Raises RowTooWide and CallFailed."""
        if (self._answer or self._find()) is None:
            for _ in self._stream():
                pass

    def _find(self) -> Answer | None:
        if self._result is None:
            self._answer = self._store.find(self._latest.run.id)
        return self._answer

    def _stream(self) -> Iterator[tuple[Message, Ending | None]]:
        """Messages from the Data API, a page at a time, so that memory does not grow with the answer."""
        result = self._result or Result(self._latest.statement, self._api, self._pool)
        self._result = None
        run, max_rows = self._latest.run, self._latest.definition.max_rows
        recording = self._store.record(run.id, self._pool.start)
        sent, last = 0, False
        while not last:
            page = result.pages.take()
            columns = [Column(column.name, column.type) for column in page.columns]
            room = max_rows - sent
            truncated = len(page.rows) > room
            last = page.last or truncated
            if not last:
                result.pages.prefetch()
            for chunk in chunks(page.rows[:room], sent, columns, last=last):
                message = message_of(run.id, run.version, chunk, columns)
                recording.add(message)
                if not chunk.last:
                    yield message, None
                    continue
                ending = Ending(described(columns), message.end, truncated, self._elapsed_seconds(result))
                keeping = self._pool.start(partial(recording.complete, ending))
                yield message, ending
                self._answer = keeping.result()
            sent += min(room, len(page.rows))

    def _elapsed_seconds(self, result: Result) -> float:
        seconds = None
        try:
            seconds = result.statement.result().duration_seconds
        except CallFailed as failed:
            if failed.code == "AccessDeniedException":
                self._errors.append(failed)  # a retry does not help, and an operator has to know
        if seconds is None:
            seconds = max(0.0, self._latest.ended / 1000 - self._latest.started)
        metrics.record("StatementTime", seconds)
        return round(seconds, 3)


def _with_ending(answer: Answer) -> Iterator[tuple[Message, Ending | None]]:
    messages = answer.messages()
    last = next(messages)  # even an empty answer has one
    for message in messages:
        yield last, None
        last = message
    yield last, answer.ending
