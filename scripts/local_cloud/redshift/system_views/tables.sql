-- SVV_TABLES.
CREATE VIEW redshift.svv_tables AS SELECT table_catalog, table_schema, table_name, table_type, ''::text AS remarks
  FROM information_schema.tables WHERE table_schema NOT IN ('redshift', 'pg_catalog', 'information_schema');
GRANT SELECT ON redshift.svv_tables TO PUBLIC;
