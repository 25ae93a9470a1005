-- Aggregates. Source: Amazon Redshift Database Developer Guide, the page of each function.

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

-- BOOL_AND and BOOL_OR take integers, of which 0 is false.
CREATE FUNCTION redshift.and_integer(state boolean, x integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN x IS NULL THEN state ELSE coalesce(state, true) AND x <> 0 END $$;
CREATE FUNCTION redshift.or_integer(state boolean, x integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN x IS NULL THEN state ELSE coalesce(state, false) OR x <> 0 END $$;
CREATE AGGREGATE redshift.bool_and(integer) (SFUNC = redshift.and_integer, STYPE = boolean);
CREATE AGGREGATE redshift.bool_or(integer) (SFUNC = redshift.or_integer, STYPE = boolean);

-- LISTAGG leaves out NULL and empty values. The result has at most 65535 bytes.
CREATE FUNCTION redshift.list(state text, x text, delimiter text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF x IS NULL OR octet_length(x) = 0 THEN
    RETURN state;
  END IF;
  state := coalesce(state || coalesce(delimiter, ''), '') || x;
  IF octet_length(state) > 65535 THEN
    RAISE EXCEPTION 'Result size exceeds LISTAGG limit';
  END IF;
  RETURN state;
END $$;
CREATE AGGREGATE redshift.listagg(text, text) (SFUNC = redshift.list, STYPE = text);
-- LISTAGG(DISTINCT ...) OVER: values arrive in order, so equal ones are neighbors.
CREATE FUNCTION redshift.list_distinct(state text[], x text, delimiter text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN x IS NULL OR x = state[1] THEN state ELSE ARRAY[x, redshift.list(state[2], x, delimiter)] END $$;
CREATE FUNCTION redshift.list_of(state text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT state[2] $$;
CREATE AGGREGATE redshift.listagg_distinct(text, text) (SFUNC = redshift.list_distinct, STYPE = text[],
                                                        FINALFUNC = redshift.list_of);

-- Functions with IGNORE NULLS: aggregates of the window's frame, or a choice from the array of its values.
CREATE FUNCTION redshift.keep_first(state anyelement, x anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(state, x) $$;
CREATE FUNCTION redshift.keep_last(state anyelement, x anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(x, state) $$;
CREATE AGGREGATE redshift.first_not_null(anyelement) (SFUNC = redshift.keep_first, STYPE = anyelement);
CREATE AGGREGATE redshift.last_not_null(anyelement) (SFUNC = redshift.keep_last, STYPE = anyelement);
CREATE FUNCTION redshift.nth_value(frame anyarray, n bigint) RETURNS anyelement LANGUAGE sql IMMUTABLE AS $$
  SELECT (array_remove(frame, NULL))[n::integer] $$;
CREATE FUNCTION redshift.lead(later anyarray, n bigint) RETURNS anyelement LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.nth_value(later, n) $$;
CREATE FUNCTION redshift.lag(earlier anyarray, n bigint) RETURNS anyelement LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.nth_value(earlier, cardinality(array_remove(earlier, NULL)) - n + 1) $$;
