"""Parameters of queries: which values a client may give, and the text that is bound for each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from websocket_gateway.errors import bad_parameter

MAX_INTEGER = 2**63 - 1
"""Redshift's BIGINT."""
MIN_NUMBER, MAX_NUMBER = Decimal("1e-300"), Decimal("1e308")
"""Redshift's DOUBLE PRECISION, rounded inwards."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a query, as Terraform has validated it.

    `type` is month, date, integer, number, text, choice or claim. Bounds are inclusive; a `default` makes it optional.
    A `claim` is bound from the connection's ticket, never from the client.

    `label`, `order`, `values` (`query` and `column` that list values) and `latest` (the newest of them is proposed) are
    for forms; no value is held to them.
    """

    type: str
    description: str = ""
    default: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    max_length: int = 256
    choices: tuple[str, ...] = ()
    claim: str | None = None
    label: str | None = None
    order: float | None = None
    values: Mapping[str, str] | None = None
    latest: bool = False

    def bind(self, name: str, value: object) -> str:
        """The text that is bound for `:name`; raises ClientError. The Data API accepts neither NULL nor ''."""
        return _BINDERS[self.type](self, name, value)

    def describe(self, name: str) -> dict[str, Any]:
        """What clients see of the parameter."""
        described = {
            "name": name,
            "type": self.type,
            "label": self.label,
            "description": self.description,
            "default": self.default,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "max_length": self.max_length if self.type == "text" else None,
            "choices": list(self.choices) or None,
            "values": self.values,
            "latest": self.latest or None,
        }
        return {key: value for key, value in described.items() if value is not None}


def _text(parameter: Parameter, name: str, value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= parameter.max_length:
        raise bad_parameter(name, f"must be text of 1 to {parameter.max_length} characters")
    if any(ord(letter) < 32 or ord(letter) == 127 or 0xD800 <= ord(letter) <= 0xDFFF for letter in value):
        raise bad_parameter(name, "must be text without control characters")
    return value


def _choice(parameter: Parameter, name: str, value: object) -> str:
    if not isinstance(value, str) or value not in parameter.choices:
        raise bad_parameter(name, f"must be one of {', '.join(parameter.choices)}")
    return value


def _integer(parameter: Parameter, name: str, value: object) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not re.fullmatch(r"-?[0-9]{1,19}", text) or abs(int(text)) > MAX_INTEGER:
        raise bad_parameter(name, _range("a whole number", parameter))
    _check_bounds(parameter, name, Decimal(text), "a whole number")
    return str(int(text))


def _number(parameter: Parameter, name: str, value: object) -> str:
    """Bound in digits, without an exponent and trailing zeros, so that equal numbers make the same question."""
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not re.fullmatch(r"-?[0-9]{1,38}(\.[0-9]{1,38})?([eE][+-]?[0-9]{1,3})?", text):
        raise bad_parameter(name, _range("a number", parameter))
    number = Decimal(text)
    if number and not MIN_NUMBER <= number.copy_abs() <= MAX_NUMBER:
        raise bad_parameter(name, _range("a number within the range of FLOAT8", parameter))
    _check_bounds(parameter, name, number, "a number")
    if not number:
        return "0"
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _date(parameter: Parameter, name: str, value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) or not _is_date(value):
        raise bad_parameter(name, _range("a date in the form YYYY-MM-DD", parameter))
    _check_text_bounds(parameter, name, value, "a date in the form YYYY-MM-DD")
    return value


def _month(parameter: Parameter, name: str, value: object) -> str:
    """Bound as the first day of the month, so that SQL can CAST it to DATE."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}", value) or not _is_date(f"{value}-01"):
        raise bad_parameter(name, _range("a month in the form YYYY-MM", parameter))
    _check_text_bounds(parameter, name, value, "a month in the form YYYY-MM")
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
    return f"must be {what}{low}{high}"


_BINDERS = {
    "text": _text,
    "choice": _choice,
    "integer": _integer,
    "number": _number,
    "date": _date,
    "month": _month,
}
