"""The relations of pg_catalog: those that system_views/pg_catalog.sql replaces, and those that Redshift lacks."""

from __future__ import annotations

from sqlglot import exp

from local_cloud.redshift.errors import SqlError

_SHOWN_IN_VIEWS = {
    "pg_namespace", "pg_class", "pg_proc", "pg_operator", "pg_opclass", "pg_tables", "pg_views", "pg_database",
    "pg_user", "pg_group", "pg_attribute", "pg_attrdef", "pg_constraint",
}  # fmt: skip
# Roles came with PostgreSQL 8.1, the others later; Redshift descends from 8.0.2.
_NEWER = {
    "pg_roles", "pg_authid", "pg_auth_members", "pg_matviews", "pg_sequences", "pg_sequence", "pg_extension", "pg_enum",
    "pg_range", "pg_event_trigger", "pg_policies", "pg_policy", "pg_stat_statements", "pg_available_extensions",
    "pg_foreign_table", "pg_foreign_server", "pg_collation", "pg_publication", "pg_subscription", "pg_hba_file_rules",
    "pg_file_settings", "pg_config", "pg_timezone_names", "pg_cursors", "pg_prepared_statements", "pg_seclabels",
}  # fmt: skip
_SYSTEM_VIEWS = ("svv_", "stl_", "stv_", "svl_", "svcs_", "sys_")


def resolve_system_relations(tree: exp.Expr) -> None:
    """Raises SqlError for a relation of a later PostgreSQL."""
    for table in tree.find_all(exp.Table):
        name, schema = table.name.lower(), table.db.lower()
        if schema == "pg_catalog" and name.startswith(_SYSTEM_VIEWS):
            table.set("db", exp.to_identifier("redshift"))
        if name.startswith("pg_") and schema in ("", "pg_catalog"):
            if name in _NEWER:
                raise SqlError(f'relation "{name}" does not exist')
            if schema and name in _SHOWN_IN_VIEWS:
                table.set("db", exp.to_identifier("redshift"))
    for column in tree.find_all(exp.Column):
        if column.db.lower() == "pg_catalog" and column.table.lower() in _SHOWN_IN_VIEWS:
            column.set("db", None)
