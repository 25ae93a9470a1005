"""Pushes messages to connections, many at once; a client that is gone or slow holds nobody up."""

import random
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.exceptions import ClientError as AwsError

from relay.log import log
from websocket_gateway.protocol.responses import encode

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient as Client

THREADS = 32
CONNECTING_SECONDS = 30
"""A 410 so soon after connecting means that $connect has not returned yet."""
PATIENCE_SECONDS = 3.0
"""How long one message is tried again before its client is put aside."""
T = TypeVar("T")
R = TypeVar("R")


class Outcome(Enum):
    """What became of a message."""

    SENT = auto()
    GONE = auto()
    SLOW = auto()


@cache
def client_for(endpoint: str) -> "Client":
    """The management API of a stage: `https://{api}.execute-api.{region}.{suffix}/{stage}`, or a custom domain."""
    config = Config(max_pool_connections=THREADS, retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=10)
    return boto3.client("apigatewaymanagementapi", endpoint_url=endpoint, config=config)


class Pusher:
    """Sends to the connections of one stage."""

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="push")

    def start(self, work: Callable[[], R]) -> Future[R]:
        """Does something meanwhile."""
        return self._pool.submit(work)

    def each(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Does the work for all items, many at once, and returns the results in order; raises when all are done."""
        working = [self._pool.submit(work, item) for item in items]
        wait(working)
        return [one.result() for one in working]

    def send(self, connection: str, message: Mapping[str, Any], connected_at: int) -> Outcome:
        """Sends a message."""
        return self.post(connection, encode(message), connected_at)

    def post(self, connection: str, data: bytes, connected_at: int, patience: float = PATIENCE_SECONDS) -> Outcome:
        """Sends bytes; 429 (also: this client's buffer is full) and an early 410 are tried again for a while.

        Raises what is not this client's doing (403: the function may not push; 413: the message is too large).
        https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
        """
        deadline = time.monotonic() + patience
        pause = 0.05
        while True:
            try:
                self._client.post_to_connection(ConnectionId=connection, Data=data)
            except AwsError as error:
                status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
                if status == 410 and time.time() - connected_at > CONNECTING_SECONDS:
                    return Outcome.GONE
                if status not in (410, 429) and status < 500:
                    raise
            except BotoCoreError as error:
                # No answer: it may have been sent, and a client drops what it has.
                log("INFO", "not pushed", connection=connection, error=type(error).__name__)
            else:
                return Outcome.SENT
            if time.monotonic() >= deadline:
                return Outcome.SLOW
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries, guards no secret
            pause = min(pause * 2, 1.0)

    def close(self, connection: str) -> None:
        """Ends a connection, if it is still there."""
        try:
            self._client.delete_connection(ConnectionId=connection)
        except AwsError as error:
            if error.response["ResponseMetadata"].get("HTTPStatusCode") != 410:
                raise
