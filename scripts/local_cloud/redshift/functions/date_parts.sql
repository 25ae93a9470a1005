-- Arithmetic with the parts of dates and times. Source: Amazon Redshift Database Developer Guide, the page of each
-- function. Date parts arrive under the one name that sql/rules/dateparts.py gives them.

-- DATEDIFF counts the boundaries that lie between, not the time that passed.
CREATE FUNCTION redshift.datediff(part text, a timestamp, b timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE part
    WHEN 'microsecond' THEN (extract(epoch FROM b) * 1000000)::bigint - (extract(epoch FROM a) * 1000000)::bigint
    WHEN 'millisecond' THEN floor(extract(epoch FROM b) * 1000)::bigint - floor(extract(epoch FROM a) * 1000)::bigint
    WHEN 'second' THEN floor(extract(epoch FROM b))::bigint - floor(extract(epoch FROM a))::bigint
    WHEN 'epoch' THEN floor(extract(epoch FROM b))::bigint - floor(extract(epoch FROM a))::bigint
    WHEN 'minute' THEN floor(extract(epoch FROM b) / 60)::bigint - floor(extract(epoch FROM a) / 60)::bigint
    WHEN 'hour' THEN floor(extract(epoch FROM b) / 3600)::bigint - floor(extract(epoch FROM a) / 3600)::bigint
    WHEN 'day' THEN (b::date - a::date)::bigint
    WHEN 'dow' THEN (b::date - a::date)::bigint
    WHEN 'doy' THEN (b::date - a::date)::bigint
    WHEN 'week' THEN (date_trunc('week', b)::date - date_trunc('week', a)::date)::bigint / 7
    WHEN 'month' THEN redshift.months(b) - redshift.months(a)
    WHEN 'quarter' THEN redshift.months(b) / 3 - redshift.months(a) / 3
    WHEN 'year' THEN redshift.months(b) / 12 - redshift.months(a) / 12
    WHEN 'decade' THEN redshift.months(b) / 120 - redshift.months(a) / 120
    WHEN 'century' THEN (extract(century FROM b) - extract(century FROM a))::bigint
    WHEN 'millennium' THEN (extract(millennium FROM b) - extract(millennium FROM a))::bigint
  END $$;
CREATE FUNCTION redshift.datediff(part text, a timestamptz, b timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.datediff(part, a AT TIME ZONE 'UTC', b AT TIME ZONE 'UTC') $$;
CREATE FUNCTION redshift.datediff(part text, a date, b date) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.datediff(part, a::timestamp, b::timestamp) $$;
CREATE FUNCTION redshift.datediff(part text, a timestamp, b date) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.datediff(part, a, b::timestamp) $$;
CREATE FUNCTION redshift.datediff(part text, a date, b timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.datediff(part, a::timestamp, b) $$;
CREATE FUNCTION redshift.datediff(part text, a time, b time) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.datediff(part, '2000-01-01'::date + a, '2000-01-01'::date + b) $$;
CREATE FUNCTION redshift.datediff(part text, a timetz, b timetz) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.datediff(part, (a AT TIME ZONE 'UTC')::time, (b AT TIME ZONE 'UTC')::time) $$;

-- DATEADD: a day that the month lacks becomes the month's last day, but a year after February 29 is March 1.
CREATE FUNCTION redshift.part_interval(part text, n bigint) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE part
    WHEN 'quarter' THEN make_interval(months => 3 * n::int)
    WHEN 'dow' THEN make_interval(days => n::int)
    WHEN 'doy' THEN make_interval(days => n::int)
    WHEN 'epoch' THEN n * interval '1 second'
    WHEN 'millisecond' THEN n * interval '1 millisecond'
    WHEN 'microsecond' THEN n * interval '1 microsecond'
    ELSE n * ('1 ' || part)::interval
  END $$;
CREATE FUNCTION redshift.dateadd(part text, n bigint, t timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT t + redshift.part_interval(part, n) + CASE
    WHEN part = 'year' AND extract(month FROM t) = 2
      AND extract(day FROM t) > extract(day FROM t + redshift.part_interval(part, n)) THEN interval '1 day'
    ELSE interval '0' END $$;
CREATE FUNCTION redshift.dateadd(part text, n bigint, t date) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.dateadd(part, n, t::timestamp) $$;
CREATE FUNCTION redshift.dateadd(part text, n bigint, t timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.dateadd(part, n, t AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' $$;
CREATE FUNCTION redshift.dateadd(part text, n bigint, t time) RETURNS time LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF part NOT IN ('hour', 'minute', 'second', 'millisecond', 'microsecond', 'epoch') THEN
    RAISE EXCEPTION 'time units "%" not supported', part;
  END IF;
  RETURN t + redshift.part_interval(part, n);
END $$;
CREATE FUNCTION redshift.dateadd(part text, n bigint, t timetz) RETURNS timetz LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.dateadd(part, n, (t AT TIME ZONE 'UTC')::time)::text::timetz $$;

-- Parts of a date or time: DATE_PART gives DOUBLE PRECISION, EXTRACT whole numbers. Milliseconds and microseconds are
-- those within the second, and a decade begins with its first year ("Date parts for date or timestamp functions").
CREATE FUNCTION redshift.part_value(part text, value float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE part WHEN 'decade' THEN value + 1 WHEN 'millisecond' THEN mod(floor(value)::bigint, 1000)::float8
    WHEN 'microsecond' THEN mod(value::bigint, 1000000)::float8 ELSE value END $$;
CREATE FUNCTION redshift.date_part(part text, t timestamp) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.part_value(part, pg_catalog.date_part(part, t)) $$;
CREATE FUNCTION redshift.date_part(part text, t date) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.part_value(part, pg_catalog.date_part(part, t::timestamp)) $$;
CREATE FUNCTION redshift.date_part(part text, t timestamptz) RETURNS float8 LANGUAGE sql STABLE AS $$
  SELECT redshift.part_value(part, pg_catalog.date_part(part, t)) $$;
CREATE FUNCTION redshift.date_part(part text, t time) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.part_value(part, pg_catalog.date_part(part, t)) $$;
CREATE FUNCTION redshift.date_part(part text, t timetz) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.part_value(part, pg_catalog.date_part(part, t)) $$;
CREATE FUNCTION redshift.extract_part(part text, t timestamp) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT floor(redshift.date_part(part, t))::integer $$;
CREATE FUNCTION redshift.extract_part(part text, t date) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT floor(redshift.date_part(part, t))::integer $$;
CREATE FUNCTION redshift.extract_part(part text, t time) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT floor(redshift.date_part(part, t))::integer $$;
CREATE FUNCTION redshift.extract_part(part text, t timetz) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT floor(redshift.date_part(part, t))::integer $$;
CREATE FUNCTION redshift.extract_part(part text, t timestamptz) RETURNS float8 LANGUAGE sql STABLE AS $$
  SELECT redshift.date_part(part, t) $$;
CREATE FUNCTION redshift.extract_part(part text, t interval) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.date_part(part, t) $$;
CREATE FUNCTION redshift.date_part_year(t date) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT extract(year FROM t)::integer $$;
CREATE FUNCTION redshift.date_part_year(t timestamp) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT extract(year FROM t)::integer $$;

-- DATE_TRUNC of a DATE is a TIMESTAMP, not PostgreSQL's TIMESTAMPTZ.
CREATE FUNCTION redshift.date_trunc(part text, t date) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.date_trunc(part, t::timestamp) $$;
