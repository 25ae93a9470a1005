"""Functions that run on the leader node only or on compute nodes only.

Sources: "Leader node-only functions" and "Compute node-only functions", Amazon Redshift Database Developer Guide, which
also has the texts of the errors; "LISTAGG" and "MEDIAN" for several orders in one query.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from local_cloud.redshift.errors import NOT_ON_TABLES, SqlError
from local_cloud.redshift.sql.rules.calls import function_name

_LEADER_FUNCTIONS = {
    "current_schema", "current_schemas", "has_database_privilege", "has_schema_privilege", "has_table_privilege", "age",
    "current_time", "current_timestamp", "localtime", "localtimestamp", "isfinite", "now", "get_bit", "get_byte",
    "set_bit", "set_byte", "to_ascii",
}  # fmt: skip
_LEADER_NODES = (exp.CurrentTime, exp.Localtime, exp.Localtimestamp, exp.CurrentSchema)
_COMPUTE_FUNCTIONS = {"listagg", "median", "percentile_cont", "percentile_disc"}
_SYSTEM_TABLES = ("pg_", "stl_", "stv_", "svl_", "svv_", "svcs_", "sys_")


def check_nodes(tree: exp.Expr) -> None:
    """Raises SqlError for a function that cannot meet the tables of its statement."""
    if not isinstance(tree, exp.Query | exp.Insert | exp.Update | exp.Delete | exp.Create):
        return
    tables = list(_tables(tree))
    if any(not name.startswith("pg_") for name in tables) and any(map(_is_leader_function, tree.walk())):
        raise SqlError(NOT_ON_TABLES)
    ordered = [node for node in tree.find_all(exp.Anonymous) if function_name(node) in _COMPUTE_FUNCTIONS]
    if ordered and all(name.startswith(_SYSTEM_TABLES) for name in tables):
        raise SqlError("One or more of the used functions must be applied on at least one user created table")
    _check_orders(ordered)


def _tables(tree: exp.Expr) -> Iterator[str]:
    """The names of the tables that the statement reads."""
    queries = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or not isinstance(table.parent, exp.From | exp.Join):
            continue
        name = table.name.lower()
        schema = table.db.lower()
        if schema in {"pg_catalog", "information_schema"}:
            yield f"pg_{name}"
        elif schema or name not in queries:
            yield name


def _is_leader_function(node: exp.Expr) -> bool:
    if isinstance(node, exp.CurrentTimestamp):
        return not node.args.get("sysdate")
    return isinstance(node, _LEADER_NODES) or function_name(node) in _LEADER_FUNCTIONS


def _check_orders(ordered: list[exp.Anonymous]) -> None:
    """Within one query, ordered aggregates (not those over a window) share one order."""
    orders: dict[int, set[str]] = {}
    for function in ordered:
        above = function.parent
        if isinstance(above, exp.WithinGroup):
            keys, above = above.expression.expressions, above.parent
            order = ", ".join(key.this.sql() + (" DESC" if key.args.get("desc") else "") for key in keys)
        elif function_name(function) == "median" and function.expressions:
            order = function.expressions[0].sql()
        else:
            continue
        if not isinstance(above, exp.Window):
            orders.setdefault(id(function.find_ancestor(exp.Select)), set()).add(order.lower())
    if any(len(different) > 1 for different in orders.values()):
        raise SqlError("within group ORDER BY clauses for aggregate functions must be the same")
