-- Dates and times. Source: Amazon Redshift Database Developer Guide, the page of each function.
-- Date parts arrive under the one name that sql/rules/dateparts.py gives them.
CREATE FUNCTION redshift.getdate() RETURNS timestamp LANGUAGE sql STABLE AS $$
  SELECT date_trunc('second', statement_timestamp() AT TIME ZONE 'UTC') $$;
CREATE FUNCTION redshift.sysdate() RETURNS timestamp LANGUAGE sql STABLE AS $$
  SELECT transaction_timestamp() AT TIME ZONE 'UTC' $$;
CREATE FUNCTION redshift.timeofday() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT pg_catalog.timeofday() $$;

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

CREATE FUNCTION redshift.months(t timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT (extract(year FROM t) * 12 + extract(month FROM t) - 1)::bigint $$;

-- DATEADD: the last day of a month stays the last day, as in ADD_MONTHS.
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
CREATE FUNCTION redshift.add_months(t timestamp, n bigint) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN t::date = redshift.last_day(t)
    THEN redshift.last_day(date_trunc('month', t) + make_interval(months => n::int)) + (t - date_trunc('day', t))
    ELSE t + make_interval(months => n::int) END $$;
CREATE FUNCTION redshift.add_months(t date, n bigint) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.add_months(t::timestamp, n) $$;
CREATE FUNCTION redshift.add_months(t timestamptz, n bigint) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.add_months(t AT TIME ZONE 'UTC', n) $$;
CREATE FUNCTION redshift.dateadd(part text, n bigint, t timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT t + redshift.part_interval(part, n) $$;
CREATE FUNCTION redshift.dateadd(part text, n bigint, t date) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.dateadd(part, n, t::timestamp) $$;
CREATE FUNCTION redshift.dateadd(part text, n bigint, t timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.dateadd(part, n, t AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' $$;
CREATE FUNCTION redshift.dateadd(part text, n bigint, t time) RETURNS time LANGUAGE sql IMMUTABLE AS $$
  SELECT t + redshift.part_interval(part, n) $$;

CREATE FUNCTION redshift.last_day(t timestamp) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT (date_trunc('month', t) + interval '1 month' - interval '1 day')::date $$;
CREATE FUNCTION redshift.last_day(t date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.last_day(t::timestamp) $$;
CREATE FUNCTION redshift.last_day(t timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.last_day(t AT TIME ZONE 'UTC') $$;
-- Whole months when both are the same day of the month or both the last day, else 31sts of a month beside.
CREATE FUNCTION redshift.months_between(a timestamp, b timestamp) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT (redshift.months(a) - redshift.months(b))::float8 + CASE
    WHEN extract(day FROM a) = extract(day FROM b) THEN 0
    WHEN a::date = redshift.last_day(a) AND b::date = redshift.last_day(b) THEN 0
    ELSE (extract(epoch FROM a - date_trunc('month', a)) - extract(epoch FROM b - date_trunc('month', b))) / 2678400.0
  END $$;
CREATE FUNCTION redshift.months_between(a date, b date) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.months_between(a::timestamp, b::timestamp) $$;
CREATE FUNCTION redshift.next_day(t timestamp, day text) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT t::date + 1 + (7 + array_position(ARRAY['su','mo','tu','we','th','fr','sa'], lower(left(day, 2))) - 1
                        - extract(dow FROM t::date + 1)::int) % 7 $$;
CREATE FUNCTION redshift.next_day(t date, day text) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.next_day(t::timestamp, day) $$;

-- DATE_TRUNC of a DATE is a TIMESTAMP, not PostgreSQL's TIMESTAMPTZ.
CREATE FUNCTION redshift.date_trunc(part text, t date) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.date_trunc(part, t::timestamp) $$;
CREATE FUNCTION redshift.date_part(part text, t date) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.date_part(part, t::timestamp) $$;
CREATE FUNCTION redshift.extract_part(part text, t timestamp) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT floor(pg_catalog.date_part(part, t))::integer $$;
CREATE FUNCTION redshift.extract_part(part text, t date) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT floor(pg_catalog.date_part(part, t::timestamp))::integer $$;
CREATE FUNCTION redshift.extract_part(part text, t timestamptz) RETURNS float8 LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.date_part(part, t) $$;
CREATE FUNCTION redshift.extract_part(part text, t interval) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.date_part(part, t) $$;
CREATE FUNCTION redshift.extract_part(part text, t time) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT floor(pg_catalog.date_part(part, t))::integer $$;
CREATE FUNCTION redshift.trunc(t timestamp) RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT t::date $$;
CREATE FUNCTION redshift.trunc(t date) RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT t $$;
CREATE FUNCTION redshift.trunc(t timestamptz) RETURNS date LANGUAGE sql STABLE AS $$ SELECT (t AT TIME ZONE 'UTC')::date $$;
CREATE FUNCTION redshift.convert_timezone(source text, target text, t timestamp) RETURNS timestamp
LANGUAGE sql STABLE AS $$ SELECT t AT TIME ZONE source AT TIME ZONE target $$;
CREATE FUNCTION redshift.convert_timezone(target text, t timestamp) RETURNS timestamp LANGUAGE sql STABLE AS $$
  SELECT t AT TIME ZONE 'UTC' AT TIME ZONE target $$;
CREATE FUNCTION redshift.date_cmp(a date, b date) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT sign(a - b)::int $$;

-- TO_DATE reads 'January2015' with 'MonthYYYY', where PostgreSQL expects nine letters without FM. An impossible date
-- overflows ('2015-02-30' is March 2) unless the third argument is TRUE.
CREATE FUNCTION redshift.to_date(value text, pattern text, is_strict boolean DEFAULT false) RETURNS date
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  first date;
BEGIN
  RETURN pg_catalog.to_date(trim(value), regexp_replace(pattern, '(month|mon|day)', 'FM\1', 'gi'));
EXCEPTION WHEN datetime_field_overflow THEN
  IF is_strict OR upper(pattern) NOT IN ('YYYY-MM-DD', 'YYYYMMDD', 'YYYY/MM/DD') THEN
    RAISE;
  END IF;
  value := regexp_replace(value, '[^0-9]', '', 'g');
  RETURN make_date(left(value, 4)::int, 1, 1) + make_interval(months => substr(value, 5, 2)::int - 1)
         + make_interval(days => substr(value, 7, 2)::int - 1);
END $$;
