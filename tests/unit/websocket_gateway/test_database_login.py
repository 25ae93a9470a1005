"""The first login: it makes the database user, waits for IAM and for its end, and is left out where nobody needs it."""

from typing import Any

import pytest

from websocket_gateway import database_login
from websocket_gateway.database_login import LoginFailed, log_in


@pytest.fixture(autouse=True)
def _asleep(pauses: list[float]) -> None:
    """Nobody sleeps."""


def test_the_user_is_told(api: Any, redshift: Any, context: Any) -> None:
    redshift.when("CURRENT_USER", status="FINISHED", table=[{"name": "IAMR:taxi-gateway"}])
    assert log_in(api, "taxi", context()) == "IAMR:taxi-gateway"


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
@pytest.mark.parametrize("operation", ["ExecuteStatement", "DescribeStatement", "GetStatementResult"])
def test_a_policy_that_iam_does_not_know_yet_is_waited_for(
    operation: str, code: str, api: Any, redshift: Any, context: Any
) -> None:
    redshift.when("CURRENT_USER", status="FINISHED", table=[{"name": "IAMR:taxi-gateway"}])
    redshift.refuse(operation, code, "x is not authorized to perform: y", times=2)
    assert log_in(api, "taxi", context()) == "IAMR:taxi-gateway"
    assert len(redshift.made(operation)) == 3


def test_a_login_that_is_refused(api: Any, redshift: Any, context: Any) -> None:
    redshift.when("CURRENT_USER", status="FAILED", error="FATAL: no such database")
    with pytest.raises(LoginFailed, match="FATAL: no such database"):
        log_in(api, "taxi", context())


def test_a_login_that_does_not_end(api: Any, redshift: Any, context: Any) -> None:
    with pytest.raises(LoginFailed, match="has not ended: SUBMITTED"):
        log_in(api, "taxi", context(times_left=(60_000, 9_000)))


def test_where_no_login_is_needed_no_statement_runs(world: Any) -> None:
    assert world.deliver({"action": "log_in", "needed": False}) == {"database_user": None}
    assert world.warehouse.statements == {}


def test_by_hand_a_login_is_needed(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_login, "log_in", lambda _api, prefix, _context: f"IAMR:{prefix}-gateway")
    for event in ({"action": "log_in", "needed": True}, {"action": "log_in"}):
        assert world.deliver(event) == {"database_user": "IAMR:taxi-gateway"}
