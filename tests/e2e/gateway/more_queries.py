"""Queries beside those of gateway_bed.py: every kind of parameter, every type of column, claims and groups."""

from typing import Any

TYPES = "public.every_type"
ORDERS = "public.orders"
COLUMNS = {
    "a_smallint": "SMALLINT",
    "an_integer": "INTEGER",
    "a_bigint": "BIGINT",
    "a_decimal": "DECIMAL(38, 10)",
    "a_real": "REAL",
    "a_double": "DOUBLE PRECISION",
    "a_boolean": "BOOLEAN",
    "a_char": "CHAR(5)",
    "a_varchar": "VARCHAR(1000)",
    "a_date": "DATE",
    "a_time": "TIME",
    "a_timetz": "TIMETZ",
    "a_timestamp": "TIMESTAMP",
    "a_timestamptz": "TIMESTAMPTZ",
    "a_varbyte": "VARBYTE(16)",
}
MORE_QUERIES: dict[str, dict[str, Any]] = {
    "types": {
        "sql": f"SELECT {', '.join(COLUMNS)} FROM {TYPES} WHERE number = CAST(:number AS INTEGER)",
        "parameters": {"number": {"type": "integer"}},
    },
    "echo": {
        "sql": "SELECT :text AS t, CAST(:day AS DATE) AS d, CAST(:month AS DATE) AS m, CAST(:amount AS FLOAT8) AS a,"
        " :size AS s",
        "parameters": {
            "text": {"type": "text", "max_length": 50},
            "day": {"type": "date", "default": "2015-01-31", "minimum": "2015-01-01", "maximum": "2015-12-31"},
            "month": {"type": "month", "default": "2015-01"},
            "amount": {"type": "number", "default": "1", "maximum": 100},
            "size": {"type": "choice", "default": "small", "choices": ["small", "large"]},
        },
    },
    "my_orders": {
        "sql": f"SELECT item FROM {ORDERS} WHERE owner = :tenant AND item <> :but ORDER BY item",
        "parameters": {
            "tenant": {"type": "claim", "claim": "username"},
            "but": {"type": "text", "default": "nothing"},
        },
    },
    "all_orders": {
        "sql": f"SELECT owner, item FROM {ORDERS} ORDER BY owner, item",
        "allowed_groups": ["managers", "auditors"],
    },
}
