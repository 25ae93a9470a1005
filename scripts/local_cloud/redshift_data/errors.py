"""The errors that the Data API returns."""

from __future__ import annotations

import json

# API reference, "Errors": every other error returns 400.
_STATUS = {
    "ExecuteStatementException": 500,
    "BatchExecuteStatementException": 500,
    "DatabaseConnectionException": 500,
    "InternalServerException": 500,
}
CONTENT_TYPE = {"Content-Type": "application/x-amz-json-1.1"}


class ApiError(Exception):
    """An error for the client; `members` are the members of its modelled shape besides Message."""

    def __init__(self, code: str, message: str, *, status: int | None = None, **members: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.members = members
        self.status = status or _STATUS.get(code, 400)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The error in the form of JSON 1.1: the code in the body's `__type` and in a header."""
        body = {"__type": self.code, "Message": self.message, "message": self.message, **self.members}
        return self.status, {**CONTENT_TYPE, "x-amzn-errortype": self.code}, json.dumps(body).encode()


class ValidationError(ApiError):
    """ValidationException: the request is invalid, and nothing was started."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)
