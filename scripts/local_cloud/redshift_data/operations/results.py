"""GetStatementResult and GetStatementResultV2."""

from __future__ import annotations

import csv
import io

from local_cloud.redshift.results import Column
from local_cloud.redshift_data.errors import ApiError, ValidationError
from local_cloud.redshift_data.gate import Gate
from local_cloud.redshift_data.operations.operation import Pending, Service, find_statement, waits
from local_cloud.redshift_data.pagination import next_token, offset_of
from local_cloud.redshift_data.statements.statement import Part, Statement, row_bytes
from local_cloud.redshift_data.wire.answers import field
from local_cloud.redshift_data.wire.service_model import JSON

_FIELD_BYTES = 20  # what a value's name and punctuation take in JSON
_NO_RESULT = "Query does not have result. Please check query status with DescribeStatement."
# The text was measured: https://github.com/apache/airflow/issues/40427.
_BATCH = "BatchExecuteStatement result can only be retrieved with sub-statement id."


def get_result(service: Service, request: JSON, gate: Gate) -> JSON | Pending:
    """A page of rows in JSON, bounded in rows and in bytes."""
    statement, part = _find(service, "GetStatementResult", request, gate)
    return waits(service, request, part, lambda: _json_page(service, request, statement, part))


def get_result_v2(service: Service, request: JSON, gate: Gate) -> JSON | Pending:
    """A page of rows in CSV, bounded in bytes."""
    statement, part = _find(service, "GetStatementResultV2", request, gate)
    return waits(service, request, part, lambda: _csv_page(service, request, statement, part))


def _find(service: Service, action: str, request: JSON, gate: Gate) -> tuple[Statement, Part]:
    statement, part = find_statement(service, action, request, gate)
    if part is statement and statement.batch:
        raise ValidationError(_BATCH)
    return statement, part


def _json_page(service: Service, request: JSON, statement: Statement, part: Part) -> JSON:
    if statement.csv:
        raise ValidationError("The result of this statement is in CSV format. Use GetStatementResultV2.")
    records = _records(request, part)
    start = offset_of(request.get("NextToken"), request["Id"])
    end, size = start, 0
    while end < len(records) and end - start < service.config.page_rows:
        size += row_bytes(records[end]) + _FIELD_BYTES * len(part.columns)
        if size > service.config.page_bytes and end > start:
            break
        end += 1
    rows = [[field(value) for value in row] for row in records[start:end]]
    return {"Records": rows, **_page(request, part, len(records), end)}


def _csv_page(service: Service, request: JSON, statement: Statement, part: Part) -> JSON:
    """Rows end in CR LF; the first row of the result is the header. AWS does not say how NULL looks: it is empty."""
    if not statement.csv:
        raise ValidationError("The result of this statement is in JSON format. Use GetStatementResult.")
    records = _records(request, part)
    start = offset_of(request.get("NextToken"), request["Id"])
    text = "" if start else _line([column.name for column in part.columns])
    end, size = start, len(text.encode())
    lines = [text]
    while end < len(records):
        line = _line([_csv_value(value) for value in records[end]])
        size += len(line.encode())
        if size > service.config.page_bytes and end > start:
            break
        lines.append(line)
        end += 1
    page = _page(request, part, len(records), end)
    return {"Records": [{"CSVRecords": "".join(lines)}], "ResultFormat": "CSV", **page}


def _records(request: JSON, part: Part) -> list[tuple[object, ...]]:
    if part.status != "FINISHED" or part.records is None:
        raise ApiError("ResourceNotFoundException", _NO_RESULT, ResourceId=request["Id"])
    return part.records


def _page(request: JSON, part: Part, total: int, end: int) -> JSON:
    return {
        "ColumnMetadata": [_column(one) for one in part.columns],
        "TotalNumRows": total,
        "NextToken": next_token(request["Id"], end) if end < total else None,
    }


def _line(values: list[object]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(values)
    return written.getvalue()


def _csv_value(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return value.hex() if isinstance(value, bytes) else value


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
