-- PERCENTILE_CONT, PERCENTILE_DISC and MEDIAN of values that sql/rules/ordered_sets.py has put in order.
-- Source: Amazon Redshift Database Developer Guide, the page of each function.

CREATE FUNCTION redshift.checked_fraction(fraction float8) RETURNS float8 LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF fraction < 0 OR fraction > 1 THEN
    RAISE EXCEPTION 'percentile value % is not between 0 and 1', fraction;
  END IF;
  RETURN fraction;
END $$;
-- The first value whose cumulative distribution reaches the fraction.
CREATE FUNCTION redshift.percentile_disc(sorted anyarray, fraction float8) RETURNS anyelement LANGUAGE sql IMMUTABLE AS $$
  SELECT v[greatest(ceil(redshift.checked_fraction(fraction) * cardinality(v))::integer, 1)]
  FROM (SELECT array_remove(sorted, NULL) AS v) AS s $$;

-- Where between two neighbors the fraction is: their places, and the share of the second.
CREATE FUNCTION redshift.percentile_place(count integer, fraction float8, OUT low integer, OUT high integer, OUT share float8)
LANGUAGE sql IMMUTABLE AS $$
  SELECT floor(place)::integer, ceil(place)::integer, place - floor(place)
  FROM (SELECT 1 + redshift.checked_fraction(fraction) * (count - 1) AS place) AS s $$;
CREATE FUNCTION redshift.percentile_cont(sorted float8[], fraction float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT v[low] + (v[high] - v[low]) * share
  FROM (SELECT array_remove(sorted, NULL) AS v) AS s, redshift.percentile_place(cardinality(v), fraction) $$;
-- A DECIMAL with one more place than the values.
CREATE FUNCTION redshift.percentile_cont(sorted numeric[], fraction float8) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT round(v[low] + (v[high] - v[low]) * share::numeric, greatest(scale(v[low]), scale(v[high])) + 1)
  FROM (SELECT array_remove(sorted, NULL) AS v) AS s, redshift.percentile_place(cardinality(v), fraction) $$;
CREATE FUNCTION redshift.percentile_cont(sorted smallint[], fraction float8) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.percentile_cont(sorted::numeric[], fraction) $$;
CREATE FUNCTION redshift.percentile_cont(sorted integer[], fraction float8) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.percentile_cont(sorted::numeric[], fraction) $$;
CREATE FUNCTION redshift.percentile_cont(sorted bigint[], fraction float8) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.percentile_cont(sorted::numeric[], fraction) $$;
CREATE FUNCTION redshift.percentile_cont(sorted date[], fraction float8) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT v[low] + ((v[high] - v[low]) * share)::integer
  FROM (SELECT array_remove(sorted, NULL) AS v) AS s, redshift.percentile_place(cardinality(v), fraction) $$;
CREATE FUNCTION redshift.percentile_cont(sorted timestamp[], fraction float8) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT v[low] + (v[high] - v[low]) * share
  FROM (SELECT array_remove(sorted, NULL) AS v) AS s, redshift.percentile_place(cardinality(v), fraction) $$;
CREATE FUNCTION redshift.percentile_cont(sorted timestamptz[], fraction float8) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT v[low] + (v[high] - v[low]) * share
  FROM (SELECT array_remove(sorted, NULL) AS v) AS s, redshift.percentile_place(cardinality(v), fraction) $$;

CREATE FUNCTION redshift.median(sorted float8[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.percentile_cont(sorted, 0.5) $$;
CREATE FUNCTION redshift.median(sorted numeric[]) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.percentile_cont(sorted, 0.5) $$;
CREATE FUNCTION redshift.median(sorted smallint[]) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.percentile_cont(sorted, 0.5) $$;
CREATE FUNCTION redshift.median(sorted integer[]) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.percentile_cont(sorted, 0.5) $$;
CREATE FUNCTION redshift.median(sorted bigint[]) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.percentile_cont(sorted, 0.5) $$;
CREATE FUNCTION redshift.median(sorted date[]) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.percentile_cont(sorted, 0.5) $$;
CREATE FUNCTION redshift.median(sorted timestamp[]) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.percentile_cont(sorted, 0.5) $$;
CREATE FUNCTION redshift.median(sorted timestamptz[]) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT redshift.percentile_cont(sorted, 0.5) $$;
