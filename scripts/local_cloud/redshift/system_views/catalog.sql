-- The views that tools read first: SVV_COLUMNS, SVV_ALL_* and SVV_REDSHIFT_* of the pages with these names, Amazon
-- Redshift Database Developer Guide. physical_design.sql has those that tell it.
CREATE VIEW redshift.svv_columns AS
  SELECT table_catalog::text, table_schema::text, table_name::text, column_name::text, ordinal_position::integer,
         column_default::text, is_nullable::text, data_type::text, character_maximum_length::integer,
         numeric_precision::integer, numeric_precision_radix::integer, numeric_scale::integer,
         datetime_precision::integer, interval_type::text, interval_precision::text, character_set_catalog::text,
         character_set_schema::text, character_set_name::text, collation_catalog::text, collation_schema::text,
         collation_name::text, domain_name::text,
         col_description((quote_ident(table_schema) || '.' || quote_ident(table_name))::regclass,
                         ordinal_position)::text AS remarks
  FROM information_schema.columns WHERE table_schema NOT IN ('redshift', 'pg_catalog', 'information_schema');

CREATE VIEW redshift.svv_redshift_schemas AS
  SELECT current_database()::text AS database_name, nspname::text AS schema_name, nspowner::bigint::integer AS schema_owner,
         'local'::text AS schema_type, nspacl::text AS schema_acl, NULL::text AS schema_option
  FROM pg_catalog.pg_namespace
  WHERE nspname NOT IN ('redshift', 'pg_catalog', 'information_schema') AND nspname !~ '^pg_(toast|temp)';
CREATE VIEW redshift.svv_all_schemas AS
  SELECT database_name, schema_name, schema_owner, schema_type, schema_acl, NULL::text AS source_database, schema_option
  FROM redshift.svv_redshift_schemas;

CREATE VIEW redshift.svv_redshift_tables AS
  SELECT current_database()::text AS database_name, n.nspname::text AS schema_name, c.relname::text AS table_name,
         CASE c.relkind WHEN 'r' THEN 'TABLE' ELSE 'VIEW' END AS table_type, c.relacl::text AS table_acl,
         obj_description(c.oid, 'pg_class') AS remarks, pg_get_userbyid(c.relowner)::text AS table_owner
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'v', 'm') AND n.nspname NOT IN ('redshift', 'pg_catalog', 'information_schema')
    AND n.nspname !~ '^pg_(toast|temp)'
    AND (pg_has_role(c.relowner, 'USAGE') OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'));
CREATE VIEW redshift.svv_all_tables AS
  SELECT database_name, schema_name, table_name, table_type, table_acl, remarks FROM redshift.svv_redshift_tables;
CREATE VIEW redshift.svv_all_columns AS
  SELECT table_catalog AS database_name, table_schema AS schema_name, table_name, column_name, ordinal_position,
         column_default, is_nullable, data_type, character_maximum_length, numeric_precision, numeric_scale, remarks
  FROM redshift.svv_columns;

CREATE VIEW redshift.svv_redshift_databases AS
  SELECT datname::text AS database_name, datdba::bigint::integer AS database_owner, 'local'::text AS database_type,
         datacl::text AS database_acl, NULL::text AS database_options
  FROM pg_catalog.pg_database WHERE NOT datistemplate AND datname <> 'postgres';
GRANT SELECT ON redshift.svv_columns, redshift.svv_redshift_schemas, redshift.svv_all_schemas,
  redshift.svv_redshift_tables, redshift.svv_all_tables, redshift.svv_all_columns, redshift.svv_redshift_databases
  TO PUBLIC;
