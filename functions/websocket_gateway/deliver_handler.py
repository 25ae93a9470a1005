"""Entry point of the deliver function: completion events, events about changed data, cached answers, the sweep.

What deliveries do not need is imported where it is used: a cold start compiles what it imports.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from relay.actions import Context, Event, as_event, text
from relay.data_api import DataApi
from relay.errors import InputError, UnknownAction
from relay.events import STATUS_CHANGE, Completion, parse_completion
from relay.names import Kind, StatementName
from websocket_gateway.catalog.catalog import Catalog
from websocket_gateway.connections.connections import Connections
from websocket_gateway.connections.waiters import Waiters
from websocket_gateway.deliver_function import DeliverFunction, default_lambda_client
from websocket_gateway.delivery.deliverer import Deliverer
from websocket_gateway.delivery.management_api import ManagementApi, default_management_client
from websocket_gateway.delivery.thread_pool import ThreadPool
from websocket_gateway.questions.data_versions import DataVersions
from websocket_gateway.questions.question_store import QuestionStore
from websocket_gateway.questions.run import Run
from websocket_gateway.questions.run_coordinator import RunCoordinator
from websocket_gateway.questions.run_slots import RunSlots
from websocket_gateway.questions.unwanted_runs import UnwantedRuns
from websocket_gateway.settings import Settings
from websocket_gateway.storage.table import Table, default_dynamodb_client

if TYPE_CHECKING:
    from websocket_gateway.delivery.data_changes import DataChanges
    from websocket_gateway.sweep import Sweep


@dataclass(frozen=True)
class _Parts:
    """What one process needs, made once."""

    settings: Settings
    table: Table
    questions: QuestionStore
    versions: DataVersions
    connections: Connections
    waiters: Waiters
    runs: RunCoordinator
    slots: RunSlots
    unwanted_runs: UnwantedRuns
    deliver_function: DeliverFunction
    catalog: Catalog
    api: DataApi
    management: ManagementApi
    pool: ThreadPool

    def deliverer(self, context: Context) -> Deliverer:
        return Deliverer(
            self.questions,
            self.versions,
            self.waiters,
            self.runs,
            self.deliver_function,
            self.catalog,
            self.api,
            self.management,
            self.pool,
            context.get_remaining_time_in_millis,
        )

    def sweep(self, deliverer: Deliverer) -> "Sweep":
        from websocket_gateway.sweep import Sweep

        return Sweep(
            self.table,
            self.questions,
            self.versions,
            self.connections,
            self.waiters,
            self.runs,
            self.slots,
            self.unwanted_runs,
            self.deliver_function,
            self.api,
            self.management,
            self.pool,
            deliverer,
        )

    def data_changes(self, deliverer: Deliverer) -> "DataChanges":
        from websocket_gateway.delivery.data_changes import DataChanges

        return DataChanges(self.table, self.questions, self.versions, self.runs, deliverer)


@cache
def _parts() -> _Parts:
    settings = Settings.from_env()
    table = Table(default_dynamodb_client(), settings.table)
    questions, versions, api = QuestionStore(table), DataVersions(table), DataApi(settings.target)
    deliver_function = DeliverFunction(default_lambda_client(), settings.deliver_function)
    connections = Connections(table)
    slots = RunSlots(table, settings.max_running_statements, settings.max_running_per_person)
    waiters = Waiters(table, connections, settings.max_open_requests)
    runs = RunCoordinator(questions, versions, api, settings, deliver_function, slots)
    return _Parts(
        settings=settings,
        table=table,
        questions=questions,
        versions=versions,
        connections=connections,
        waiters=waiters,
        runs=runs,
        slots=slots,
        unwanted_runs=UnwantedRuns(questions, waiters, runs),
        deliver_function=deliver_function,
        catalog=Catalog(table, settings.name_prefix, settings.target),
        api=api,
        management=ManagementApi(default_management_client(settings.management_endpoint)),
        pool=ThreadPool(),
    )


def handle(event: object, context: Context) -> dict[str, Any]:
    """Handles an event or an action. Raises RelayError; every step may be repeated."""
    request = as_event(event)
    parts = _parts()
    deliverer = parts.deliverer(context)
    match request.get("action"):
        case "deliver":
            return {"served": deliverer.deliver(text(request, "question", max_bytes=64))}
        case "send":
            from websocket_gateway.delivery.first_message import send_first_message

            return {"outcome": send_first_message(parts.management, parts.connections, *_message(request)).name}
        case "cancel_unwanted":
            parts.unwanted_runs.cancel(_questions(request))
            return {}
        case "sweep":
            return parts.sweep(deliverer).run()
        case "log_in":
            from websocket_gateway.login import log_in

            # Users other than an IAM identity's exist already.
            needed = request.get("needed", True)
            return {"database_user": log_in(parts.api, parts.settings.name_prefix, context) if needed else None}
        case "check_queries":
            from websocket_gateway.query_check import check_queries

            grants = request.get("grants", [])
            return {"checked": check_queries(parts.api, parts.settings.name_prefix, parts.catalog, context, grants)}
        case None:
            if ended := _ended_run(parts.settings, request):
                run, completion = ended
                return {"served": deliverer.deliver_ended(run, completion.state, completion.statement_id)}
            _check_event(request)
            return parts.data_changes(deliverer).follow(_changed_at(request))
        case other:
            raise UnknownAction(other, ("deliver", "send", "cancel_unwanted", "sweep", "log_in", "check_queries"))


def _ended_run(settings: Settings, event: Event) -> tuple[Run, Completion] | None:
    """The run whose statement has ended; None for an event about anything else."""
    if event.get("detail-type") != STATUS_CHANGE:
        return None
    completion = parse_completion(event)
    name = StatementName.parse(completion.statement_name)
    if name is None or name.prefix != settings.name_prefix or name.kind is not Kind.QUERY:
        return None
    run = Run.parse(name.key)
    if run is None:
        raise InputError("detail.statementName", f"{completion.statement_name!r} is not the name of a run")
    return run, completion


def _check_event(event: Event) -> None:
    """Raises InputError for anything but an event of EventBridge: it would count as a change of the data.

    https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
    """
    for field in ("source", "detail-type"):
        text(event, field)
    if not isinstance(event.get("detail", {}), dict):
        raise InputError("detail", "must be a JSON object")


def _changed_at(event: Event) -> str | None:
    """When the data changed, by any other event; None for a failed statement, which usually has changed nothing."""
    detail = event.get("detail")
    failed = isinstance(detail, dict) and detail.get("state") in ("FAILED", "ABORTED")
    return None if failed else text(event, "time", default="")


def _questions(request: Event) -> list[str]:
    """The questions of the action `cancel_unwanted`."""
    found = request.get("questions")
    if not isinstance(found, list) or not all(isinstance(one, str) and one for one in found):
        raise InputError("questions", "must be a list of questions' ids")
    return found


def _message(request: Event) -> tuple[str, dict[str, Any], int]:
    """(connection, message, connected_at) of the action `send`."""
    message, connected_at = request.get("message"), request.get("connected_at")
    if not isinstance(connected_at, int) or not isinstance(message, dict):
        raise InputError("message", "must be an object, with connected_at in epoch seconds beside it")
    return text(request, "connection"), message, connected_at
