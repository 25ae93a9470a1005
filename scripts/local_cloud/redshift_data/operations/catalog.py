"""ListDatabases, ListSchemas, ListTables and DescribeTable: queries of the catalog as the caller's database user."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift_data.errors import ApiError, ValidationError
from local_cloud.redshift_data.gate import Gate
from local_cloud.redshift_data.login import LoginFailed, authorize, connect
from local_cloud.redshift_data.operations.operation import Operation, Service
from local_cloud.redshift_data.pagination import next_token, offset_of
from local_cloud.redshift_data.targets import resolve
from local_cloud.redshift_data.wire.service_model import JSON

if TYPE_CHECKING:
    from local_cloud.redshift.session import Session

Query = Callable[["Session", JSON], tuple[str, list[Any], JSON]]

# Without the schemas that only the engine has: that of Redshift's functions, and PostgreSQL's own.
_VISIBLE = (
    "n.nspname NOT IN ('redshift', 'pg_toast') AND n.nspname NOT LIKE 'pg_temp%' AND n.nspname NOT LIKE 'pg_toast_%'"
)
_DATABASES = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY datname"
_SCHEMAS = f"SELECT n.nspname FROM pg_namespace n WHERE {_VISIBLE} AND n.nspname LIKE :schemas ORDER BY n.nspname"  # noqa: S608
_TABLES = f"""
SELECT c.relname, n.nspname, CASE
    WHEN n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind = 'r' THEN 'SYSTEM TABLE'
    WHEN n.nspname IN ('pg_catalog', 'information_schema') THEN 'SYSTEM VIEW'
    WHEN c.relkind IN ('v', 'm') THEN 'VIEW' ELSE 'TABLE' END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p') AND {_VISIBLE} AND n.nspname LIKE :schemas AND c.relname LIKE :tables
ORDER BY n.nspname, c.relname
"""  # noqa: S608
_COLUMNS = f"""
SELECT n.nspname, c.relname, a.attname, t.typname, a.attnotnull, a.atttypmod, a.attlen,
       pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = ''
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm', 'p')
  AND {_VISIBLE} AND n.nspname LIKE :schemas AND c.relname LIKE :tables
ORDER BY n.nspname, c.relname, a.attnum
"""  # noqa: S608
# Digits of the integer and floating types as the JDBC metadata gives them.
_PRECISION = {"int2": 5, "int4": 10, "int8": 19, "float4": 8, "float8": 17, "bool": 1}
_PRECISION |= {"date": 13, "timestamp": 29, "timestamptz": 35}
_ANY = "%"


def _databases(session: Session, _: JSON) -> tuple[str, list[Any], JSON]:
    return "Databases", [row[0] for row in session.execute(_DATABASES).rows], {}


def _schemas(session: Session, request: JSON) -> tuple[str, list[Any], JSON]:
    wanted = {"schemas": request.get("SchemaPattern") or _ANY}
    return "Schemas", [row[0] for row in session.execute(_SCHEMAS, wanted).rows], {}


def _tables(session: Session, request: JSON) -> tuple[str, list[Any], JSON]:
    wanted = {"schemas": request.get("SchemaPattern") or _ANY, "tables": request.get("TablePattern") or _ANY}
    rows = session.execute(_TABLES, wanted).rows
    return "Tables", [{"name": name, "schema": schema, "type": kind} for name, schema, kind in rows], {}


def _describe(session: Session, request: JSON) -> tuple[str, list[Any], JSON]:
    table = request.get("Table")
    wanted = {"schemas": _literally(request.get("Schema")), "tables": _literally(table)}
    return "ColumnList", [_column(*row) for row in session.execute(_COLUMNS, wanted).rows], {"TableName": table}


def _literally(name: str | None) -> str:
    """The LIKE pattern that matches only this name."""
    return _ANY if name is None else name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _column(
    schema: Any, table: Any, name: Any, kind: Any, required: Any, modifier: Any, width: Any, default: Any
) -> JSON:
    """PostgreSQL keeps VARCHAR(n) as n + 4 and DECIMAL(p,s) as (p << 16 | s) + 4."""
    precision, scale = _PRECISION.get(kind, 0), 6 if kind in ("timestamp", "timestamptz") else 0
    length = precision or max(int(width), 0)
    if kind in ("varchar", "bpchar") and modifier >= 4:
        precision = length = modifier - 4
    elif kind == "numeric" and modifier >= 4:
        precision, scale = (modifier - 4) >> 16, (modifier - 4) & 0xFFFF
        length = precision
    return {
        "isCaseSensitive": kind in ("varchar", "bpchar", "text", "name"),
        "isCurrency": False,
        "isSigned": kind in ("int2", "int4", "int8", "float4", "float8", "numeric"),
        "label": name,
        "name": name,
        "nullable": 0 if required else 1,
        "precision": precision,
        "scale": scale,
        "schemaName": schema,
        "tableName": table,
        "typeName": kind,
        "length": length,
        "columnDefault": default,
    }


_QUERIES: dict[str, Query] = {
    "ListDatabases": _databases,
    "ListSchemas": _schemas,
    "ListTables": _tables,
    "DescribeTable": _describe,
}


def _operation(name: str, query: Query) -> Operation:
    def run(service: Service, request: JSON, gate: Gate) -> JSON:
        if "ConnectedDatabase" in request and request["ConnectedDatabase"] != request["Database"]:
            raise ValidationError("ConnectedDatabase (another database than Database) is not emulated")
        target = resolve(request, service.config)
        user = authorize(name, target, service.config, gate)
        start = offset_of(request.get("NextToken"), name)
        try:
            session = connect(service.warehouse, target.database, user)
            try:
                key, rows, extra = query(session, request)
            finally:
                session.close()
        except LoginFailed as error:
            raise ApiError("DatabaseConnectionException", str(error)) from error
        except SqlError as error:
            raise ValidationError(error.message) from error
        end = start + (request.get("MaxResults") or 1000)
        return {key: rows[start:end], "NextToken": next_token(name, end) if end < len(rows) else None, **extra}

    return run


OPERATIONS = {name: _operation(name, query) for name, query in _QUERIES.items()}
