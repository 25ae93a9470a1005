"""The queries of the tests' gateways: every kind of parameter, every type of column, claims, groups, all sizes."""

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

GATE = "public.gate"
FEW, WIDE = 1000, 1200
"""How many rows the query `few` gives at most, and the row of `wide` that fits into no message."""
N = {"n": {"type": "integer", "description": "a number", "minimum": 0, "maximum": 10_000_000}}
NUMBERS = "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < CAST(:n AS INTEGER))"
# Ends when nobody holds the table `gate`: see Gateways.held_up.
GATED = f"SELECT CAST(:n AS INTEGER) AS n, COUNT(*) AS c FROM {GATE}"
QUERIES: dict[str, dict[str, Any]] = {
    "one": {"sql": "SELECT CAST(:n AS INTEGER) AS n", "parameters": N},
    "gated": {"sql": GATED, "parameters": N},
    # Its answer is too long for an item of the table.
    "long": {"sql": GATED.replace("COUNT(*) AS c", "REPEAT('x', 40000) AS t, COUNT(*) AS c"), "parameters": N},
    "many": {
        "sql": f"{NUMBERS} SELECT i AS id, 'row number ' || i AS title FROM numbers WHERE i <= CAST(:n AS INTEGER)",
        "parameters": N,
        "max_rows": 1_000_000,
    },
    "failing": {"sql": "SELECT 1 / CAST(:n AS INTEGER) AS n", "parameters": N},
    "brief": {"sql": GATED, "parameters": N, "timeout_seconds": 1},
    "few": {
        "sql": f"{NUMBERS} SELECT i AS id FROM numbers WHERE i <= CAST(:n AS INTEGER)",
        "parameters": N,
        "max_rows": FEW,
    },
    "bulky": {
        "sql": f"{NUMBERS} SELECT i AS id, REPEAT('x', 5000) AS title FROM numbers WHERE i <= CAST(:n AS INTEGER)",
        "parameters": N,
    },
    # JSON writes CHR(1) with six bytes.
    "wide": {
        "sql": f"{NUMBERS} SELECT i AS id, CASE WHEN i = {WIDE} THEN REPEAT(CHR(1), 30000) ELSE 'narrow' END AS title"
        " FROM numbers WHERE i <= CAST(:n AS INTEGER)",
        "parameters": N,
    },
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
