"""The type of checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlglot import exp

Checks = Mapping[type[exp.Expr], Callable[[Any], None]]
"""By type of node: raises SqlError if Redshift refuses the node."""
