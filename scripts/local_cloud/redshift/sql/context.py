"""What a statement is translated with, beside its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from local_cloud.redshift.sql.analysis.catalog import Catalog


@dataclass(frozen=True)
class Context:
    """The session's catalog, and the values of `:name`: texts, which become literals that PostgreSQL converts."""

    catalog: Catalog = field(default_factory=Catalog)
    parameters: Mapping[str, str] = field(default_factory=dict)


NO_CONTEXT = Context()
