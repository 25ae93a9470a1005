"""Retries until IAM has propagated a policy: only of what a policy can still allow, and not for ever."""

import pytest

from relay.errors import CallFailed
from relay.iam_propagation import TIMEOUT_SECONDS, retry_until_authorized
from tests.unit.fake_context import FakeContext

NOT_ALLOWED = (
    "User: arn:aws:sts::111122223333:assumed-role/loads/x is not authorized to perform:"
    " redshift:GetClusterCredentialsWithIAM on resource: x because no identity-based policy allows the action"
)
CONTEXT = FakeContext(times_left=(900_000,))


def refusing(times: int, code: str = "AccessDeniedException", reason: str = "no") -> tuple[list[str], object]:
    """A start that is refused so many times, and the ids that it gave."""
    calls: list[str] = []

    def start() -> str:
        calls.append(f"id-{len(calls) + 1}")
        if len(calls) <= times:
            raise CallFailed("ExecuteStatement", code, reason)
        return calls[-1]

    return calls, start


@pytest.mark.parametrize(("code", "reason"), [("AccessDeniedException", "no"), ("ValidationException", NOT_ALLOWED)])
def test_a_refusal_that_passes(code: str, reason: str, pauses: list[float]) -> None:
    """The permission for credentials is missing with a code of its own."""
    calls, start = refusing(3, code, reason)
    assert retry_until_authorized(start, CONTEXT) == "id-4"  # type: ignore[arg-type]
    assert (len(calls), sum(pauses)) == (4, 6)


def test_a_refusal_that_stays(pauses: list[float]) -> None:
    _, start = refusing(100)
    with pytest.raises(CallFailed, match="AccessDeniedException"):
        retry_until_authorized(start, CONTEXT)  # type: ignore[arg-type]
    assert sum(pauses) == TIMEOUT_SECONDS == 120


def test_a_refusal_is_reported_before_the_function_s_time_is_up(pauses: list[float]) -> None:
    _, start = refusing(100)
    with pytest.raises(CallFailed, match="AccessDeniedException"):
        retry_until_authorized(start, FakeContext(times_left=(16_000, 14_000, 12_000, 10_000)))  # type: ignore[arg-type]
    assert sum(pauses) == 6


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("ValidationException", "The cluster identifier is invalid"),
        ("ValidationException", f"{NOT_ALLOWED} with an explicit deny in a permissions boundary"),
        ("AccessDeniedException", f"{NOT_ALLOWED} with an explicit deny in a service control policy"),
        ("ThrottlingException", NOT_ALLOWED),
    ],
)
def test_another_refusal_is_none_of_iam_s_delays(code: str, reason: str, pauses: list[float]) -> None:
    calls, start = refusing(1, code, reason)
    with pytest.raises(CallFailed, match=code):
        retry_until_authorized(start, CONTEXT)  # type: ignore[arg-type]
    assert (len(calls), pauses) == (1, [])
