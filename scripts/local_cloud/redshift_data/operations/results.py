"""GetStatementResult."""

from __future__ import annotations

from local_cloud.redshift.results import Column
from local_cloud.redshift_data.errors import ApiError
from local_cloud.redshift_data.gate import Gate
from local_cloud.redshift_data.operations.operation import Service, find_statement
from local_cloud.redshift_data.pagination import next_token, offset_of
from local_cloud.redshift_data.statement import row_bytes
from local_cloud.redshift_data.wire.answers import field
from local_cloud.redshift_data.wire.service_model import JSON

_FIELD_BYTES = 20  # what a value's name and punctuation take in JSON
_NO_RESULT = "Query does not have result. Please check query status with DescribeStatement."


def get_result(service: Service, request: JSON, gate: Gate) -> JSON:
    """A page of rows, bounded in rows and in bytes."""
    _, part = find_statement(service, "GetStatementResult", request, gate)
    if part.status != "FINISHED" or part.records is None:
        raise ApiError("ResourceNotFoundException", _NO_RESULT, ResourceId=request["Id"])
    start = offset_of(request.get("NextToken"), request["Id"])
    end, size = start, 0
    while end < len(part.records) and end - start < service.config.page_rows:
        size += row_bytes(part.records[end]) + _FIELD_BYTES * len(part.columns)
        if size > service.config.page_bytes and end > start:
            break
        end += 1
    return {
        "Records": [[field(value) for value in row] for row in part.records[start:end]],
        "ColumnMetadata": [_column(one) for one in part.columns],
        "TotalNumRows": len(part.records),
        "NextToken": next_token(request["Id"], end) if end < len(part.records) else None,
    }


def _column(column: Column) -> JSON:
    numeric = column.type in ("int2", "int4", "int8", "float4", "float8", "numeric")
    return {
        "isCaseSensitive": column.type in ("varchar", "bpchar", "text", "name"),
        "isCurrency": False,
        "isSigned": numeric,
        "label": column.name,
        "name": column.name,
        "nullable": int(column.nullable),
        "precision": column.precision,
        "scale": column.scale,
        "schemaName": column.schema,
        "tableName": column.table,
        "typeName": column.type,
        "length": column.length,
    }
