"""The id of a question: the same for everybody whose answer would be the same, claims included."""

import hashlib
import json
from collections.abc import Mapping

from relay.settings import Target
from websocket_gateway.catalog.query import Query


def question_id(name_prefix: str, target: Target, query: Query, bound: Mapping[str, str]) -> str:
    """32 hexadecimal digits for a query and its bound values."""
    claims = sorted((name, one.claim or name) for name, one in query.parameters.items() if one.type == "claim")
    # Who may ask is part of it: when the catalog revokes a right, the questions of those who had it are others.
    rules = [query.max_rows, query.timeout_seconds, sorted(query.allowed_groups), claims]
    parts = [name_prefix, sorted(target.arguments().items()), query.sql, rules, sorted(bound.items())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
