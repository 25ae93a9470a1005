-- Numbers. Source: Amazon Redshift Database Developer Guide, the page of each function.

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

CREATE FUNCTION redshift.ratio_to_report(part float8, total float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT part / nullif(total, 0) $$;

-- a / b rounded to the scale that the analysis of the statement finds. PostgreSQL's quotient has at least the digits of
-- its operands, hence the two more.
CREATE FUNCTION redshift.quotient(a numeric, b numeric, scale integer) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.round(pg_catalog.round(a, scale + 2) OPERATOR(pg_catalog./) b, scale) $$;
-- The value, if its whole part has no more digits than the DECIMAL that it is cast to.
CREATE FUNCTION redshift.fitting(x numeric, digits integer) RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF abs(x) >= pg_catalog.power(10::numeric, digits) THEN
    RAISE numeric_value_out_of_range USING MESSAGE = 'Numeric data overflow (result precision)';
  END IF;
  RETURN x;
END $$;
-- AVG of decimals is cut off at the scale of its argument.
CREATE FUNCTION redshift.average(total numeric, number bigint, scale integer) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.trunc(pg_catalog.round(total, scale + 6) OPERATOR(pg_catalog./) number, scale) $$;
