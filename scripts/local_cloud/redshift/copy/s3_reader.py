"""What COPY needs from S3."""

from __future__ import annotations

from typing import BinaryIO, Protocol


class S3Error(Exception):
    """S3 returned an error; `message` is Redshift's text, such as 'S3ServiceException:Access Denied,Status 403'."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class S3Reader(Protocol):
    """Reads with the rights of the COPY role."""

    def list(self, bucket: str, prefix: str, *, iam_role: str, region: str | None) -> list[str]:
        """The keys with this prefix, sorted. Raises S3Error."""

    def open(self, bucket: str, key: str, *, iam_role: str, region: str | None) -> BinaryIO:
        """One object as a stream. Raises S3Error."""
