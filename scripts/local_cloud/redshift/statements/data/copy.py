"""COPY."""

from __future__ import annotations

import json

from local_cloud.redshift.copy.options import parse_copy
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import literal


def translate_copy(statement: Statement) -> Translation:
    """Runs internal/copy.sql with the options as JSON."""
    command = parse_copy(statement.tokens)
    request = literal(json.dumps(command.as_request()))
    return Translation(f"SELECT redshift.copy({request})", "COPY", hides_result=True)
