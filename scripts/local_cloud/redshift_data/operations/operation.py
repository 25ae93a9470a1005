"""What every operation gets, and how it waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_cloud.redshift_data.config import CloudConfig
from local_cloud.redshift_data.errors import ApiError
from local_cloud.redshift_data.gate import Gate, owner_context
from local_cloud.redshift_data.statements.statement import Part, Statement
from local_cloud.redshift_data.statements.statements import Statements
from local_cloud.redshift_data.wire.service_model import JSON

if TYPE_CHECKING:
    from local_cloud.redshift.warehouse import Warehouse

_NO_QUERY = "Query does not exist."


@dataclass(frozen=True)
class Service:
    """The warehouse behind the Data API and the statements that it knows."""

    warehouse: Warehouse
    config: CloudConfig
    statements: Statements


@dataclass(frozen=True)
class Pending:
    """The members of an answer, to be asked for when `part` has ended or after `seconds`."""

    part: Part
    seconds: int
    members: Callable[[], JSON]


Operation = Callable[[Service, JSON, Gate], JSON | Pending]
"""Takes a validated request and returns the members of its answer. Raises ApiError."""


def waits(service: Service, request: JSON, part: Part, members: Callable[[], JSON]) -> JSON | Pending:
    """The members at once, or after WaitTimeSeconds if the request has it and the part runs.

    Raises ActiveWaitingRequestsExceededException.
    """
    if "WaitTimeSeconds" not in request or part.done.done():
        return members()
    service.statements.begin_wait(part)
    return Pending(part, request["WaitTimeSeconds"], members)


def find_statement(service: Service, action: str, request: JSON, gate: Gate) -> tuple[Statement, Part]:
    """The statement that the request names by Id, and the part of a batch. Asks IAM for the action first."""
    found = service.statements.find(request["Id"])
    owner_id = found[0].caller.user_id if found else gate.caller.user_id
    gate.require(f"redshift-data:{action}", "*", "redshift-data", owner_context(owner_id))
    service.statements.check_not_expired(request["Id"], gate.caller.owner)
    # Same-role rule: for any other role the statement does not exist.
    if found is None or found[0].caller.owner != gate.caller.owner:
        raise ApiError("ResourceNotFoundException", _NO_QUERY, ResourceId=request["Id"])
    return found
