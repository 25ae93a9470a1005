"""CloudFront's pages without TLS and DNS: what is https://<label>.cloudfront.net on AWS is here
http://<label>.cloudfront.localhost:<port>, which browsers lead to this machine by themselves.

The cloud behind sees AWS's addresses: a viewer's request that came by HTTPS, and the Origin that the page has there.
Browsers see this machine's.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

_LET_IN = b"access-control-allow-origin"


def local_address(address: str, port: int) -> str:
    """Where people on this machine find the page that has an address of CloudFront's own on AWS."""
    return re.sub(r"^https://([a-z0-9]+)\.cloudfront\.net", rf"http://\1.cloudfront.localhost:{port}", address)


class Pages:
    """The pages of a local cloud that listens on `port`."""

    def __init__(self, port: int) -> None:
        host = rf"([a-z0-9]+)\.cloudfront\.localhost:{port}".encode()
        self._host = re.compile(host)
        self._origin = re.compile(rb"http://" + host)

    def as_on_aws(self, scope: Message, send: Send) -> tuple[Message, Send]:
        """A request as AWS would get it, and a `send` for the answer as this machine's browser has to get it."""
        if scope["type"] not in ("http", "websocket"):
            return scope, send
        headers = {name.lower(): value for name, value in scope["headers"]}
        changed = {}
        if self._host.fullmatch(headers.get(b"host", b"")):
            # What CloudFront's redirect to HTTPS, and a bucket's aws:SecureTransport, look at.
            changed[b"x-forwarded-proto"] = b"https"
        if found := self._origin.fullmatch(headers.get(b"origin", b"")):
            changed[b"origin"] = b"https://%b.cloudfront.net" % found[1]
            send = _answering(send, changed[b"origin"], found[0])
        kept = [(name, value) for name, value in scope["headers"] if name.lower() not in changed]
        return {**scope, "headers": [*kept, *changed.items()]}, send


def _answering(send: Send, there: bytes, here: bytes) -> Send:
    """`send`, with a page that is let in called by its address on this machine."""

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [
                (name, here if name.lower() == _LET_IN and value == there else value)
                for name, value in message.get("headers", [])
            ]
            message = {**message, "headers": headers}
        await send(message)

    return answer
