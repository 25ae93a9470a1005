"""Entry point of the socket function: the routes of the WebSocket API and `POST /ticket`."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from relay.actions import Context, Event, as_event
from relay.data_api import DataApi
from relay.errors import InputError
from relay.metrics import metrics
from websocket_gateway.catalog.catalog import Catalog
from websocket_gateway.connections.connections import Connections
from websocket_gateway.connections.persons import Persons
from websocket_gateway.connections.tickets import Tickets
from websocket_gateway.connections.waiters import Waiters
from websocket_gateway.deliver_function import DeliverFunction, default_lambda_client
from websocket_gateway.questions.data_versions import DataVersions
from websocket_gateway.questions.question_store import QuestionStore
from websocket_gateway.questions.run_coordinator import RunCoordinator
from websocket_gateway.questions.run_slots import RunSlots
from websocket_gateway.questions.unwanted_runs import UnwantedRuns
from websocket_gateway.routes import Response, Routes
from websocket_gateway.settings import Settings
from websocket_gateway.storage.table import Table, default_dynamodb_client


@cache
def _routes() -> Routes:
    settings = Settings.from_env()
    table = Table(default_dynamodb_client(), settings.table)
    persons = Persons(table, settings.max_connections_per_person, settings.max_starts_per_person)
    questions, versions, connections = QuestionStore(table), DataVersions(table), Connections(table, persons)
    deliver_function = DeliverFunction(default_lambda_client(), settings.deliver_function)
    slots = RunSlots(table, settings.max_running_statements, settings.max_running_per_person)
    runs = RunCoordinator(questions, versions, DataApi(settings.target), settings, deliver_function, slots, persons)
    waiters = Waiters(table, connections, settings.max_open_requests)
    return Routes(
        settings=settings,
        catalog=Catalog(table, settings.name_prefix, settings.target),
        versions=versions,
        connections=connections,
        persons=persons,
        waiters=waiters,
        runs=runs,
        unwanted_runs=UnwantedRuns(questions, waiters, runs),
        tickets=Tickets(table),
        deliver_function=deliver_function,
    )


def handle(event: object, _context: Context) -> dict[str, Any]:
    """Answers API Gateway. Raises only for an event that is not API Gateway's, or when AWS does not answer."""
    request = as_event(event)
    context = request.get("requestContext")
    if not isinstance(context, dict):
        raise InputError("requestContext", "required: an event of API Gateway")
    routes = _routes()
    with metrics.written(routes.settings.name_prefix):
        return _response(_answer(routes, request, context))


def _answer(routes: Routes, request: Event, context: Mapping[str, Any]) -> Response:
    # API Gateway sets the type of a WebSocket's event; a client can choose its route key, by the action it sends.
    match context.get("eventType"), context.get("routeKey"):
        case "CONNECT", _:
            return routes.connect(request)
        case "DISCONNECT", _:
            return routes.disconnect(request)
        case "MESSAGE", _:
            return Response(200, {}, routes.message(request))
        case None, "POST /ticket":
            return routes.ticket(request)
        case other:
            raise InputError("requestContext", f"{other!r} is not an event of the gateway's APIs")


def _response(response: Response) -> dict[str, Any]:
    body = {} if response.body is None else {"body": json.dumps(response.body)}
    return {"statusCode": response.status, "headers": dict(response.headers), **body}
