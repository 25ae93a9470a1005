"""One line of the report, and one name of `--json`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured. With a `key`, `number` goes into the JSON file under it."""

    name: str
    value: str
    target: str = ""
    key: str = ""
    number: float | None = None


def ratio(key: str, name: str, number: float, most: float) -> Figure:
    """A figure of the table in modules/websocket_gateway/README.md."""
    return Figure(name, f"{number:.2f}", f"at most {most:g}", key, round(number, 3))
