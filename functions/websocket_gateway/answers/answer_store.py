"""Keeps answers for a day: up to 32 KB in an item of their own, larger ones as objects in S3.

The item is written last and says how many objects there are, so an answer that was half written does not count.
"""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError as AwsError

from relay.clients import lazy_client
from relay.errors import RelayError
from websocket_gateway.answers.message import Ending, Message, pack, unpack
from websocket_gateway.storage.keys import answer_key
from websocket_gateway.storage.table import DAY, Table

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_ITEM_BYTES = 32_000
"""Up to this size an item is read faster, and costs less, than an object."""
PIECE_BYTES = 2_000_000
"""Size from which messages are written to an object: what a function holds in memory, twice."""


class AnswerIncomplete(RelayError):
    """A part of a kept answer is missing."""


@cache
def default_s3_client() -> "S3Client":
    """Made at the first use, once per process."""
    return lazy_client("s3", Config(retries={"mode": "standard", "total_max_attempts": 3}))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Answer:
    """A kept answer; `messages` reads it, piece by piece, as often as it is called."""

    ending: Ending
    messages: Callable[[], Iterator[Message]]


class AnswerStore:
    """The kept answers of one gateway; `client` returns the client of S3."""

    def __init__(self, table: Table, client: "Callable[[], S3Client]", bucket: str) -> None:
        self._table = table
        self._client = client
        self._bucket = bucket

    def find(self, run: str) -> Answer | None:
        """The answer of a run, by one read; None if it is not kept, or not completely.

        Reading its messages raises AnswerIncomplete if an object is missing.
        """
        item = self._table.get(answer_key(run))
        if item is None:
            return None
        ending = Ending(**json.loads(item["ending"]))
        if "data" in item:
            return Answer(ending, partial(unpack, item["data"]))
        return Answer(ending, partial(self._read, run, item["pieces"]))

    def record(self, run: str, start: "Callable[[Callable[[], None]], Future[None]]") -> "Recording":
        """Begins to keep an answer; `start` does work in a thread."""
        return Recording(self, run, start)

    def _read(self, run: str, pieces: int) -> Iterator[Message]:
        for number in range(pieces):
            yield from unpack(self._get(run, number))

    def _get(self, run: str, number: int) -> bytes:
        try:
            answer = self._client().get_object(Bucket=self._bucket, Key=_name(run, number))
        except AwsError as error:
            if error.response["Error"].get("Code") not in ("NoSuchKey", "404"):
                raise
            raise AnswerIncomplete(f"{run}: object {number} of the answer is missing") from error
        return bytes(answer["Body"].read())

    def put_piece(self, run: str, number: int, data: bytes) -> None:
        """Writes an object. The bucket encrypts it, and deletes it after a day."""
        self._client().put_object(Bucket=self._bucket, Key=_name(run, number), Body=data)

    def put(self, run: str, ending: Ending, kept: dict[str, Any]) -> None:
        """Writes the item: from here on the answer counts."""
        expires_at = int(time.time()) + DAY
        self._table.put(answer_key(run), {"ending": json.dumps(asdict(ending)), "expires_at": expires_at, **kept})


class Recording:
    """An answer while its messages are made. The same run makes the same messages, so two at once do no harm."""

    def __init__(self, store: AnswerStore, run: str, start: "Callable[[Callable[[], None]], Future[None]]") -> None:
        self._store = store
        self._run = run
        self._start = start
        self._messages: list[Message] = []
        self._size = 0
        self._pieces = 0
        self._writing: Future[None] | None = None

    def add(self, message: Message) -> None:
        """Adds the next message; writes an object beside, one at a time, when enough have come."""
        self._messages.append(message)
        self._size += len(message.body)
        if self._size >= PIECE_BYTES:
            self._flush()

    def complete(self, ending: Ending) -> Answer:
        """Keeps the answer; what is small is not read again."""
        if not self._pieces and self._size <= MAX_ITEM_BYTES:
            messages = list(self._messages)
            self._store.put(self._run, ending, {"data": pack(messages)})
            return Answer(ending, lambda: iter(messages))
        if self._messages:
            self._flush()
        if self._writing:
            self._writing.result()
        self._store.put(self._run, ending, {"pieces": self._pieces})
        return Answer(ending, partial(self._store._read, self._run, self._pieces))

    def _flush(self) -> None:
        if self._writing:
            self._writing.result()
        data, number = pack(self._messages), self._pieces
        self._writing = self._start(partial(self._store.put_piece, self._run, number, data))
        self._messages, self._size, self._pieces = [], 0, number + 1


def _name(run: str, number: int) -> str:
    return f"answers/{run}/{number:05}"
