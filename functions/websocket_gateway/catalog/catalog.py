"""The catalog as Terraform writes it into the table."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from relay.settings import Target
from websocket_gateway.catalog.query import Query
from websocket_gateway.catalog.question_id import question_id
from websocket_gateway.questions.latest_run import LatestRun
from websocket_gateway.storage.keys import CATALOG, query_key
from websocket_gateway.storage.table import Table


class Catalog:
    """The queries of one gateway."""

    def __init__(self, table: Table, name_prefix: str, target: Target) -> None:
        self._table = table
        self._name_prefix = name_prefix
        self._target = target

    def find(self, name: str) -> Query | None:
        """A query by its name."""
        item = self._table.get(query_key(name))
        return _query(item) if item else None

    def all(self) -> Iterator[Query]:
        """Every query, by name."""
        yield from map(_query, self._table.partition(CATALOG))

    def question_id(self, query: Query, bound: Mapping[str, str]) -> str:
        """The id of the question that a query and its bound values make at this gateway."""
        return question_id(self._name_prefix, self._target, query, bound)

    def has(self, latest: LatestRun) -> bool:
        """Whether a question can still be asked as it was: Terraform may have changed or removed its query."""
        query = self.find(latest.definition.query)
        return query is not None and self.question_id(query, latest.definition.bound) == latest.question


def _query(item: Mapping[str, Any]) -> Query:
    return Query.from_definition(item["sk"], json.loads(item["definition"]))
