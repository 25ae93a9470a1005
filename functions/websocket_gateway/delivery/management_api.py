"""The management API of a WebSocket stage: sends messages to connections and closes them."""

import random
import time
from collections.abc import Mapping
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.exceptions import ClientError as AwsError

from relay.clients import lazy_client
from relay.log import log
from relay.metrics import metrics
from websocket_gateway.delivery.thread_pool import THREADS
from websocket_gateway.protocol.responses import encode

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient as Client

CONNECTING_SECONDS = 30
"""A 410 this soon after connecting means that $connect has not returned yet."""
SEND_TIMEOUT_SECONDS = 3.0
"""How long one message is retried before its client counts as slow."""


class Outcome(Enum):
    """What became of a message."""

    SENT = auto()
    GONE = auto()
    SLOW = auto()


@cache
def default_management_client(endpoint: str) -> "Client":
    """A client for a stage: `https://{api}.execute-api.{region}.{suffix}/{stage}`, or a custom domain."""
    config = Config(max_pool_connections=THREADS, retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=10)
    return lazy_client("apigatewaymanagementapi", config, endpoint)  # type: ignore[no-any-return]


class ManagementApi:
    """The connections of one stage."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def send(self, connection: str, message: Mapping[str, Any], connected_at: int) -> Outcome:
        """Sends a message."""
        return self.post(connection, encode(message), connected_at)

    def post(self, connection: str, data: bytes, connected_at: int, timeout: float = SEND_TIMEOUT_SECONDS) -> Outcome:
        """Sends bytes; retries a 429 (which also means that this client's buffer is full) and an early 410 until the
        timeout.

        Raises errors that are not this client's doing (403: the function may not push; 413: the message is too large).
        https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
        """
        deadline = time.monotonic() + timeout
        pause = 0.05
        while True:
            try:
                self._client.post_to_connection(ConnectionId=connection, Data=data)
            except AwsError as error:
                status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
                if status == 429:
                    metrics.add("Throttles")
                if status == 410 and time.time() - connected_at > CONNECTING_SECONDS:
                    return Outcome.GONE
                if status not in (410, 429) and status < 500:
                    raise
            except BotoCoreError as error:
                # Without a response it may have been sent all the same; clients drop rows that they have.
                log("INFO", "message not sent", connection=connection, error=type(error).__name__)
            else:
                metrics.add("Bytes", len(data))
                return Outcome.SENT
            if time.monotonic() >= deadline:
                return Outcome.SLOW
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries, guards no secret
            pause = min(pause * 2, 1.0)

    def is_there(self, connection: str) -> bool:
        """Whether API Gateway knows a connection."""
        try:
            self._client.get_connection(ConnectionId=connection)
        except AwsError as error:
            if error.response["ResponseMetadata"].get("HTTPStatusCode") != 410:
                raise
            return False
        return True

    def close(self, connection: str) -> None:
        """Closes a connection, if it is still open."""
        try:
            self._client.delete_connection(ConnectionId=connection)
        except AwsError as error:
            if error.response["ResponseMetadata"].get("HTTPStatusCode") != 410:
                raise
