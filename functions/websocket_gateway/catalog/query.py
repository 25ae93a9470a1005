"""The catalogue: what a client may ask, and which values it may give. Clients never send SQL."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from websocket_gateway.errors import ClientError, bad_parameter
from websocket_gateway.protocol.responses import shown

MAX_INTEGER = 2**63 - 1
"""Redshift's BIGINT."""
MIN_NUMBER, MAX_NUMBER = Decimal("1e-300"), Decimal("1e308")
"""Redshift's DOUBLE PRECISION, nearly."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a query, as Terraform has checked it.

    `type` is month, date, integer, number, text, choice or claim. Bounds are inclusive; a `default` makes it optional.
    A `claim` is bound from the connection's ticket, never from the client.
    """

    type: str
    description: str = ""
    default: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    max_length: int = 256
    choices: tuple[str, ...] = ()
    claim: str | None = None

    def bind(self, name: str, value: object) -> str:
        """The text that is bound where `:name` stands; raises ClientError. The Data API takes no NULL and no ''."""
        return _BINDERS[self.type](self, name, value)


@dataclass(frozen=True)
class Query:
    """One question that may be asked. `max_age` is None where held answers live as long as the data version."""

    name: str
    sql: str
    description: str
    parameters: Mapping[str, Parameter]
    max_rows: int
    timeout_seconds: int
    max_age_seconds: int | None
    min_refresh_seconds: int
    allowed_groups: tuple[str, ...]

    @classmethod
    def from_definition(cls, name: str, definition: Mapping[str, Any]) -> "Query":
        """Reads what Terraform wrote into the table; its validations have checked it."""
        parameters = {
            key: Parameter(**{name: value for name, value in given.items() if value is not None} | _choices(given))
            for key, given in (definition.get("parameters") or {}).items()
        }
        return cls(
            name=name,
            sql=definition["sql"],
            description=definition["description"],
            parameters=parameters,
            max_rows=int(definition["max_rows"]),
            timeout_seconds=int(definition["timeout_seconds"]),
            max_age_seconds=None if definition["max_age_seconds"] is None else int(definition["max_age_seconds"]),
            min_refresh_seconds=int(definition["min_refresh_seconds"]),
            allowed_groups=tuple(definition.get("allowed_groups") or ()),
        )

    def allows(self, groups: Sequence[str]) -> bool:
        """Whether the caller is in one of the query's groups, if it names any."""
        return not self.allowed_groups or bool(set(self.allowed_groups) & set(groups))

    def check_allowed(self, groups: Sequence[str]) -> None:
        """Raises ClientError unless `allows`."""
        if not self.allows(groups):
            raise ClientError("forbidden", f"{self.name}: you are in none of the groups that may ask this")

    def bind(self, values: Mapping[str, object], claims: Mapping[str, Any]) -> dict[str, str]:
        """The bound parameters; raises ClientError for a missing, superfluous or wrong value."""
        known = [name for name, parameter in self.parameters.items() if parameter.type != "claim"]
        for name in values:
            if name not in known:
                allowed = f"{self.name} takes {', '.join(known) if known else 'no parameters'}"
                raise bad_parameter(shown(name), f"unknown parameter; {allowed}")
        bound: dict[str, str] = {}
        for name, parameter in self.parameters.items():
            if parameter.type == "claim":
                bound[name] = _claim(name, parameter, claims)
                continue
            value = values.get(name)
            if value is None:
                value = parameter.default
            if value is None:
                raise bad_parameter(name, f"required: {parameter.description or parameter.type}")
            bound[name] = parameter.bind(name, value)
        return bound

    def described(self) -> dict[str, Any]:
        """What a client may know of the query: everything that a form needs, and no SQL."""
        return {
            "query": self.name,
            "description": self.description,
            "parameters": [
                {
                    key: value
                    for key, value in {
                        "name": name,
                        "type": parameter.type,
                        "description": parameter.description,
                        "default": parameter.default,
                        "minimum": parameter.minimum,
                        "maximum": parameter.maximum,
                        "max_length": parameter.max_length if parameter.type == "text" else None,
                        "choices": list(parameter.choices) or None,
                    }.items()
                    if value is not None
                }
                for name, parameter in self.parameters.items()
                if parameter.type != "claim"
            ],
        }


