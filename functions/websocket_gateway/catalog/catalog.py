"""The catalogue as Terraform writes it into the table, and which questions its queries make."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from relay.settings import Target
from websocket_gateway.catalog.query import Query
from websocket_gateway.questions.question_store import Meta
from websocket_gateway.questions.run import question_of
from websocket_gateway.storage.table import Table

_PARTITION = "CATALOGUE"


class Catalogue:
    """The queries of one gateway."""

    def __init__(self, table: Table, name_prefix: str, target: Target) -> None:
        self._table = table
        self._name_prefix = name_prefix
        self._target = target

    def find(self, name: str) -> Query | None:
        """A query by its name."""
        item = self._table.get(_PARTITION, name)
        return _query(item) if item else None

    def all(self) -> Iterator[Query]:
        """Every query, by name."""
        yield from map(_query, self._table.partition(_PARTITION))

    def question(self, query: Query, bound: Mapping[str, str]) -> str:
        """The id of the question that a query and its bound values make."""
        return question_of(self._name_prefix, self._target, query, bound)

    def offers(self, meta: Meta) -> bool:
        """Whether a question can still be asked as it was: Terraform may have changed or removed its query."""
        query = self.find(meta.definition.query)
        return query is not None and self.question(query, meta.definition.bound) == meta.question


def _query(item: Mapping[str, Any]) -> Query:
    return Query.from_definition(item["sk"], json.loads(item["definition"]))
