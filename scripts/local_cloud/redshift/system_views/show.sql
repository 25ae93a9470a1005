-- The answers of SHOW SCHEMAS, TABLES, COLUMNS, CONSTRAINTS, PROCEDURES and GRANTS (statements/show_objects.py).
CREATE VIEW redshift.show_schemas AS
  SELECT database_name, schema_name, schema_owner, schema_type, schema_acl, source_database, schema_option
  FROM redshift.svv_all_schemas ORDER BY schema_name;
CREATE VIEW redshift.show_tables AS
  SELECT t.database_name, t.schema_name, t.table_name, t.table_type, t.table_acl, t.remarks, t.table_owner AS owner,
    NULL::timestamp AS last_altered_time, NULL::timestamp AS last_modified_time,
    CASE WHEN t.table_type = 'TABLE' THEN CASE d.style WHEN 'KEY' THEN format('KEY(%s)', k.attname) WHEN '' THEN 'AUTO(ALL)'
      ELSE coalesce(d.style, 'AUTO(ALL)') END END AS dist_style,
    CASE WHEN c.relkind = 'm' THEN 'MATERIALIZED VIEW' WHEN l.view_id IS NOT NULL THEN 'LATE BINDING VIEW'
      WHEN c.relkind = 'v' THEN 'REGULAR VIEW' ELSE 'REGULAR TABLE' END AS table_subtype
  FROM redshift.svv_redshift_tables t
  JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema_name
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name
  LEFT JOIN redshift.designs d ON d.table_id = c.oid LEFT JOIN redshift.late_views l ON l.view_id = c.oid
  LEFT JOIN pg_catalog.pg_attribute k ON k.attrelid = c.oid AND k.attnum = d.distkey
  ORDER BY t.schema_name, t.table_name;
CREATE VIEW redshift.show_columns AS
  SELECT table_catalog AS database_name, table_schema AS schema_name, table_name, column_name, ordinal_position, column_default,
    is_nullable, data_type, character_maximum_length, numeric_precision, numeric_scale, remarks
  FROM redshift.svv_columns ORDER BY table_schema, table_name, ordinal_position;
CREATE VIEW redshift.key_columns AS
  SELECT k.id, k.kind, k.name, n.nspname, c.relname, a.attname, place, k.parent, k.parents[place] AS parent_column
  FROM redshift.keys k JOIN pg_catalog.pg_class c ON c.oid = k.table_id JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL unnest(k.columns) WITH ORDINALITY AS u(number, place)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number;
CREATE VIEW redshift.show_primary_keys AS
  SELECT current_database()::text AS database_name, nspname::text AS schema_name, relname::text AS table_name, name AS pk_name,
    attname::text AS column_name, place::integer AS key_seq
  FROM redshift.key_columns WHERE kind = 'p' ORDER BY nspname, relname, place;
CREATE VIEW redshift.show_foreign_keys AS
  SELECT current_database()::text AS pk_database_name, pn.nspname::text AS pk_schema_name, pc.relname::text AS pk_table_name,
    pa.attname::text AS pk_column_name, current_database()::text AS fk_database_name, f.nspname::text AS fk_schema_name,
    f.relname::text AS fk_table_name, f.attname::text AS fk_column_name, f.place::integer AS key_seq, f.name AS fk_name,
    (SELECT k.name FROM redshift.keys k WHERE k.table_id = f.parent AND k.kind = 'p' LIMIT 1) AS pk_name,
    NULL::integer AS update_rule, NULL::integer AS delete_rule, NULL::integer AS deferrability
  FROM redshift.key_columns f JOIN pg_catalog.pg_class pc ON pc.oid = f.parent
  JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace
  LEFT JOIN pg_catalog.pg_attribute pa ON pa.attrelid = f.parent AND pa.attnum = f.parent_column
  WHERE f.kind = 'f' ORDER BY f.nspname, f.relname, f.name, f.place;
CREATE VIEW redshift.show_procedures AS
  SELECT current_database()::text AS database_name, n.nspname::text AS schema_name, p.proname::text AS procedure_name,
    p.pronargs::integer AS number_of_arguments, pg_get_function_identity_arguments(p.oid) AS argument_list, NULL::text AS return_type,
    obj_description(p.oid, 'pg_proc') AS remarks
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  WHERE p.prokind = 'p' AND n.nspname !~ '^(pg_|redshift$|information_schema$)' ORDER BY n.nspname, p.proname;
CREATE VIEW redshift.show_grants AS
  SELECT current_database()::text AS database_name, namespace_name AS schema_name, relation_name AS object_name, 'TABLE' AS object_type,
    privilege_type, identity_id, identity_name, identity_type, admin_option
  FROM redshift.svv_relation_privileges
  UNION ALL
  SELECT current_database()::text, namespace_name, NULL, 'SCHEMA', privilege_type, identity_id, identity_name, identity_type, admin_option
  FROM redshift.svv_schema_privileges;
GRANT SELECT ON redshift.show_schemas, redshift.show_tables, redshift.show_columns, redshift.show_primary_keys,
  redshift.show_foreign_keys, redshift.show_procedures, redshift.show_grants TO PUBLIC;