def _choices(given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {"choices": tuple(given.get("choices") or ())}


def _claim(name: str, parameter: Parameter, claims: Mapping[str, Any]) -> str:
    value = claims.get(parameter.claim or name)
    if not isinstance(value, str) or not value:
        raise ClientError("forbidden", f"your sign-in carries no claim {parameter.claim or name!r}, which this needs")
    return value


def _text(parameter: Parameter, name: str, value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= parameter.max_length:
        raise bad_parameter(name, f"a text of 1 to {parameter.max_length} characters")
    if any(ord(letter) < 32 or ord(letter) == 127 or 0xD800 <= ord(letter) <= 0xDFFF for letter in value):
        raise bad_parameter(name, "a text without control characters")
    return value


def _choice(parameter: Parameter, name: str, value: object) -> str:
    if not isinstance(value, str) or value not in parameter.choices:
        raise bad_parameter(name, f"one of {', '.join(parameter.choices)}")
    return value


def _integer(parameter: Parameter, name: str, value: object) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not re.fullmatch(r"-?[0-9]{1,19}", text) or abs(int(text)) > MAX_INTEGER:
        raise bad_parameter(name, _range("a whole number", parameter))
    _check_bounds(parameter, name, Decimal(text), "a whole number")
    return str(int(text))


def _number(parameter: Parameter, name: str, value: object) -> str:
    """Bound in digits, without an exponent and superfluous zeros: the same number is the same question."""
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not re.fullmatch(r"-?[0-9]{1,38}(\.[0-9]{1,38})?([eE][+-]?[0-9]{1,3})?", text):
        raise bad_parameter(name, _range("a number", parameter))
    number = Decimal(text)
    if number and not MIN_NUMBER <= number.copy_abs() <= MAX_NUMBER:
        raise bad_parameter(name, _range("a number that fits into FLOAT8", parameter))
    _check_bounds(parameter, name, number, "a number")
    if not number:
        return "0"
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _date(parameter: Parameter, name: str, value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) or not _is_date(value):
        raise bad_parameter(name, _range("a date YYYY-MM-DD", parameter))
    _check_text_bounds(parameter, name, value, "a date YYYY-MM-DD")
    return value


def _month(parameter: Parameter, name: str, value: object) -> str:
    """Bound as the first day of the month, so that SQL can CAST it to DATE."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}", value) or not _is_date(f"{value}-01"):
        raise bad_parameter(name, _range("a month YYYY-MM", parameter))
    _check_text_bounds(parameter, name, value, "a month YYYY-MM")
    return f"{value}-01"


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _check_bounds(parameter: Parameter, name: str, value: Decimal, what: str) -> None:
    low, high = parameter.minimum, parameter.maximum
    if (low is not None and value < Decimal(low)) or (high is not None and value > Decimal(high)):
        raise bad_parameter(name, _range(what, parameter))


def _check_text_bounds(parameter: Parameter, name: str, value: str, what: str) -> None:
    """ISO dates and months sort as text."""
    low, high = parameter.minimum, parameter.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise bad_parameter(name, _range(what, parameter))


def _range(what: str, parameter: Parameter) -> str:
    low = f" from {parameter.minimum}" if parameter.minimum is not None else ""
    high = f" up to {parameter.maximum}" if parameter.maximum is not None else ""
    return f"{what}{low}{high}"


_BINDERS = {
    "text": _text,
    "choice": _choice,
    "integer": _integer,
    "number": _number,
    "date": _date,
    "month": _month,
}
