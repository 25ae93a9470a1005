-- SVV_TABLES, SVV_TABLE_INFO and SVV_MV_INFO: the columns that the Data API and common queries read.
CREATE VIEW redshift.svv_tables AS SELECT table_catalog, table_schema, table_name, table_type, ''::text AS remarks
  FROM information_schema.tables WHERE table_schema NOT IN ('redshift', 'pg_catalog', 'information_schema');
CREATE VIEW redshift.svv_table_info AS
  SELECT current_database()::text AS "database", n.nspname::text AS "schema", c.oid::bigint AS table_id,
         c.relname::text AS "table", c.reltuples::numeric(38, 0) AS tbl_rows
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname NOT IN ('redshift', 'pg_catalog', 'information_schema');
CREATE VIEW redshift.svv_mv_info AS
  SELECT current_database()::text AS database_name, schemaname::text AS schema_name, matviewowner::text AS user_name,
         matviewname::text AS name, NOT ispopulated AS is_stale FROM pg_matviews;
GRANT SELECT ON redshift.svv_tables, redshift.svv_table_info, redshift.svv_mv_info TO PUBLIC;
