-- PG_GET_COLS and PG_GET_LATE_BINDING_VIEW_COLS: the pages of these functions, Amazon Redshift Database Developer Guide.
CREATE FUNCTION redshift.pg_get_late_binding_view_cols()
RETURNS TABLE (view_schema name, view_name name, col_name name, col_type varchar, col_num integer) LANGUAGE sql AS $$
  SELECT n.nspname, c.relname, l.name, format_type(t.oid, l.modifier)::varchar, l.place
  FROM redshift.all_late_columns() l JOIN pg_catalog.pg_class c ON c.oid = l.view_id
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_type t ON t.typname = l.type AND t.typnamespace IN ('pg_catalog'::regnamespace, 'redshift'::regnamespace) $$;
CREATE FUNCTION redshift.pg_get_cols(relation text)
RETURNS TABLE (view_schema name, view_name name, col_name name, col_type varchar, col_num integer) LANGUAGE sql AS $$
  SELECT t.nspname, t.relname, t.attname, t.type::varchar, t.attnum::integer FROM redshift.table_columns t
  WHERE t.table_id = relation::regclass
  UNION ALL SELECT * FROM redshift.pg_get_late_binding_view_cols() l
  WHERE format('%I.%I', l.view_schema, l.view_name)::regclass = relation::regclass $$;
CREATE VIEW redshift.svv_redshift_functions AS
  SELECT current_database()::text AS database_name, n.nspname::text AS schema_name, p.proname::text AS function_name,
    CASE p.prokind WHEN 'p' THEN 'STORED PROCEDURE' ELSE 'REGULAR FUNCTION' END AS function_type,
    pg_get_function_identity_arguments(p.oid) AS argument_type, format_type(p.prorettype, NULL) AS result_type
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname !~ '^(pg_|redshift$|information_schema$)';
GRANT SELECT ON redshift.svv_redshift_functions TO PUBLIC;
