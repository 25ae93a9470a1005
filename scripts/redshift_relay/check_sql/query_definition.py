"""A query as Terraform has it: YAML's values converted to the types of `queries` of modules/websocket_gateway."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class ParameterDefinition:
    """A parameter of a query; None where a setting is not set."""

    type: str
    label: str | None = None
    description: str = ""
    order: Decimal | None = None
    default: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    max_length: Decimal | None = None
    choices: tuple[str | None, ...] | None = None
    claim: str | None = None
    values: Mapping[str, str] | None = None
    latest: bool = False

    @property
    def is_required(self) -> bool:
        """Whether a client has to give a value."""
        return self.default is None and self.type != "claim"


@dataclass(frozen=True)
class QueryDefinition:
    """A query with Terraform's defaults."""

    sql: str
    label: str | None = None
    description: str = ""
    default: bool = False
    chart: str | None = None
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parameters: Mapping[str, ParameterDefinition] = field(default_factory=dict)
    max_rows: Decimal = Decimal(10000)
    timeout_seconds: Decimal = Decimal(300)
    max_age_seconds: Decimal | None = None
    min_refresh_seconds: Decimal = Decimal(0)
    allowed_groups: tuple[str | None, ...] = ()

    @classmethod
    def of(cls, sql: str, settings: Mapping[str, Any]) -> "QueryDefinition":
        """Converts settings without mistakes of kind; null stands for the default."""
        given = {key: value for key, value in settings.items() if value is not None}
        numbers = ("max_rows", "timeout_seconds", "max_age_seconds", "min_refresh_seconds")
        converted: dict[str, Any] = {key: _number(given[key]) for key in numbers if key in given}
        converted |= {key: as_text(given[key]) for key in ("label", "description", "chart") if key in given}
        if "default" in given:
            converted["default"] = _flag(given["default"])
        if "allowed_groups" in given:
            converted["allowed_groups"] = tuple(map(as_text, given["allowed_groups"]))
        columns = {key: _column(value) for key, value in given.get("columns", {}).items()}
        parameters = {key: _parameter(value) for key, value in given.get("parameters", {}).items()}
        return cls(sql=sql, columns=columns, parameters=parameters, **converted)

    def for_function(self) -> dict[str, Any]:
        """The definition as the gateway's table holds it, and Query.from_definition reads it."""
        parameters = {key: _set(vars(one)) for key, one in self.parameters.items()}
        return vars(self) | {"parameters": parameters}


def _set(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: int(value) if key == "max_length" else value for key, value in settings.items() if value is not None}


def _column(given: Mapping[str, Any]) -> dict[str, Any]:
    texts = {key: as_text(value) for key, value in given.items() if key != "decimals"}
    decimals = given.get("decimals")
    return texts | {"decimals": None if decimals is None else _number(decimals)}


def _parameter(given: Mapping[str, Any]) -> ParameterDefinition:
    convert: dict[str, Any] = {
        "order": _number,
        "max_length": _number,
        "choices": lambda value: tuple(map(as_text, value)),
        "values": lambda value: {key: as_text(item) for key, item in value.items()},
        "latest": _flag,
    }
    settings = {key: convert.get(key, as_text)(value) for key, value in given.items() if value is not None}
    return ParameterDefinition(**settings)


def as_text(value: Any) -> str | None:
    """A plain value as Terraform's tostring has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _number(value: Any) -> Decimal:
    number = Decimal(str(value))
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number


def _flag(value: Any) -> bool:
    return value is True or value in ("true", "1")
