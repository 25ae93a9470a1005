"""Entry point of the deliver function: completion events, events that data changed, held answers, the sweep."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from relay.actions import Context, Event, as_event, text
from relay.data_api import DataApi
from relay.errors import InputError, RelayError, UnknownAction
from relay.events import STATUS_CHANGE, Completion, parse_completion
from relay.log import log
from relay.names import Kind, StatementName
from websocket_gateway.catalog.catalog import Catalogue
from websocket_gateway.connections.waiters import Waiters
from websocket_gateway.delivery.deliverer import Deliverer
from websocket_gateway.delivery.management_api import Outcome, Pusher, client_for
from websocket_gateway.login import log_in
from websocket_gateway.questions.question_store import Questions, Version
from websocket_gateway.questions.run import Run
from websocket_gateway.questions.run_coordinator import Runs, default_lambda_client
from websocket_gateway.settings import Settings
from websocket_gateway.storage.table import Table, default_dynamodb_client
from websocket_gateway.sweep import Sweep


class NotTold(RelayError):
    """A client that has just connected takes no messages yet."""


@dataclass(frozen=True)
class _Parts:
    settings: Settings
    table: Table
    questions: Questions
    waiters: Waiters
    runs: Runs
    api: DataApi
    pusher: Pusher

    def deliverer(self, context: Context) -> Deliverer:
        catalogue = Catalogue(self.table, self.settings.name_prefix, self.settings.target)
        time_left = context.get_remaining_time_in_millis
        return Deliverer(self.questions, self.waiters, self.runs, catalogue, self.api, self.pusher, time_left)


@cache
def _parts() -> _Parts:
    settings = Settings.from_env()
    table = Table(default_dynamodb_client(), settings.table)
    questions, api = Questions(table), DataApi(settings.target)
    runs = Runs(questions, api, settings, default_lambda_client())
    pusher = Pusher(client_for(settings.management_endpoint))
    return _Parts(settings, table, questions, Waiters(table, settings.max_open_requests), runs, api, pusher)


def handle(event: object, context: Context) -> dict[str, Any]:
    """Raises RelayError; every step may be repeated."""
    request = as_event(event)
    parts = _parts()
    deliverer = parts.deliverer(context)
    match request.get("action"):
        case "deliver":
            return {"served": deliverer.deliver(text(request, "question", most=64))}
        case "tell":
            return _tell(parts, request)
        case "sweep":
            sweep = Sweep(parts.table, parts.questions, parts.waiters, parts.runs, parts.api, parts.pusher, deliverer)
            return sweep.look()
        case "log_in":
            # Any other user than an IAM identity's is there already.
            needed = request.get("needed", True)
            return {"database_user": log_in(parts.api, parts.settings.name_prefix, context) if needed else None}
        case None:
            if ended := _run_of(parts.settings, request):
                run, completion = ended
                return {"served": deliverer.completed(run, completion.state, completion.statement_id)}
            return _data_changed(parts, deliverer, request)
        case other:
            raise UnknownAction(other, ("deliver", "tell", "sweep", "log_in"))


def _run_of(settings: Settings, event: Event) -> tuple[Run, Completion] | None:
    """The run whose statement an event says has ended; None for an event about anything else."""
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


def _data_changed(parts: _Parts, deliverer: Deliverer, request: Event) -> dict[str, Any]:
    """Any other event that a rule lets through says that the data changed."""
    version = parts.questions.bump_version(_changed_at(request))
    questions = parts.table.live_questions()
    for question in sorted(questions):
        try:
            _follow(parts, deliverer, question, version)
        except Exception as error:
            # The sweep looks after it; raised, it would keep the others waiting, and a retry would be another version.
            log("ERROR", "question not followed", question=question, error=f"{type(error).__name__}: {error}")
    log("INFO", "data changed", data_version=version.number, questions=len(questions))
    return {"version": version.number, "questions": len(questions)}


def _follow(parts: _Parts, deliverer: Deliverer, question: str, version: Version) -> None:
    """Sees to it that live waiters of a question get an answer of a version."""
    while meta := parts.questions.read(question):
        if not meta.in_flight:
            deliverer.follow(meta)  # at the version that is current by now, not the one of the event
            return
        if parts.runs.wanted(meta, version):
            return


def _changed_at(event: Event) -> str | None:
    """When the data changed, says an event; None for a statement that failed, which has mostly changed nothing."""
    detail = event.get("detail")
    failed = isinstance(detail, dict) and detail.get("state") in ("FAILED", "ABORTED")
    return None if failed else text(event, "time", default="")


def _tell(parts: _Parts, request: Event) -> dict[str, Any]:
    """Sends what could not be said while the client was connecting."""
    connected_at = request.get("connected_at")
    message = request.get("message")
    if not isinstance(connected_at, int) or not isinstance(message, dict):
        raise InputError("message", "an object is required, and connected_at in epoch seconds")
    connection = text(request, "connection")
    outcome = parts.pusher.send(connection, message, connected_at)
    if outcome is Outcome.SLOW:
        if not parts.waiters.is_open(connection):
            return {"outcome": Outcome.GONE.name}
        raise NotTold("the client cannot be reached yet")  # Lambda tries again
    return {"outcome": outcome.name}
