"""Validates requests.

Texts of validation errors follow the form of AWS's JSON services ("N validation error(s) detected: Value ... at
'member' failed ...").
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from botocore.model import ListShape, Shape, StructureShape

from local_cloud.redshift_data.errors import ApiError, ValidationError
from local_cloud.redshift_data.wire.service_model import JSON, operation

# The documented limits that the model does not carry (API reference of ExecuteStatement, Data API considerations).
STATEMENT_NAME_MAX = 500
SQL_MAX_BYTES = 100 * 1024

_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "list": (list,),
    "structure": (dict,),
}


def parse_request(name: str, body: bytes) -> JSON:
    """The validated members of a request; unknown ones are ignored as AWS does, null counts as absent."""
    shape = cast("StructureShape", operation(name).input_shape)
    try:
        given = json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError("SerializationException", "Could not parse request body into json") from error
    if not isinstance(given, dict):
        raise ApiError("SerializationException", "Start of structure or map found where not expected.")
    check_members(shape, given)
    return {member: given[member] for member in shape.members if given.get(member) is not None}


def check_members(shape: StructureShape, given: Mapping[str, Any]) -> None:
    """Raises ValidationError that lists what the model of a service does not allow."""
    problems = list(_problems(shape, given, ""))
    if problems:
        plural = "s" if len(problems) > 1 else ""
        raise ValidationError(f"{len(problems)} validation error{plural} detected: {'; '.join(problems)}")


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    wanted = _PYTHON_TYPES.get(shape.type_name)
    if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and shape.type_name != "boolean")):
        yield f"Value at '{path}' failed to satisfy constraint: Member must be of type {shape.type_name}"
        return
    if isinstance(shape, StructureShape):
        for member, member_shape in shape.members.items():
            where = f"{path}.{member}" if path else member[:1].lower() + member[1:]
            if value.get(member) is not None:
                yield from _problems(member_shape, value[member], where)
            elif member in shape.required_members:
                yield f"Value null at '{where}' failed to satisfy constraint: Member must not be null"
        return
    yield from _constraint_problems(shape, value, path)
    if isinstance(shape, ListShape):
        for position, item in enumerate(value, 1):
            yield from _problems(shape.member, item, f"{path}.{position}.member")


def _constraint_problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    limits = _limits(shape, path)
    shown = f"Value '{value}' at '{path}' failed to satisfy constraint: Member must"
    if isinstance(value, str):
        yield from _string_problems(value, limits, path)
    elif isinstance(value, list):
        if len(value) < limits.get("min", 0):
            yield f"{shown} have length greater than or equal to {limits['min']}"
        if len(value) > limits.get("max", math.inf):
            yield (
                f"Value at '{path}' failed to satisfy constraint: Member must have length less than or equal to "
                + str(limits["max"])
            )
    elif isinstance(value, int) and not isinstance(value, bool):
        if value < limits.get("min", -math.inf):
            yield f"{shown} have value greater than or equal to {limits['min']}"
        if value > limits.get("max", math.inf):
            yield f"{shown} have value less than or equal to {limits['max']}"


def _limits(shape: Shape, path: str) -> Mapping[str, Any]:
    if path == "statementName":
        return {**shape.metadata, "max": min(STATEMENT_NAME_MAX, shape.metadata.get("max", STATEMENT_NAME_MAX))}
    if path == "sql" or (path.startswith("sqls.") and shape.type_name == "string"):
        return {**shape.metadata, "min": 1, "max": SQL_MAX_BYTES}
    return shape.metadata


def _string_problems(value: str, limits: Mapping[str, Any], path: str) -> Iterator[str]:
    size = len(value.encode()) if limits.get("max") == SQL_MAX_BYTES else len(value)
    at = f"at '{path}' failed to satisfy constraint: Member must"
    shown = value if len(value) <= 200 else value[:200] + "..."
    if size < limits.get("min", 0):
        yield f"Value '{shown}' {at} have length greater than or equal to {limits['min']}"
    if size > limits.get("max", math.inf):
        yield f"Value {at} have length less than or equal to {limits['max']}"
    if "enum" in limits and value not in limits["enum"]:
        yield f"Value '{shown}' {at} satisfy enum value set: [{', '.join(limits['enum'])}]"
    if "pattern" in limits and not re.fullmatch(limits["pattern"], value):
        yield f"Value '{shown}' {at} satisfy regular expression pattern: {limits['pattern']}"
