"""Patience with IAM: only with IAM, and not for ever."""

import pytest

from relay.errors import CallFailed
from relay.retries import TIMEOUT_SECONDS, retry_until_authorized


def refusing(times: int, code: str = "AccessDeniedException") -> tuple[list[str], object]:
    """A start that is refused so many times, and the ids that it gave."""
    calls: list[str] = []

    def start() -> str:
        calls.append(f"id-{len(calls) + 1}")
        if len(calls) <= times:
            raise CallFailed("ExecuteStatement", code, "no")
        return calls[-1]

    return calls, start


def test_a_refusal_that_passes(pauses: list[float]) -> None:
    calls, start = refusing(3)
    assert retry_until_authorized(start) == "id-4"  # type: ignore[arg-type]
    assert (len(calls), sum(pauses)) == (4, 6)


def test_a_refusal_that_stays(pauses: list[float]) -> None:
    _, start = refusing(100)
    with pytest.raises(CallFailed, match="AccessDeniedException"):
        retry_until_authorized(start)  # type: ignore[arg-type]
    assert sum(pauses) == TIMEOUT_SECONDS


def test_another_refusal_is_none_of_iam_s(pauses: list[float]) -> None:
    calls, start = refusing(1, "ValidationException")
    with pytest.raises(CallFailed, match="ValidationException"):
        retry_until_authorized(start)  # type: ignore[arg-type]
    assert (len(calls), pauses) == (1, [])
