"""The routes of the WebSocket API and the ticket API. Nothing here sends rows or waits for a statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relay.log import log
from websocket_gateway.catalog.catalog import Catalogue
from websocket_gateway.connections.identity import Identity, from_authorizer, from_token
from websocket_gateway.connections.tickets import Tickets
from websocket_gateway.connections.waiters import Connection, Waiters
from websocket_gateway.errors import ClientError, bad_request
from websocket_gateway.protocol.responses import (
    SUBPROTOCOL,
    TICKET_SUBPROTOCOL,
    Ask,
    accepted,
    cancelled,
    catalog,
    error,
    parse,
    parse_ask,
    parse_connect_query,
    pong,
    readable_id,
    request_id,
)
from websocket_gateway.questions.question_store import UNWANTED, Definition, Questions
from websocket_gateway.questions.run_coordinator import Runs
from websocket_gateway.settings import Settings


@dataclass(frozen=True)
class Answer:
    """A response to API Gateway."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any] | None = None


@dataclass(frozen=True)
class Routes:
    """What the socket function does, route by route."""

    settings: Settings
    catalogue: Catalogue
    questions: Questions
    waiters: Waiters
    runs: Runs
    tickets: Tickets

    def connect(self, event: Mapping[str, Any]) -> Answer:
        """Lets a client in, or not; a first question may ride on the URL."""
        connection_id = event["requestContext"]["connectionId"]
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        query = event.get("queryStringParameters") or {}
        offered = [part.strip() for part in headers.get("sec-websocket-protocol", "").split(",") if part.strip()]
        try:
            self._check_origin(headers.get("origin"))
            identity = self._identify(event, query, offered)
        except ClientError as refused:
            log("INFO", "connection refused", code=refused.code)
            return Answer(403 if refused.code == "forbidden" else 401, {})
        connection = self.waiters.connect(connection_id, identity)
        try:
            first = parse_connect_query(query, self.settings.url_credentials)
            message = self._ask(connection, first) if first else None
        except ClientError as wrong:
            message = error("connect", wrong.code, wrong.message)
        if message:
            # The client cannot be told before $connect has returned.
            self.runs.invoke(
                {
                    "action": "tell",
                    "connection": connection_id,
                    "message": message,
                    "connected_at": connection.connected_at,
                }
            )
        # An offered subprotocol must be echoed, or browsers give up; a ticket is never echoed.
        return Answer(200, {"Sec-WebSocket-Protocol": SUBPROTOCOL} if SUBPROTOCOL in offered else {})

    def disconnect(self, event: Mapping[str, Any]) -> Answer:
        """Forgets the connection and all that waits for it."""
        self.waiters.disconnect(event["requestContext"]["connectionId"])
        return Answer(200, {})

    def message(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a message: never an exception's text, never anything of anybody else."""
        id_ = None
        try:
            message = parse(event.get("body"), self.settings.max_message_bytes)
            id_ = readable_id(message)
            connection = self.waiters.connection(event["requestContext"]["connectionId"])
            connection.identity.check_kept(self.settings.claims)
            return self._act(connection, message)
        except ClientError as wrong:
            return error(id_, wrong.code, wrong.message)

    def _act(self, connection: Connection, message: Mapping[str, Any]) -> dict[str, Any]:
        match message.get("action"):
            case "query":
                return self._ask(connection, parse_ask(message))
            case "cancel":
                return self._cancel(connection, request_id(message))
            case "catalog":
                return self._catalog(connection)
            case "ping":
                return pong()
            case _:
                raise bad_request("action: one of query, cancel, catalog, ping")

    def ticket(self, event: Mapping[str, Any]) -> Answer:
        """A ticket for the claims that API Gateway's JWT authorizer has checked."""
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        try:
            identity = from_token(event["requestContext"]["authorizer"]["jwt"]["claims"], self.settings.claims)
            return Answer(200, headers, self.tickets.issue(identity))
        except ClientError as wrong:
            return Answer(401, headers, {"code": wrong.code, "message": wrong.message})

    def _check_origin(self, origin: str | None) -> None:
        """Browsers always send an origin; other clients need none, since they bring no user's cookies or tokens."""
        allowed = self.settings.allowed_origins
        if origin is not None and "*" not in allowed and origin not in allowed:
            raise ClientError("forbidden", "this origin may not connect")

    def _identify(self, event: Mapping[str, Any], query: Mapping[str, str], offered: list[str]) -> Identity:
        match self.settings.authorization:
            case "NONE":
                return Identity()
            case "CUSTOM":
                return from_authorizer(event["requestContext"].get("authorizer") or {}, self.settings.claims)
            case _:
                protocols = [p.removeprefix(TICKET_SUBPROTOCOL) for p in offered if p.startswith(TICKET_SUBPROTOCOL)]
                return self.tickets.redeem(protocols[0] if protocols else query.get("ticket", ""))

    def _ask(self, connection: Connection, ask: Ask) -> dict[str, Any]:
        query = self.catalogue.find(ask.query)
        if query is None:
            raise ClientError("unknown_query", f"{ask.query} is not in the catalogue")
        query.check_allowed(connection.identity.groups(self.settings.groups_claim))
        bound = query.bind(ask.params, connection.identity.claims)
        question = self.catalogue.question(query, bound)
        resume = ask.resume.run if ask.resume else ""
        version = self.questions.version()
        least = self.runs.least(question, version, query.max_age_seconds, resume)
        # The waiter is stored before the question is claimed: whoever ends its run then finds the waiter.
        self.waiters.add(connection, ask, question, version.number, least)
        definition = Definition(
            query=query.name,
            sql=query.sql,
            bound=bound,
            max_rows=query.max_rows,
            timeout_seconds=query.timeout_seconds,
            min_refresh_seconds=query.min_refresh_seconds,
        )
        run, held = self.runs.ensure(question, definition, version, query.max_age_seconds, resume)
        return accepted(ask.id, query.name, run, held=held)

    def _cancel(self, connection: Connection, id_: str) -> dict[str, Any]:
        """Stops the statement when nobody else waits for it."""
        question = self.waiters.request(connection.id, id_)
        if question is None:
            raise ClientError("unknown_request", f"id: no request {id_} is open on this connection")
        self.waiters.remove(connection.id, id_, question)
        meta = self.questions.read(question)
        if meta and meta.in_flight and not any(self.waiters.of(question)):
            self.runs.cancel(meta, UNWANTED)
        return cancelled(id_)

    def _catalog(self, connection: Connection) -> dict[str, Any]:
        """The queries that this client may ask."""
        groups = connection.identity.groups(self.settings.groups_claim)
        return catalog([query.described() for query in self.catalogue.all() if query.allows(groups)])
