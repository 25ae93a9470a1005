"""A query of the catalog: what a client may ask, and with which parameters. Clients never send SQL."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from websocket_gateway.catalog.parameter import Parameter
from websocket_gateway.errors import ClientError, bad_parameter
from websocket_gateway.protocol.requests import printable


@dataclass(frozen=True)
class Query:
    """A query with the bounds of its runs. Without `max_age_seconds`, answers stay cached until the data changes:
    by an event of `refreshed_by`, None for any.

    `label`, `default` (the query that a page opens with), `chart` and `columns` (how to show a column, by its name) are
    for pages.
    """

    name: str
    sql: str
    description: str
    parameters: Mapping[str, Parameter]
    max_rows: int
    timeout_seconds: int
    max_age_seconds: int | None
    min_refresh_seconds: int
    allowed_groups: tuple[str, ...]
    refreshed_by: tuple[str, ...] | None = None
    label: str | None = None
    default: bool = False
    chart: str | None = None
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def from_definition(cls, name: str, definition: Mapping[str, Any]) -> "Query":
        """Reads the definition that Terraform wrote into the table; Terraform has validated it."""
        parameters = {
            key: Parameter(**{name: value for name, value in given.items() if value is not None} | _choices(given))
            for key, given in (definition.get("parameters") or {}).items()
        }
        in_order = sorted(parameters.items(), key=lambda item: (_order(item[1]), item[0]))
        return cls(
            name=name,
            sql=definition["sql"],
            description=definition["description"],
            parameters=dict(in_order),
            max_rows=int(definition["max_rows"]),
            timeout_seconds=int(definition["timeout_seconds"]),
            max_age_seconds=None if definition["max_age_seconds"] is None else int(definition["max_age_seconds"]),
            min_refresh_seconds=int(definition["min_refresh_seconds"]),
            allowed_groups=tuple(definition.get("allowed_groups") or ()),
            refreshed_by=None if definition.get("refreshed_by") is None else tuple(definition["refreshed_by"]),
            label=definition.get("label"),
            default=bool(definition.get("default")),
            chart=definition.get("chart"),
            columns=definition.get("columns") or {},
        )

    def is_allowed(self, groups: Sequence[str]) -> bool:
        """Whether the caller is in one of the query's groups, if it names any."""
        return not self.allowed_groups or bool(set(self.allowed_groups) & set(groups))

    def check_allowed(self, groups: Sequence[str]) -> None:
        """Raises ClientError unless `is_allowed`."""
        if not self.is_allowed(groups):
            raise ClientError(
                "forbidden", f"{self.name}: your token lists none of the groups that are allowed to run this query."
            )

    def bind(self, values: Mapping[str, object], claims: Mapping[str, Any]) -> dict[str, str]:
        """The bound parameters; raises ClientError for a missing, unknown or invalid value."""
        known = [name for name, parameter in self.parameters.items() if parameter.type != "claim"]
        for name in values:
            if name not in known:
                allowed = f"{self.name} takes {', '.join(known) if known else 'no parameters'}"
                raise bad_parameter(printable(name), f"unknown parameter. {allowed}")
        bound: dict[str, str] = {}
        for name, parameter in self.parameters.items():
            if parameter.type == "claim":
                bound[name] = _claim(name, parameter, claims)
                continue
            value = values.get(name)
            if value is None:
                value = parameter.default
            if value is None:
                raise bad_parameter(name, f"required: {(parameter.description or parameter.type).rstrip('.')}")
            bound[name] = parameter.bind(name, value)
        return bound

    def describe(self) -> dict[str, Any]:
        """What clients see of the query: everything that a form needs, and no SQL."""
        described = {
            "query": self.name,
            "label": self.label,
            "description": self.description,
            "default": self.default or None,
            "chart": self.chart,
            "columns": self.columns or None,
            "parameters": [one.describe(name) for name, one in self.parameters.items() if one.type != "claim"],
        }
        return {key: value for key, value in described.items() if value is not None}


def _order(parameter: Parameter) -> float:
    """Those without an order come last."""
    return math.inf if parameter.order is None else parameter.order


def _choices(given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {"choices": tuple(given.get("choices") or ())}


def _claim(name: str, parameter: Parameter, claims: Mapping[str, Any]) -> str:
    value = claims.get(parameter.claim or name)
    if not isinstance(value, str) or not value:
        raise ClientError(
            "forbidden", f"Your token lacks the claim {parameter.claim or name!r}, which this query requires."
        )
    return value
