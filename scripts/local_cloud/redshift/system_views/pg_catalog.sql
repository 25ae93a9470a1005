-- PostgreSQL's catalog without what only the engine has: the schema `redshift`, the superuser `postgres` and predefined
-- roles. Sources: "System catalog tables" and "VERSION", Amazon Redshift Database Developer Guide; PG_USER's columns and
-- the user rdsdb: "Creating, altering, and deleting users". sql/analysis/system_catalog.py lists these views.
CREATE FUNCTION redshift.version() RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.12103'
$$;

CREATE VIEW redshift.pg_namespace AS SELECT * FROM pg_catalog.pg_namespace WHERE nspname <> 'redshift';
CREATE VIEW redshift.pg_class AS
  SELECT c.*, CASE d.style WHEN 'EVEN' THEN 0 WHEN 'KEY' THEN 1 WHEN 'ALL' THEN 8 ELSE 9 END AS reldiststyle
  FROM pg_catalog.pg_class c LEFT JOIN redshift.designs d ON d.table_id = c.oid
  WHERE c.relnamespace <> 'redshift'::regnamespace;
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

-- The catalog's columns of Redshift's own: distribution, sort order and encodings, and informational keys. The numbers of
-- encodings mean something to FORMAT_ENCODING only.
CREATE FUNCTION redshift.encodings() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['none', 'bytedict', 'delta', 'delta32k', 'lzo', 'mostly8', 'mostly16', 'mostly32', 'raw', 'runlength', 'text255',
               'text32k', 'zstd', 'az64', 'auto'] $$;
CREATE FUNCTION redshift.format_encoding(code integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT (redshift.encodings())[code + 1] $$;
CREATE VIEW redshift.pg_attribute AS
  SELECT a.attrelid, a.attname, a.atttypid, a.attlen, a.attnum, a.atttypmod, a.attndims, a.attbyval, a.attalign, a.attstorage,
         a.attnotnull, a.atthasdef, a.attidentity, a.attgenerated, a.attisdropped, a.attislocal, a.attinhcount, a.attcollation, a.attstattarget,
         a.attacl, coalesce(array_position(redshift.encodings(), t.encoding) - 1, 0) AS attencodingtype,
         coalesce(t.distkey, false) AS attisdistkey, coalesce(t.sortkey, 0) AS attsortkeyord
  FROM pg_catalog.pg_attribute a LEFT JOIN redshift.table_columns t ON t.table_id = a.attrelid AND t.attnum = a.attnum;
CREATE VIEW redshift.pg_attrdef AS SELECT d.*, pg_get_expr(d.adbin, d.adrelid) AS adsrc FROM pg_catalog.pg_attrdef d;
CREATE VIEW redshift.pg_constraint AS
  SELECT oid, conname, connamespace, contype, condeferrable, condeferred, conrelid, contypid, confrelid, confupdtype, confdeltype,
         confmatchtype, conkey, confkey
  FROM pg_catalog.pg_constraint WHERE contype NOT IN ('n', 'c')
  UNION ALL
  SELECT k.id::oid, k.name, c.relnamespace, k.kind, false, false, k.table_id, 0, coalesce(k.parent, 0), 'a', 'a', 's', k.columns, k.parents
  FROM redshift.keys k JOIN pg_catalog.pg_class c ON c.oid = k.table_id;
CREATE FUNCTION redshift.column_list(id oid, numbers smallint[]) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY n.place) FROM unnest(numbers) WITH ORDINALITY AS n(number, place)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = id AND a.attnum = n.number $$;
CREATE FUNCTION redshift.pg_get_constraintdef(id oid, pretty boolean DEFAULT false) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT CASE k.kind WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' ELSE 'FOREIGN KEY' END
      || format(' (%s)', redshift.column_list(k.table_id, k.columns))
      || CASE WHEN k.kind = 'f' THEN format(' REFERENCES %s(%s)', k.parent::regclass, redshift.column_list(k.parent, k.parents)) ELSE '' END
    FROM redshift.keys k WHERE k.id = pg_get_constraintdef.id::bigint), pg_catalog.pg_get_constraintdef(id, pretty)) $$;
CREATE FUNCTION redshift.pg_get_viewdef(id oid, pretty boolean DEFAULT false) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT definition FROM redshift.late_views WHERE view_id = id), pg_catalog.pg_get_viewdef(id, pretty)) $$;
GRANT SELECT ON redshift.pg_attribute, redshift.pg_attrdef, redshift.pg_constraint, redshift.keys, redshift.designs TO PUBLIC;

-- No external schemas are emulated, so there are none.
CREATE VIEW redshift.svv_external_schemas AS
  SELECT NULL::oid AS esoid, NULL::smallint AS eskind, NULL::name AS schemaname, NULL::integer AS esowner,
         NULL::text AS databasename, NULL::text AS esoptions WHERE false;
CREATE VIEW redshift.svv_external_tables AS
  SELECT NULL::text AS redshift_database_name, NULL::text AS schemaname, NULL::text AS tablename, NULL::text AS tabletype,
         NULL::text AS location, NULL::text AS input_format, NULL::text AS output_format, NULL::text AS serialization_lib,
         NULL::text AS serde_parameters, NULL::integer AS compressed, NULL::text AS parameters WHERE false;
CREATE VIEW redshift.svv_external_columns AS
  SELECT NULL::text AS redshift_database_name, NULL::text AS schemaname, NULL::text AS tablename, NULL::text AS columnname,
         NULL::text AS external_type, NULL::integer AS columnnum, NULL::integer AS part_key, NULL::text AS is_nullable WHERE false;
GRANT SELECT ON redshift.svv_external_schemas, redshift.svv_external_tables, redshift.svv_external_columns TO PUBLIC;

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
