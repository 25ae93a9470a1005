"""The records of GetStatementResult as rows, several times faster than botocore's parser makes them.

botocore walks the service model for each value, which takes most of the time that a row takes from the warehouse to a
client. The body is plain JSON (AWS JSON 1.1, redshift-data service model), so json.loads reads it as a whole.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from relay.errors import CallFailed

if TYPE_CHECKING:
    from botocore.client import BaseClient

Value = str | int | float | bool | None
Field = Mapping[str, Any]

_NULL = "isNull"
_BYTES = "blobValue"
_PLAIN = frozenset(("stringValue", "longValue", "doubleValue", "booleanValue"))
"""A Field has exactly one of these, `isNull` or `blobValue` (service model, Field, a union)."""


def read_results_as_json(client: "BaseClient") -> None:
    """Has a `redshift-data` client read results with json.loads; errors still go through botocore's parser.

    The answers have the same form, except that `blobValue` is the base64 text of the body. A botocore before 1.34 has
    no such event, and its own parser then reads the results.
    https://docs.aws.amazon.com/boto3/latest/guide/events.html
    """
    client.meta.events.register("before-parse.redshift-data.GetStatementResult", _read)


def _read(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Parses a result and leaves an empty object to botocore, which adds what it finds to `customized_response_dict`.

    Whatever is not a result is left to botocore's parser: an error, or a body that a proxy has made.
    """
    if response_dict["status_code"] != 200:
        return
    try:
        result = json.loads(response_dict["body"])
    except (ValueError, RecursionError):
        return
    if isinstance(result, dict) and isinstance(result.get("Records"), list):
        # botocore leaves out a member that is null, as if it were not there.
        customized_response_dict.update((name, value) for name, value in result.items() if value is not None)
        response_dict["body"] = b"{}"


def rows_of(records: Sequence[Sequence[Field]]) -> list[tuple[Value, ...]]:
    """The values of records, row by row; raises CallFailed for a Field without exactly one known value.

    Works column by column, because nearly all fields of a column have the same member.
    """
    return list(zip(*map(_column, zip(*records, strict=True)), strict=True))


def _column(fields: Sequence[Field]) -> Sequence[Value]:
    members = set(chain.from_iterable(fields))
    plain = members & _PLAIN
    if len(plain) == 1 and members <= plain | {_NULL} and sum(map(len, fields)) == len(fields):
        (name,) = plain
        if len(members) > 1:
            return [_value(field) if (value := field.get(name)) is None else value for field in fields]
        values = list(map(itemgetter(name), fields))
        if None not in values:
            return values
    return list(map(_value, fields))


def _value(field: Field) -> Value:
    """NULL comes as `isNull: true`, VARBYTE as `blobValue`, base64 in JSON as in rows (service model, Field)."""
    members = {name: value for name, value in field.items() if value is not None}
    if len(members) == 1:
        ((name, value),) = members.items()
        if name == _NULL and value:
            return None
        if name == _BYTES:
            return value if isinstance(value, str) else base64.b64encode(value).decode()
        if name in _PLAIN:
            found: Value = value
            return found
    raise CallFailed("GetStatementResult", "UnknownField", f"a Field without a known value: {sorted(field)}")
