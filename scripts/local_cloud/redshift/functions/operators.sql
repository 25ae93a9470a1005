-- Operators between types that PostgreSQL does not combine. Sources: "Type compatibility and conversion", "Logical
-- conditions", Amazon Redshift Database Developer Guide.

-- TIMESTAMP and a number of days, as DATE has it.
CREATE FUNCTION redshift.add_days(t timestamp, days integer) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT t + make_interval(days => days) $$;
CREATE FUNCTION redshift.subtract_days(t timestamp, days integer) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT t - make_interval(days => days) $$;
CREATE OPERATOR redshift.+ (FUNCTION = redshift.add_days, LEFTARG = timestamp, RIGHTARG = integer);
CREATE OPERATOR redshift.- (FUNCTION = redshift.subtract_days, LEFTARG = timestamp, RIGHTARG = integer);

-- flag = 1
CREATE FUNCTION redshift.boolean_eq(a boolean, b integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT a = (b <> 0) $$;
CREATE FUNCTION redshift.boolean_ne(a boolean, b integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT a <> (b <> 0) $$;
CREATE FUNCTION redshift.boolean_eq(a integer, b boolean) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (a <> 0) = b $$;
CREATE FUNCTION redshift.boolean_ne(a integer, b boolean) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (a <> 0) <> b $$;
CREATE OPERATOR redshift.= (FUNCTION = redshift.boolean_eq, LEFTARG = boolean, RIGHTARG = integer);
CREATE OPERATOR redshift.<> (FUNCTION = redshift.boolean_ne, LEFTARG = boolean, RIGHTARG = integer);
CREATE OPERATOR redshift.= (FUNCTION = redshift.boolean_eq, LEFTARG = integer, RIGHTARG = boolean);
CREATE OPERATOR redshift.<> (FUNCTION = redshift.boolean_ne, LEFTARG = integer, RIGHTARG = boolean);
