"""Entry point of the socket function: the routes of the WebSocket API and `POST /ticket`."""

import json
from functools import cache
from typing import Any

from relay.actions import Context, as_event
from relay.data_api import DataApi
from relay.errors import InputError
from websocket_gateway.catalog.catalog import Catalogue
from websocket_gateway.connections.tickets import Tickets
from websocket_gateway.connections.waiters import Waiters
from websocket_gateway.questions.question_store import Questions
from websocket_gateway.questions.run_coordinator import Runs, default_lambda_client
from websocket_gateway.routes import Answer, Routes
from websocket_gateway.settings import Settings
from websocket_gateway.storage.table import Table, default_dynamodb_client


@cache
def _routes() -> Routes:
    settings = Settings.from_env()
    table = Table(default_dynamodb_client(), settings.table)
    questions = Questions(table)
    runs = Runs(questions, DataApi(settings.target), settings, default_lambda_client())
    catalogue = Catalogue(table, settings.name_prefix, settings.target)
    return Routes(settings, catalogue, questions, Waiters(table, settings.max_open_requests), runs, Tickets(table))


def handle(event: object, _context: Context) -> dict[str, Any]:
    """Answers API Gateway. Raises only for what is no event of API Gateway, or when AWS does not answer."""
    request = as_event(event)
    context = request.get("requestContext")
    if not isinstance(context, dict):
        raise InputError("requestContext", "an event of API Gateway is required")
    routes = _routes()
    # The type of a WebSocket's event is API Gateway's own word; its route key can be what a client writes as action.
    match context.get("eventType"), context.get("routeKey"):
        case "CONNECT", _:
            return _response(routes.connect(request))
        case "DISCONNECT", _:
            return _response(routes.disconnect(request))
        case "MESSAGE", _:
            return _response(Answer(200, {}, routes.message(request)))
        case None, "POST /ticket":
            return _response(routes.ticket(request))
        case other:
            raise InputError("requestContext", f"{other!r} is no event of the gateway's APIs")


def _response(answer: Answer) -> dict[str, Any]:
    body = {} if answer.body is None else {"body": json.dumps(answer.body)}
    return {"statusCode": answer.status, "headers": dict(answer.headers), **body}
