"""The Redshift Data API's wire: botocore's service model validates requests and shapes answers and errors.

The model is the one that boto3 and awscli speak (`redshift-data`, 2019-12-20, JSON 1.1). Texts of validation
errors follow the form of AWS's JSON services ("N validation error(s) detected: Value ... at 'member' failed ...").
"""

from __future__ import annotations

import base64
import functools
import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

import botocore.session
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape

JSON = dict[str, Any]

# The documented limits that the model does not carry (API reference of ExecuteStatement, Data API considerations).
STATEMENT_NAME_MAX = 500
SQL_MAX_BYTES = 100 * 1024

# API reference, "Errors": everything else answers 400.
_STATUS = {
    "ExecuteStatementException": 500,
    "BatchExecuteStatementException": 500,
    "DatabaseConnectionException": 500,
    "InternalServerException": 500,
}
_CONTENT_TYPE = {"Content-Type": "application/x-amz-json-1.1"}
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "list": (list,),
    "structure": (dict,),
}
# What real answers never carry is not guessed: these members and operations are refused by name.
REFUSED_OPERATIONS = ("GetStatementResultV2", "ListSessions")
REFUSED_MEMBERS = ("SessionId", "SessionKeepAliveSeconds", "WaitTimeSeconds")
REFUSED_VALUES = {"ResultFormat": "CSV", "ExecutionMode": "AUTO_COMMIT"}


class ApiError(Exception):
    """An error that goes to the client; `members` are the members of its modelled shape besides Message."""

    def __init__(self, code: str, message: str, *, status: int | None = None, **members: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.members = members
        self.status = status or _STATUS.get(code, 400)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The error in the form of JSON 1.1: the code in the body's `__type` and in a header."""
        body = {"__type": self.code, "Message": self.message, "message": self.message, **self.members}
        return self.status, {**_CONTENT_TYPE, "x-amzn-errortype": self.code}, json.dumps(body).encode()


class ValidationError(ApiError):
    """ValidationException: the request is wrong; nothing was started."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


@functools.cache
def service() -> ServiceModel:
    """Botocore's model of the Redshift Data API."""
    return botocore.session.get_session().get_service_model("redshift-data")


def operation(name: str) -> OperationModel:
    """The operation of that name; an unknown or refused one is an ApiError."""
    if name not in service().operation_names:
        raise ApiError("UnknownOperationException", f"The operation {name} does not exist.")
    if name in REFUSED_OPERATIONS:
        raise ValidationError(f"{name} is not emulated")
    return service().operation_model(name)


def parse_request(name: str, body: bytes) -> JSON:
    """The validated members of a request; unknown ones are ignored as AWS does, null counts as absent."""
    shape = cast("StructureShape", operation(name).input_shape)
    try:
        given = json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError("SerializationException", "Could not parse request body into json") from error
    if not isinstance(given, dict):
        raise ApiError("SerializationException", "Start of structure or map found where not expected.")
    problems = list(_problems(shape, given, ""))
    if problems:
        plural = "s" if len(problems) > 1 else ""
        raise ValidationError(f"{len(problems)} validation error{plural} detected: {'; '.join(problems)}")
    request = {member: given[member] for member in shape.members if given.get(member) is not None}
    _refuse(request)
    return request


def _refuse(request: JSON) -> None:
    for member in REFUSED_MEMBERS:
        if member in request:
            raise ValidationError(f"{member} is not emulated")
    for member, value in REFUSED_VALUES.items():
        if request.get(member) == value:
            raise ValidationError(f"{member} {value} is not emulated")


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


def answer(name: str, values: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """The answer of an operation: only members of its output shape, None left out, times as epoch seconds."""
    shape = cast("StructureShape", operation(name).output_shape)
    return 200, dict(_CONTENT_TYPE), json.dumps(_shaped(shape, values)).encode()


def _shaped(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        return {
            name: _shaped(member, value[name]) for name, member in shape.members.items() if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        if shape.member.type_name == "list":  # Records, already fields: large, so they pass through
            return value
        return [_shaped(shape.member, item) for item in value]
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    return value


def field(value: object) -> JSON:
    """One value of a result in the API's Field form (a DECIMAL, date or time is already text)."""
    if value is None:
        return {"isNull": True}
    if isinstance(value, bool):
        return {"booleanValue": value}
    if isinstance(value, int):
        return {"longValue": value}
    if isinstance(value, float):
        # JSON has no NaN or Infinity; Smithy's JSON protocols write them as strings.
        text = "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
        return {"doubleValue": value if math.isfinite(value) else text}
    if isinstance(value, bytes):
        return {"blobValue": base64.b64encode(value).decode()}
    return {"stringValue": str(value)}
