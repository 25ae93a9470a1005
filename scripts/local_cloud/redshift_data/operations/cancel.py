"""CancelStatement."""

from __future__ import annotations

from local_cloud.redshift_data.gate import Gate
from local_cloud.redshift_data.operations.operation import Service, find_statement
from local_cloud.redshift_data.wire.service_model import JSON


def cancel(service: Service, request: JSON, gate: Gate) -> JSON:
    """Cancel a statement, and answer when it has ended."""
    statement, _ = find_statement(service, "CancelStatement", request, gate)
    service.statements.cancel(statement)
    return {"Status": True}
