-- PostgreSQL's catalog without what only the engine has: the schema `redshift`, the superuser `postgres` and predefined
-- roles. Sources: "System catalog tables" and "VERSION", Amazon Redshift Database Developer Guide; PG_USER's columns and
-- the user rdsdb: "Creating, altering, and deleting users". sql/analysis/system_catalog.py lists these views.
CREATE FUNCTION redshift.version() RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.12103'
$$;

CREATE VIEW redshift.pg_namespace AS SELECT * FROM pg_catalog.pg_namespace WHERE nspname <> 'redshift';
CREATE VIEW redshift.pg_class AS SELECT * FROM pg_catalog.pg_class
  WHERE relnamespace <> 'redshift'::regnamespace;
CREATE VIEW redshift.pg_proc AS SELECT * FROM pg_catalog.pg_proc WHERE pronamespace <> 'redshift'::regnamespace;
CREATE VIEW redshift.pg_operator AS SELECT * FROM pg_catalog.pg_operator WHERE oprnamespace <> 'redshift'::regnamespace;
CREATE VIEW redshift.pg_opclass AS SELECT * FROM pg_catalog.pg_opclass WHERE opcnamespace <> 'redshift'::regnamespace;
CREATE VIEW redshift.pg_tables AS
  SELECT schemaname, tablename, CASE tableowner WHEN 'postgres' THEN 'rdsdb' ELSE tableowner END AS tableowner,
         tablespace, hasindexes, hasrules, hastriggers
  FROM pg_catalog.pg_tables WHERE schemaname <> 'redshift';
CREATE VIEW redshift.pg_views AS
  SELECT schemaname, viewname, CASE viewowner WHEN 'postgres' THEN 'rdsdb' ELSE viewowner END AS viewowner, definition
  FROM pg_catalog.pg_views WHERE schemaname <> 'redshift';
CREATE VIEW redshift.pg_database AS SELECT * FROM pg_catalog.pg_database WHERE datname <> 'postgres';
CREATE VIEW redshift.pg_user AS
  SELECT CASE rolname WHEN 'postgres' THEN 'rdsdb' ELSE rolname END AS usename,
         CASE rolname WHEN 'postgres' THEN 1 ELSE oid::bigint::integer END AS usesysid,
         rolcreatedb AS usecreatedb, rolcreaterole AS usesuper, rolname = 'postgres' AS usecatupd,
         '********'::text AS passwd, rolvaliduntil AS valuntil, rolconfig AS useconfig
  FROM pg_catalog.pg_roles WHERE rolcanlogin;
CREATE VIEW redshift.pg_group AS SELECT * FROM pg_catalog.pg_group
  WHERE groname NOT LIKE 'pg\_%' AND grosysid NOT IN (SELECT oid FROM redshift.roles);
GRANT SELECT ON redshift.pg_namespace, redshift.pg_class, redshift.pg_proc, redshift.pg_operator, redshift.pg_opclass,
  redshift.pg_tables, redshift.pg_views, redshift.pg_database, redshift.pg_user, redshift.pg_group TO PUBLIC;

-- The same in every view of information_schema that names schemas.
DO $$
DECLARE
  shown record;
BEGIN
  FOR shown IN
    SELECT c.oid, c.relname, string_agg(format('%I <> ''redshift''', a.attname), ' AND ') AS condition
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'information_schema'::regnamespace AND c.relkind = 'v'
      AND a.attname IN ('table_schema', 'schema_name', 'routine_schema', 'specific_schema', 'constraint_schema')
    GROUP BY c.oid, c.relname
  LOOP
    EXECUTE format('CREATE OR REPLACE VIEW information_schema.%I AS SELECT * FROM (%s) AS v WHERE (%s) IS NOT FALSE',
                   shown.relname, rtrim(pg_get_viewdef(shown.oid), ';'), shown.condition);
  END LOOP;
END $$;
