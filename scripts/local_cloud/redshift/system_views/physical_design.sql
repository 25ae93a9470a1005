-- PG_TABLE_DEF, SVV_REDSHIFT_COLUMNS, SVV_TABLE_INFO and PG_CLASS_INFO: the pages with these names, Amazon Redshift
-- Database Developer Guide. Sizes and statistics of blocks are NULL: there are none.
CREATE VIEW redshift.pg_table_def AS
  SELECT nspname AS schemaname, relname AS tablename, attname AS "column", type, encoding::character(32) AS encoding, distkey,
    sortkey, attnotnull AS "notnull"
  FROM redshift.table_columns WHERE relkind = 'r' AND nspname = ANY (pg_catalog.current_schemas(true)) AND nspname <> 'information_schema';
CREATE VIEW redshift.svv_redshift_columns AS
  SELECT current_database()::text AS database_name, nspname::text AS schema_name, relname::text AS table_name,
    attname::text AS column_name, attnum::integer AS ordinal_position, type AS data_type, fallback AS column_default,
    CASE WHEN attnotnull THEN 'NO' ELSE 'YES' END AS is_nullable, encoding, distkey, sortkey, attacl::text AS column_acl, remarks
  FROM redshift.table_columns
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND (pg_has_role(relowner, 'USAGE')
    OR has_column_privilege(table_id, attnum, 'SELECT, INSERT, UPDATE, REFERENCES'));

CREATE FUNCTION redshift.row_count(id oid) RETURNS bigint LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  found bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM %s', id::regclass) INTO found;
  RETURN found;
END $$;
-- Empty tables have no row. Only superusers see it.
CREATE VIEW redshift.svv_table_info AS
  SELECT current_database()::text AS "database", n.nspname::text AS "schema", c.oid::bigint AS table_id, c.relname::text AS "table",
    CASE WHEN d.encodings <> '{}' THEN 'Y' ELSE 'Y, AUTO(ENCODE)' END AS encoded,
    CASE WHEN d.style = 'KEY' THEN format('KEY(%s)', (SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND attnum = d.distkey))
      WHEN d.style <> '' THEN d.style ELSE 'AUTO(ALL)' END AS diststyle,
    CASE WHEN cardinality(d.sortkeys) > 0 THEN (SELECT attname::text FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND attnum = d.sortkeys[1])
      ELSE 'AUTO(SORTKEY)' END AS sortkey1,
    (SELECT coalesce(max(atttypmod - 4), 0) FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND atttypid = 1043 AND attnum > 0)::integer AS max_varchar,
    CASE WHEN cardinality(d.sortkeys) > 0 THEN (SELECT encoding FROM redshift.table_columns t WHERE t.table_id = c.oid AND t.attnum = d.sortkeys[1]) END::character(32) AS sortkey1_enc,
    coalesce(cardinality(d.sortkeys), 0) AS sortkey_num, NULL::bigint AS size, NULL::numeric(10, 4) AS pct_used, 0::bigint AS empty,
    NULL::numeric(5, 2) AS unsorted, NULL::numeric(5, 2) AS stats_off, r.rows::numeric(38, 0) AS tbl_rows,
    NULL::numeric(19, 2) AS skew_sortkey1, NULL::numeric(19, 2) AS skew_rows, r.rows::numeric(38, 0) AS estimated_visible_rows,
    NULL::text AS risk_event, NULL::numeric(12, 2) AS vacuum_sort_benefit, NULL::timestamp AS create_time
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN redshift.designs d ON d.table_id = c.oid
  CROSS JOIN LATERAL (SELECT redshift.row_count(c.oid) AS rows) r
  WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('redshift', 'pg_catalog', 'information_schema') AND r.rows > 0
    AND (SELECT rolcreaterole OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user);
CREATE VIEW redshift.pg_class_info AS
  SELECT c.*, CASE d.style WHEN 'EVEN' THEN 0 WHEN 'KEY' THEN 1 WHEN 'ALL' THEN 8 ELSE 10 END AS releffectivediststyle,
    NULL::timestamp AS relcreationtime
  FROM redshift.pg_class c LEFT JOIN redshift.designs d ON d.table_id = c.oid;

-- A materialized view is stale if its query gives other rows now. Redshift says so after any change of a base table.
CREATE FUNCTION redshift.is_stale(view oid) RETURNS character(1) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  query text := rtrim(pg_get_viewdef(view), ';');
  stale boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (((%s) EXCEPT ALL TABLE %s) UNION ALL (TABLE %2$s EXCEPT ALL (%1$s)))', query, view::regclass) INTO stale;
  RETURN CASE WHEN stale THEN 't' ELSE 'f' END;
END $$;
-- state: "Limitations for incremental refresh" of "Refreshing a materialized view".
CREATE VIEW redshift.svv_mv_info AS
  SELECT current_database()::character(128) AS database_name, schemaname::character(128) AS schema_name,
    matviewowner::character(128) AS user_name, matviewname::character(128) AS name,
    redshift.is_stale(format('%I.%I', schemaname, matviewname)::regclass) AS is_stale,
    CASE WHEN definition ~* '\m(left|right|full|union|intersect|except|over|distinct|limit|listagg|median|percentile_cont|stddev_samp|var_samp|random|now|sysdate|getdate)\M'
      THEN 0 ELSE 1 END AS state, 'f'::character(1) AS autorefresh, 'f'::character(1) AS autorewrite
  FROM pg_catalog.pg_matviews WHERE has_table_privilege(format('%I.%I', schemaname, matviewname)::regclass, 'SELECT');
CREATE VIEW redshift.stv_mv_info AS
  SELECT database_name AS db_name, schema_name AS schema, name, NULL::bigint AS updated_upto_xid, is_stale,
    user_name AS owner_user_name, state, autorefresh, autorewrite FROM redshift.svv_mv_info;
GRANT SELECT ON redshift.pg_table_def, redshift.svv_redshift_columns, redshift.svv_table_info, redshift.pg_class_info,
  redshift.svv_mv_info, redshift.stv_mv_info TO PUBLIC;
