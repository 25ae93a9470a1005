"""Constructs that PostgreSQL would run and Redshift would not, and those that the local cloud does not emulate.

Source: "Unsupported PostgreSQL features", "... data types", "... functions", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from local_cloud.redshift.errors import not_emulated, not_redshift
from local_cloud.redshift.sql.functions_not_emulated import function_not_emulated

_D = exp.DType

_NODES: dict[type[exp.Expr], str] = {
    exp.OnConflict: "ON CONFLICT",
    exp.Returning: "RETURNING",
    exp.Lateral: "LATERAL",
    exp.Filter: "FILTER (WHERE ...)",
    exp.Array: "ARRAY",
    exp.TableSample: "TABLESAMPLE",
    exp.Fetch: "FETCH FIRST",
    exp.CheckColumnConstraint: "CHECK",
    exp.ExcludeColumnConstraint: "EXCLUDE",
    exp.ComputedColumnConstraint: "GENERATED ALWAYS AS (...)",
    exp.JSONExtract: "The operator ->",
    exp.JSONExtractScalar: "The operator ->>",
    exp.JSONBExtract: "The operator #>",
    exp.JSONBExtractScalar: "The operator #>>",
    exp.JSONBContains: "The operator ?",
    exp.ArrayContainsAll: "The operator @>",
    exp.ArrayOverlaps: "The operator &&",
    exp.PartitionedByProperty: "PARTITION BY",
    exp.UnloggedProperty: "UNLOGGED",
    exp.InheritsProperty: "INHERITS",
    exp.Unnest: "UNNEST",
    exp.Overlay: "OVERLAY",
}
_NOT_EMULATED: dict[type[exp.Expr], str] = {
    exp.QueryBand: "QUERY BAND",
}
_TYPES = {
    _D.ARRAY: "ARRAY", _D.JSON: "JSON", _D.JSONB: "JSONB", _D.UUID: "UUID", _D.SERIAL: "SERIAL",
    _D.BIGSERIAL: "BIGSERIAL", _D.SMALLSERIAL: "SMALLSERIAL", _D.MONEY: "MONEY", _D.INET: "INET", _D.XML: "XML",
    _D.BIT: "BIT", _D.HSTORE: "HSTORE", _D.VECTOR: "VECTOR", _D.DATERANGE: "DATERANGE", _D.INT4RANGE: "INT4RANGE",
    _D.INT8RANGE: "INT8RANGE", _D.NUMRANGE: "NUMRANGE", _D.TSRANGE: "TSRANGE", _D.TSTZRANGE: "TSTZRANGE",
    _D.TINYINT: "TINYINT", _D.ENUM: "ENUM", _D.POINT: "POINT",
}  # fmt: skip
_TYPES_NOT_EMULATED = {_D.GEOMETRY: "GEOMETRY", _D.GEOGRAPHY: "GEOGRAPHY", _D.HLLSKETCH: "HLLSKETCH"}

_CATALOG = ("pg_", "svv_", "stl_", "stv_", "svl_")
_LEADER_ARRAYS = {"array_to_string"}
_FUNCTIONS = frozenset(
    """
    unnest array_agg string_agg array_length array_append array_to_string string_to_array gen_random_uuid uuidv4 uuidv7
    age make_date make_time make_timestamp make_timestamptz make_interval format concat_ws date_bin to_json to_jsonb
    row_to_json json_agg json_object_agg json_build_object json_build_array jsonb_agg jsonb_build_object jsonb_set
    json_array_elements jsonb_array_elements json_each jsonb_each clock_timestamp statement_timestamp
    transaction_timestamp pg_sleep pg_read_file pg_ls_dir pg_stat_file lo_import lo_export setval nextval currval
    lastval regexp_matches regexp_match regexp_split_to_table regexp_split_to_array string_to_table mode
    every xmlagg xmlelement nlevel to_tsvector to_tsquery num_nulls num_nonnulls percent_rank_disc bit_count
    corr covar_pop covar_samp regr_slope regr_intercept regr_count regr_r2 regr_avgx regr_avgy regr_sxx regr_syy
    regr_sxy div width_bucket bit_length overlay quote_nullable justify_days justify_hours justify_interval
    random_normal array_sample array_shuffle date_subtract date_add query_to_xml cursor_to_xml table_to_xml
    """.split()  # noqa: SIM905
)


def _select(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Select) and node.args.get("locks"):
        return "FOR UPDATE"
    if isinstance(node, exp.Distinct) and node.args.get("on"):
        return "DISTINCT ON"
    if isinstance(node, exp.Table) and node.args.get("ordinality"):
        return "WITH ORDINALITY"
    if isinstance(node, exp.CTE) and node.args.get("materialized") is not None:
        return "AS MATERIALIZED"
    return None


def _generate_series(node: exp.Expr) -> str | None:
    """generate_series runs on Redshift's leader node only, so a query of tables cannot use it."""
    if not (isinstance(node, exp.Anonymous | exp.ExplodingGenerateSeries | exp.GenerateSeries)):
        return None
    if isinstance(node, exp.Anonymous) and node.name.lower() != "generate_series":
        return None
    root = node.root()
    writes = not isinstance(root, exp.Query)
    meets_table = any(isinstance(table.this, exp.Identifier) for table in root.find_all(exp.Table))
    return "generate_series with a table" if writes or meets_table else None


def _function(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Anonymous) and node.name.lower() in _FUNCTIONS:
        return f"{node.name.upper()}()"
    return None


def _data_type(node: exp.Expr) -> str | None:
    return f"The type {_TYPES[node.this]}" if isinstance(node, exp.DataType) and node.this in _TYPES else None


_CHECKS: tuple[Callable[[exp.Expr], str | None], ...] = (_select, _generate_series, _function, _data_type)


def _reads_the_catalog_only(tree: exp.Expr) -> bool:
    """Queries of the system catalog run on the leader node, which has PostgreSQL's arrays."""
    tables = [table.name.lower() for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]
    return bool(tables) and isinstance(tree, exp.Query) and all(name.startswith(_CATALOG) for name in tables)


def check_supported(tree: exp.Expr) -> None:
    """Raises SqlError that names the first construct that is not Redshift's, or not emulated."""
    on_leader = _reads_the_catalog_only(tree)
    for node in tree.walk():
        if on_leader and (isinstance(node, exp.Array) or node.name.lower() in _LEADER_ARRAYS):
            continue
        if construct := _NODES.get(type(node)):
            raise not_redshift(construct)
        for check in _CHECKS:
            if construct := check(node):
                raise not_redshift(construct)
        if construct := _NOT_EMULATED.get(type(node)) or function_not_emulated(node):
            raise not_emulated(construct)
        if isinstance(node, exp.DataType) and node.this in _TYPES_NOT_EMULATED:
            raise not_emulated(f"The type {_TYPES_NOT_EMULATED[node.this]}")
