"""The types of rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlglot import exp

NodeRules = Mapping[type[exp.Expr], Callable[[Any], exp.Expr]]
"""By type of node: changes the node, or returns the one that replaces it."""

FunctionRules = Mapping[str, Callable[[exp.Anonymous], exp.Expr]]
"""By name of the function, in lower case: the same for a call."""
