"""The routes of the WebSocket API and the ticket API. They never send rows and never wait for a statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relay.log import log
from relay.metrics import metrics
from websocket_gateway.catalog.catalog import Catalog
from websocket_gateway.catalog.query import Query
from websocket_gateway.connections.connections import Connection, Connections
from websocket_gateway.connections.identity import Identity, from_authorizer, from_token
from websocket_gateway.connections.persons import Persons
from websocket_gateway.connections.tickets import Tickets
from websocket_gateway.connections.token import payload
from websocket_gateway.connections.waiters import Waiters
from websocket_gateway.deliver_function import DeliverFunction
from websocket_gateway.errors import ClientError, bad_request
from websocket_gateway.protocol.requests import (
    SUBPROTOCOL,
    TICKET_SUBPROTOCOL,
    Ask,
    parse,
    parse_ask,
    parse_connect_query,
    readable_id,
    request_id,
)
from websocket_gateway.protocol.responses import accepted, cancelled, catalog, error
from websocket_gateway.questions.data_versions import DataVersions
from websocket_gateway.questions.latest_run import Definition
from websocket_gateway.questions.run_coordinator import RunCoordinator
from websocket_gateway.questions.unwanted_runs import UnwantedRuns
from websocket_gateway.settings import Settings


@dataclass(frozen=True)
class Response:
    """A response to API Gateway."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any] | None = None


