"""Clients of AWS services: made by botocore alone, and when they are first used.

boto3 only wraps botocore's clients; importing it and what it brings along (s3transfer, resources) takes a tenth of a
cold start. A client costs its service model, so a path through a function loads the models that it uses.
"""

from collections.abc import Callable
from functools import cache
from threading import RLock
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from botocore.session import Session
    from mypy_boto3_sqs import SQSClient

_MAKING = RLock()
"""A session is not safe to share between threads while it makes clients.

https://docs.aws.amazon.com/boto3/latest/guide/session.html#multithreading-or-multiprocessing-with-sessions
"""


class LazyClient:
    """Stands for a client that is made when its first operation is called, by whichever thread."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        """Called for what this object does not have yet, which it has from then on."""
        with _MAKING:
            if "_client" not in self.__dict__:
                self._client = self._make()
        found = self.__dict__[name] = getattr(self._client, name)
        return found


def lazy_client(service: str, config: Config | None = None, endpoint_url: str | None = None) -> Any:
    """A client of a service, with region, credentials and `AWS_ENDPOINT_URL` from the environment."""
    return LazyClient(lambda: make_client(service, config, endpoint_url))


def make_client(service: str, config: Config | None = None, endpoint_url: str | None = None) -> Any:
    """A client of a service, made now."""
    with _MAKING:
        return _session().create_client(service, config=config, endpoint_url=endpoint_url)


@cache
def default_sqs_client() -> "SQSClient":
    """Made at the first use, once per process."""
    return lazy_client("sqs")  # type: ignore[no-any-return]


@cache
def _session() -> "Session":
    return botocore.session.get_session()
