"""Redacts statements for messages and logs: enough to recognize them, and no secrets."""

import re

_QUOTED = re.compile(
    r"(?i)(credentials|access_key_id|secret_access_key|session_token|password|master_symmetric_key)(\s+as)?\s*"
    r"'(?:[^']|'')*'?"
)
"""Options of COPY, UNLOAD and CREATE USER with their values; also in a text that was cut before the closing quote."""
_ASSIGNED = re.compile(r"(?i)((?:secret_access_key|access_key_id|session_token|master_symmetric_key|token)=)[^;'\"\s]+")
_LEADING = re.compile(r"(?:\s|--[^\n]*|/\*.*?\*/)*", re.DOTALL)


def first_line(sql: str) -> str:
    """The first line that is not a comment, at most 200 characters, without secrets."""
    # Secrets are replaced first: a value may begin on this line and end on another.
    lines = redact(_LEADING.sub("", sql, count=1)).splitlines()
    return lines[0].rstrip()[:200] if lines else ""


def redact(text: str) -> str:
    """The text with the values of credential options and of passwords replaced by `***`."""
    text = _QUOTED.sub(lambda match: f"{match[1]}{match[2] or ''} '***'", text)
    return _ASSIGNED.sub(r"\1***", text)
