"""Shapes answers: only members of the operation's output, without None, times as epoch seconds."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from botocore.model import ListShape, Shape, StructureShape

from local_cloud.redshift_data.errors import CONTENT_TYPE
from local_cloud.redshift_data.wire.service_model import JSON, operation


def answer(name: str, values: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body that answer a request."""
    shape = cast("StructureShape", operation(name).output_shape)
    return 200, dict(CONTENT_TYPE), json.dumps(_shaped(shape, values)).encode()


def _shaped(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        return {
            name: _shaped(member, value[name]) for name, member in shape.members.items() if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        if shape.member.type_name == "list":  # Records are fields already; they may be large
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
