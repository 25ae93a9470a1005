"""What COPY and UNLOAD need from S3."""

from __future__ import annotations

from typing import BinaryIO, Protocol


class S3Error(Exception):
    """S3 returned an error; `message` is Redshift's text, such as 'S3ServiceException:Access Denied,Status 403'."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class S3Files(Protocol):
    """Reads and writes with the rights of the statement's role."""

    def list(self, bucket: str, prefix: str, *, iam_role: str, region: str | None) -> list[str]:
        """The keys with this prefix, sorted. Raises S3Error."""

    def open(self, bucket: str, key: str, *, iam_role: str, region: str | None) -> BinaryIO:
        """One object as a stream. Raises S3Error."""

    def write(self, bucket: str, key: str, body: bytes, *, iam_role: str, region: str | None) -> None:
        """Creates or replaces an object. Raises S3Error."""

    def delete(self, bucket: str, key: str, *, iam_role: str, region: str | None) -> None:
        """Removes an object. Raises S3Error."""
