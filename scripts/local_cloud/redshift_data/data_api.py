"""The Redshift Data API: validates a request, runs its operation, shapes the answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from local_cloud.redshift_data.config import CloudConfig
from local_cloud.redshift_data.errors import ApiError
from local_cloud.redshift_data.gate import Gate
from local_cloud.redshift_data.operations import catalog
from local_cloud.redshift_data.operations.cancel import cancel
from local_cloud.redshift_data.operations.describe import describe
from local_cloud.redshift_data.operations.execute import batch_execute, execute
from local_cloud.redshift_data.operations.list_sessions import list_sessions
from local_cloud.redshift_data.operations.list_statements import list_statements
from local_cloud.redshift_data.operations.operation import Operation, Pending, Service
from local_cloud.redshift_data.operations.results import get_result, get_result_v2
from local_cloud.redshift_data.statements.statement import Statement
from local_cloud.redshift_data.statements.statements import Statements
from local_cloud.redshift_data.statements.waiting import Answer, Waiting
from local_cloud.redshift_data.wire.answers import answer
from local_cloud.redshift_data.wire.requests import parse_request

if TYPE_CHECKING:
    from local_cloud.redshift.warehouse import Warehouse

_OPERATIONS: dict[str, Operation] = {
    "ExecuteStatement": execute,
    "BatchExecuteStatement": batch_execute,
    "DescribeStatement": describe,
    "GetStatementResult": get_result,
    "GetStatementResultV2": get_result_v2,
    "CancelStatement": cancel,
    "ListStatements": list_statements,
    "ListSessions": list_sessions,
    **catalog.OPERATIONS,
}


class DataApi:
    """One instance serves the whole local cloud; requests come from many threads."""

    def __init__(self, warehouse: Warehouse, config: CloudConfig, announce: Callable[[Statement], None]) -> None:
        self.statements = Statements(warehouse, config, announce)
        self._service = Service(warehouse, config, self.statements)

    def stop(self) -> None:
        """Cancel running statements."""
        self.statements.stop()

    def handle(self, name: str, body: bytes, gate: Gate) -> Answer | Waiting:
        """Status, headers and body that answer one request, at once or after WaitTimeSeconds."""
        try:
            self.statements.quotas.admit(name)
            request = parse_request(name, body)
            got = _OPERATIONS[name](self._service, request, gate)
        except ApiError as error:
            return error.answer()
        if isinstance(got, Pending):
            return Waiting(
                got.part, got.seconds, partial(_late_answer, name, got), partial(self.statements.end_wait, got.part)
            )
        return answer(name, got)


def _late_answer(name: str, pending: Pending) -> Answer:
    try:
        return answer(name, pending.members())
    except ApiError as error:
        return error.answer()
