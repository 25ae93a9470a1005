-- Numbers, text and aggregates.

-- ROUND and TRUNC of floats keep a float.
CREATE FUNCTION redshift.round(x float8, places integer) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN abs(x) < 1e15 THEN pg_catalog.round(x::numeric, places)::float8 ELSE x END $$;
CREATE FUNCTION redshift.round(x bigint, places integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.round(x::numeric, places)::bigint $$;
CREATE FUNCTION redshift.round(x integer, places integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.round(x::numeric, places)::integer $$;
CREATE FUNCTION redshift.trunc(x float8, places integer) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN abs(x) < 1e15 THEN pg_catalog.trunc(x::numeric, places)::float8 ELSE x END $$;
CREATE FUNCTION redshift.trunc(x integer, places integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.trunc(x::numeric, places)::integer $$;

-- DECIMAL / DECIMAL. Scale: max(4, s1 + p2 - s2 + 1), then cut so that at most 38 digits are used but never below 4.
-- A column's precision cannot be seen from a value: the dividend counts as the widest DECIMAL with its scale, as
-- every SUM is; a divisor has the digits that it shows.
CREATE FUNCTION redshift.decimal_divide(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT pg_catalog.round(a OPERATOR(pg_catalog./) b, redshift.quotient_scale(scale(a), redshift.digits(b), scale(b)))
$$;
CREATE FUNCTION redshift.quotient_scale(s1 integer, p2 integer, s2 integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT least(greatest(4, s1 + p2 - s2 + 1), greatest(38 - (19 - s1 + s2), 4)) $$;
CREATE FUNCTION redshift.digits(x numeric) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT greatest(length(trim(LEADING '0' FROM translate(abs(x)::text, '.', ''))), scale(x), 1) $$;
CREATE OPERATOR redshift./ (FUNCTION = redshift.decimal_divide, LEFTARG = numeric, RIGHTARG = numeric);

-- SUM: BIGINT of integers, DOUBLE PRECISION of floats. PostgreSQL: NUMERIC of BIGINT, REAL of REAL.
CREATE FUNCTION redshift.add_bigint(state bigint, x bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(state + x, state, x) $$;
CREATE AGGREGATE redshift.sum(bigint) (SFUNC = redshift.add_bigint, STYPE = bigint);
CREATE FUNCTION redshift.float_sum(state float8[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN state[1] > 0 THEN state[2] END $$;
CREATE AGGREGATE redshift.sum(real) (SFUNC = float4_accum, STYPE = float8[], INITCOND = '{0,0,0}',
                                     FINALFUNC = redshift.float_sum);

-- AVG: BIGINT of integers, cut off; DECIMAL keeps its scale.
CREATE FUNCTION redshift.integer_average(state bigint[]) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN state[1] > 0 THEN state[2] / state[1] END $$;
CREATE FUNCTION redshift.average_bigint(state bigint[], x bigint) RETURNS bigint[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN x IS NULL THEN state ELSE ARRAY[state[1] + 1, state[2] + x] END $$;
CREATE AGGREGATE redshift.avg(smallint) (SFUNC = int2_avg_accum, STYPE = bigint[], INITCOND = '{0,0}',
                                         FINALFUNC = redshift.integer_average);
CREATE AGGREGATE redshift.avg(integer) (SFUNC = int4_avg_accum, STYPE = bigint[], INITCOND = '{0,0}',
                                        FINALFUNC = redshift.integer_average);
CREATE AGGREGATE redshift.avg(bigint) (SFUNC = redshift.average_bigint, STYPE = bigint[], INITCOND = '{0,0}',
                                       FINALFUNC = redshift.integer_average);
CREATE FUNCTION redshift.average_numeric(state numeric[], x numeric) RETURNS numeric[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN x IS NULL THEN state ELSE ARRAY[state[1] + 1, state[2] + x] END $$;
CREATE FUNCTION redshift.numeric_average(state numeric[]) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN state[1] > 0 THEN
    pg_catalog.trunc(state[2] OPERATOR(pg_catalog./) state[1], scale(state[2])) END $$;
CREATE AGGREGATE redshift.avg(numeric) (SFUNC = redshift.average_numeric, STYPE = numeric[], INITCOND = '{0,0}',
                                        FINALFUNC = redshift.numeric_average);

CREATE FUNCTION redshift.last_percentile(state float8[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM unnest(state) AS s(x) $$;
CREATE FUNCTION redshift.append_float(state float8[], x float8) RETURNS float8[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN x IS NULL THEN state ELSE array_append(state, x) END $$;
CREATE AGGREGATE redshift.median(float8) (SFUNC = redshift.append_float, STYPE = float8[], INITCOND = '{}',
                                          FINALFUNC = redshift.last_percentile);

CREATE FUNCTION redshift.ratio(part float8, total float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT part / nullif(total, 0) $$;

-- Text. LEN counts characters without the trailing blanks of CHAR; PostgreSQL's length() does the same.
CREATE FUNCTION redshift.len(x text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT length(x) $$;
CREATE FUNCTION redshift.textlen(x text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT length(x) $$;
CREATE FUNCTION redshift.charindex(part text, x text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT position(part IN x) $$;
CREATE FUNCTION redshift.regexp_instr(x text, pattern text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.regexp_instr(x, pattern) $$;
CREATE FUNCTION redshift.regexp_substr(x text, pattern text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(pg_catalog.regexp_substr(x, pattern), '') $$;
CREATE FUNCTION redshift.regexp_replace(x text, pattern text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.regexp_replace(x, pattern, '', 'g') $$;
CREATE FUNCTION redshift.regexp_replace(x text, pattern text, replacement text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.regexp_replace(x, pattern, regexp_replace(replacement, '\$(\d)', '\\\1', 'g'), 'g') $$;
CREATE FUNCTION redshift.strtol(x text, base integer) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  value bigint := 0;
  digits text := lower(regexp_replace(x, '^0x', '', 'i'));
  digit integer;
BEGIN
  FOR i IN 1..length(digits) LOOP
    digit := position(substr(digits, i, 1) IN '0123456789abcdefghijklmnopqrstuvwxyz') - 1;
    IF digit < 0 OR digit >= base THEN
      RAISE EXCEPTION 'The input % is not valid to be converted to base %', x, base;
    END IF;
    value := value * base + digit;
  END LOOP;
  RETURN value;
END $$;
CREATE FUNCTION redshift.sha2(x text, bits integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE bits WHEN 224 THEN encode(sha224(x::bytea), 'hex') WHEN 384 THEN encode(sha384(x::bytea), 'hex')
         WHEN 512 THEN encode(sha512(x::bytea), 'hex') ELSE encode(sha256(x::bytea), 'hex') END $$;
CREATE FUNCTION redshift.to_varbyte(x text, form text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE lower(form) WHEN 'utf8' THEN convert_to(x, 'UTF8') ELSE decode(x, lower(form)) END $$;
CREATE FUNCTION redshift.from_varbyte(x bytea, form text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE lower(form) WHEN 'utf8' THEN convert_from(x, 'UTF8') ELSE encode(x, lower(form)) END $$;
CREATE FUNCTION redshift.bpcharcmp(a text, b text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN a < b THEN -1 WHEN a > b THEN 1 ELSE 0 END $$;
CREATE FUNCTION redshift.json_extract_path_text(x text, VARIADIC path text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(pg_catalog.json_extract_path_text(x::json, VARIADIC path), '') $$;
CREATE FUNCTION redshift.is_valid_json(x text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT x IS JSON OBJECT $$;
CREATE FUNCTION redshift.current_user_id() RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT oid::bigint::integer FROM pg_roles WHERE rolname = current_user $$;

-- A few of Redshift's system views, as far as the Data API and ordinary questions look at them.
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