@dataclass(frozen=True)
class Routes:
    """What the socket function does, route by route."""

    settings: Settings
    catalog: Catalog
    versions: DataVersions
    connections: Connections
    persons: Persons
    waiters: Waiters
    runs: RunCoordinator
    unwanted_runs: UnwantedRuns
    tickets: Tickets
    deliver_function: DeliverFunction

    def connect(self, event: Mapping[str, Any]) -> Response:
        """Accepts or rejects a connection; a first question may come with the URL."""
        connection_id = event["requestContext"]["connectionId"]
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        query = event.get("queryStringParameters") or {}
        offered = [part.strip() for part in headers.get("sec-websocket-protocol", "").split(",") if part.strip()]
        try:
            self._check_origin(headers.get("origin"))
            identity = self._identify(event, query, offered)
        except ClientError as rejected:
            log("INFO", "connection rejected", code=rejected.code)
            return Response(403 if rejected.code == "forbidden" else 401, {})
        connection = self.connections.add(connection_id, identity)
        if many := self.persons.connected(identity.person, connection_id):
            self.deliver_function.close(many)
        try:
            self._ask_first(connection, query)
        except Exception:
            self.connections.remove(connection_id)  # API Gateway opens nothing when $connect fails
            raise
        # An offered subprotocol must be echoed, or browsers close the connection; a ticket is never echoed.
        return Response(200, {"Sec-WebSocket-Protocol": SUBPROTOCOL} if SUBPROTOCOL in offered else {})

    def _ask_first(self, connection: Connection, query: Mapping[str, str]) -> None:
        """Asks the question of the connect URL, if there is one."""
        try:
            first = parse_connect_query(query, self.settings.url_credentials)
            message = self._ask(connection, first) if first else None
        except ClientError as failed:
            message = error("connect", failed.code, failed.message)
        if message:
            # The client can receive messages only after $connect has returned.
            self.deliver_function.send(connection.id, message, connection.connected_at)

    def disconnect(self, event: Mapping[str, Any]) -> Response:
        """Removes the connection and everything that waits for it; runs that nobody else waits for are cancelled."""
        questions = self.connections.remove(event["requestContext"]["connectionId"])
        if questions:
            # Not here: many cancels may take longer than API Gateway waits.
            self.deliver_function.cancel_unwanted(questions)
        return Response(200, {})

    def message(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answers a message, without exception texts and without anything of other clients."""
        id_ = None
        try:
            message = parse(event.get("body"), self.settings.max_message_bytes)
            id_ = readable_id(message)
            connection = self.connections.get_open(event["requestContext"]["connectionId"])
            connection.identity.check_kept(self.settings.claims)
            return self._act(connection, message)
        except ClientError as failed:
            return error(id_, failed.code, failed.message)

    def _act(self, connection: Connection, message: Mapping[str, Any]) -> dict[str, Any]:
        match message.get("action"):
            case "query":
                return self._ask(connection, parse_ask(message))
            case "cancel":
                return self._cancel(connection, request_id(message))
            case "catalog":
                return self._catalog(connection)
            case _:
                raise bad_request("action: must be one of query, cancel, catalog, ping.")

    def ticket(self, event: Mapping[str, Any]) -> Response:
        """Issues a ticket for the claims that API Gateway's JWT authorizer has checked."""
        headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        try:
            header = {name.lower(): value for name, value in (event.get("headers") or {}).items()}.get("authorization")
            claims = payload(header, event["requestContext"]["authorizer"]["jwt"]["claims"])
            identity = from_token(claims, self.settings.claims)
            return Response(200, headers, self.tickets.issue(identity))
        except ClientError as failed:
            return Response(401, headers, {"code": failed.code, "message": failed.message})

    def _check_origin(self, origin: str | None) -> None:
        """Browsers always send an origin; other clients need none, because they bring no user's cookies or tokens."""
        allowed = self.settings.allowed_origins
        if origin is not None and "*" not in allowed and origin not in allowed:
            raise ClientError("forbidden", "This origin is not allowed to connect.")

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
        query = self.catalog.find(ask.query)
        if query is None:
            raise ClientError("unknown_query", f"{ask.query} is not in the catalog.")
        query.check_allowed(self._groups(connection))
        bound = query.bind(ask.params, connection.identity.claims)
        question = self.catalog.question_id(query, bound)
        resume = ask.resume.run if ask.resume else ""
        version = self.versions.recent(query.refreshed_by)
        person, max_age = connection.identity.person, self._max_age(query, ask)
        found = self.runs.look(question, version, max_age, resume, person)
        definition = Definition(
            query=query.name,
            sql=query.sql,
            bound=bound,
            max_rows=query.max_rows,
            timeout_seconds=query.timeout_seconds,
            min_refresh_seconds=query.min_refresh_seconds,
            refreshed_by=query.refreshed_by,
        )
        while True:
            # The waiter is stored before the question is claimed, so that whoever ends the run finds it.
            own = found.min_attempt if found.is_cached else None
            waiter = self.waiters.add(connection, ask, question, version.number, found.min_attempt, own)
            if found.is_cached:
                break
            try:
                found = self.runs.ensure_run(question, definition, version, max_age, resume, person)
            except ClientError:
                # Others took the last slot meanwhile.
                self.waiters.remove([waiter])
                raise
            if found.min_attempt == waiter.min_attempt or found.is_first:
                break
            # The run that was in flight has ended: no answer is of a run before the one that is told to the client.
        if found.is_cached:
            self.deliver_function.deliver_to(question, [waiter.key.sk])
        else:
            self.waiters.confirm(waiter)
        metrics.add("Questions")
        metrics.add("CacheHits", found.is_cached)
        return accepted(ask.id, query.name, found.run_id, cached=found.is_cached)

    def _max_age(self, query: Query, ask: Ask) -> int | None:
        """How old a cached answer may be, in seconds. A fresh one may be as old as the query forbids to refresh it."""
        own = query.max_age_seconds
        if not ask.fresh or (own is None and not self.settings.versioned):
            return own
        return query.min_refresh_seconds if own is None else min(own, query.min_refresh_seconds)

    def _cancel(self, connection: Connection, id_: str) -> dict[str, Any]:
        """Cancels a request, and its statement when nobody else waits for it."""
        questions = self.waiters.cancel(connection.id, id_)
        if not questions:
            raise ClientError("unknown_request", f"id: no request {id_} is open on this connection.")
        self.unwanted_runs.cancel(questions)
        return cancelled(id_)

    def _catalog(self, connection: Connection) -> dict[str, Any]:
        """The queries that this client is allowed to ask."""
        groups = self._groups(connection)
        return catalog([query.describe() for query in self.catalog.all() if query.is_allowed(groups)])

    def _groups(self, connection: Connection) -> tuple[str, ...]:
        """The caller's groups. An authorizer's context has no lists, so there a text lists them:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html
        """
        is_list_as_text = self.settings.authorization == "CUSTOM"
        return connection.identity.groups(self.settings.groups_claim, is_list_as_text=is_list_as_text)
