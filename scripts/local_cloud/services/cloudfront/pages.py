"""CloudFront's pages without TLS and DNS.

https://<label>.cloudfront.net on AWS is http://<label>.cloudfront.localhost:<port> here, which browsers resolve to
this machine. ministack sees the addresses that AWS would see: a viewer's request over HTTPS, and the page's Origin on
AWS. Browsers see the addresses of this machine.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

_SIGNED = b"AWS4-HMAC-SHA256 "
_ALLOW_ORIGIN = b"access-control-allow-origin"


def local_address(address: str, port: int) -> str:
    """The address on this machine of a page at cloudfront.net."""
    return re.sub(r"^https://([a-z0-9]+)\.cloudfront\.net", rf"http://\1.cloudfront.localhost:{port}", address)


class Pages:
    """The pages of a local cloud that listens on `port`."""

    def __init__(self, port: int) -> None:
        host = rf"([a-z0-9]+)\.cloudfront\.localhost:{port}".encode()
        self._host = re.compile(host)
        self._origin = re.compile(rb"http://" + host)

    def as_on_aws(self, scope: Message, send: Send) -> tuple[Message, Send]:
        """The request as AWS would receive it, and a `send` that adapts the answer for the browser."""
        if scope["type"] not in ("http", "websocket"):
            return scope, send
        headers = {name.lower(): value for name, value in scope["headers"]}
        changed = {}
        # An AWS client calls AWS over HTTPS too, unless it says otherwise.
        signed = headers.get(b"authorization", b"").startswith(_SIGNED) and b"x-forwarded-proto" not in headers
        if signed or self._host.fullmatch(headers.get(b"host", b"")):
            # What CloudFront's redirect to HTTPS, and a bucket's aws:SecureTransport, look at.
            changed[b"x-forwarded-proto"] = b"https"
        if found := self._origin.fullmatch(headers.get(b"origin", b"")):
            changed[b"origin"] = b"https://%b.cloudfront.net" % found[1]
            send = _answering(send, changed[b"origin"], found[0])
        kept = [(name, value) for name, value in scope["headers"] if name.lower() not in changed]
        return {**scope, "headers": [*kept, *changed.items()]}, send


def _answering(send: Send, there: bytes, here: bytes) -> Send:
    """`send`, with the allowed origin replaced by the page's address on this machine."""

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [
                (name, here if name.lower() == _ALLOW_ORIGIN and value == there else value)
                for name, value in message.get("headers", [])
            ]
            message = {**message, "headers": headers}
        await send(message)

    return answer
