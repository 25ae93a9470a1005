"""AWS as a function once saw it: a proxy that records calls to the local cloud and then answers them from memory.

So fresh processes can be compared, which all get the same answers at once.
"""

import json
import re
import threading
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_SERVICES = {"DynamoDB_20120810": "dynamodb", "RedshiftData": "redshift-data", "AmazonSQS": "sqs"}
_PATHS = [
    ("lambda", "Invoke", r"/2015-03-31/functions/(?P<FunctionName>[^/]+)/invocations", "Payload"),
    ("apigatewaymanagementapi", "PostToConnection", r".*/@connections/(?P<ConnectionId>[^/]+)", "Data"),
]


@dataclass
class Call:
    """One call as boto3 makes it: service, operation and parameters. `body` is the text of a member that is bytes."""

    service: str
    operation: str
    parameters: dict[str, Any]
    body: str = ""


@dataclass
class RecordedAws:
    """A proxy in front of the local cloud. While `recording`, calls go through; later they are answered in order."""

    cloud: str
    url: str = ""
    recording: bool = True
    calls: list[Call] = field(default_factory=list)
    _answers: dict[str, list[tuple[int, str, bytes]]] = field(default_factory=lambda: defaultdict(list))
    _used: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    @contextmanager
    def serving(cls, cloud: str) -> "Iterator[RecordedAws]":
        """Serves on a port of its own."""
        recorded = cls(cloud)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Says nothing."""

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, kind, data = recorded.answer(self.command, self.path, dict(self.headers), body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - names that http.server calls

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        recorded.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield recorded
        finally:
            server.shutdown()
            server.server_close()

    def replay(self) -> None:
        """From now on, answers from memory, from the first recorded answer of each operation on."""
        self.recording = False
        self._used.clear()

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
        """The status, content type and body for a request."""
        key = headers.get("X-Amz-Target") or f"{method} {path}"
        with self._lock:
            if not self.recording:
                found = self._answers[key]
                at = self._used[key]
                self._used[key] += 1
                return found[min(at, len(found) - 1)]
            answer = self._forward(method, path, headers, body)
            self._answers[key].append(answer)
            self.calls.append(_call(key, path, body))
            return answer

    def _forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
        request = urllib.request.Request(self.cloud + path, body or None, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - the local cloud
                return response.status, response.headers.get("Content-Type", ""), response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("Content-Type", ""), error.read()


def _call(key: str, path: str, body: bytes) -> Call:
    prefix, _, operation = key.partition(".")
    if prefix in _SERVICES:
        return Call(_SERVICES[prefix], operation, json.loads(body))
    for service, operation, pattern, member in _PATHS:
        if found := re.fullmatch(pattern, path.split("?")[0]):
            return Call(service, operation, {**found.groupdict(), member: None}, body.decode())
    # An object, whose bucket is in the path because the endpoint has no name of its own.
    if found := re.fullmatch(r"(?P<method>PUT|GET) /(?P<Bucket>[^/?]+)/(?P<Key>[^?]+)(\?.*)?", key):
        place = {"Bucket": found["Bucket"], "Key": found["Key"]}
        if found["method"] == "GET":
            return Call("s3", "GetObject", place)
        return Call("s3", "PutObject", {**place, "Body": None}, body.decode("latin-1"))
    raise RuntimeError(f"scripts/bench does not know the call {key}")
