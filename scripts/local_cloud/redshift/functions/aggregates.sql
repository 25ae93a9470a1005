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

CREATE FUNCTION redshift.last_percentile(state float8[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY x) FROM unnest(state) AS s(x) $$;
CREATE FUNCTION redshift.append_float(state float8[], x float8) RETURNS float8[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN x IS NULL THEN state ELSE array_append(state, x) END $$;
CREATE AGGREGATE redshift.median(float8) (SFUNC = redshift.append_float, STYPE = float8[], INITCOND = '{}',
                                          FINALFUNC = redshift.last_percentile);
