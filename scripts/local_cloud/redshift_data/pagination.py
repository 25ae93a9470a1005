"""NextToken: where the next page starts."""

from __future__ import annotations

import base64
import binascii

from local_cloud.redshift_data.errors import ValidationError


def next_token(scope: str, offset: int) -> str:
    """The token of the next page; `scope` makes a token invalid for any other list."""
    return base64.urlsafe_b64encode(f"{scope} {offset}".encode()).decode()


def offset_of(token: str | None, scope: str) -> int:
    """The offset in a token, 0 without one. Raises ValidationError."""
    if not token:
        return 0
    try:
        given, _, offset = base64.urlsafe_b64decode(token.encode()).decode().rpartition(" ")
        if given == scope and offset.isdigit():
            return int(offset)
    except (binascii.Error, ValueError):
        pass
    raise ValidationError("Invalid NextToken.")
