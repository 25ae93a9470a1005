"""AWS's query protocol by botocore's service model: form parameters to members, members to XML.

The protocol is described at https://smithy.io/2.0/aws/protocols/aws-query-protocol.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import ListShape, OperationModel, Shape, StructureShape

Parameters = Mapping[str, list[str]]


def request_members(operation: OperationModel, parameters: Parameters) -> dict[str, Any]:
    """The members of a request, as a JSON protocol would carry them."""
    return _structure(operation.input_shape, parameters, "") if operation.input_shape else {}


def _structure(shape: Shape, parameters: Parameters, prefix: str) -> dict[str, Any]:
    assert isinstance(shape, StructureShape)  # noqa: S101 - narrows the type
    found = {name: _member(member, parameters, f"{prefix}{name}") for name, member in shape.members.items()}
    return {name: value for name, value in found.items() if value is not None}


def _member(shape: Shape, parameters: Parameters, key: str) -> Any:
    if isinstance(shape, StructureShape):
        below = f"{key}."
        return _structure(shape, parameters, below) if any(name.startswith(below) for name in parameters) else None
    if isinstance(shape, ListShape):
        entry = _entry_name(shape)
        pattern = re.compile(rf"{re.escape(key)}\.{entry}\.(\d+)(?:\.|$)")
        positions = {int(match[1]) for name in parameters if (match := pattern.match(name))}
        return [
            _member(shape.member, parameters, f"{key}.{entry}.{position}") for position in sorted(positions)
        ] or None
    if key not in parameters:
        return None
    text = parameters[key][0]
    if shape.type_name == "boolean":
        return text == "true"
    if shape.type_name in ("integer", "long"):
        return int(text)
    return float(text) if shape.type_name in ("double", "float") else text


def _entry_name(shape: ListShape) -> str:
    """How an entry of a list is called: CloudWatch has `member`, Redshift a name of its own for most lists."""
    return str(shape.member.serialization.get("name", "member"))


def error_answer(code: str, message: str, request_id: str, *, namespace: str) -> bytes:
    """The XML document of an error that the client caused."""
    return (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{escape(message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()


def xml_answer(operation: OperationModel, members: Mapping[str, Any], request_id: str) -> bytes:
    """The answer's XML document, without members that the model does not have."""
    shape, name = operation.output_shape, operation.name
    inner = _xml(shape, members) if shape else ""
    namespace = operation.service_model.metadata["xmlNamespace"]
    return (
        f'<{name}Response xmlns="{namespace}"><{name}Result>{inner}</{name}Result>'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{name}Response>"
    ).encode()


def _xml(shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        present = {name: value[name] for name in shape.members if value.get(name) is not None}
        return "".join(f"<{name}>{_xml(shape.members[name], member)}</{name}>" for name, member in present.items())
    if isinstance(shape, ListShape):
        entry = _entry_name(shape)
        return "".join(f"<{entry}>{_xml(shape.member, item)}</{entry}>" for item in value)
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if shape.type_name == "timestamp" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
    return escape(str(value))
