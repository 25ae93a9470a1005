-- Dates and times. Source: Amazon Redshift Database Developer Guide, the page of each function.
-- Date parts arrive under the one name that sql/rules/dateparts.py gives them.
CREATE FUNCTION redshift.getdate() RETURNS timestamp LANGUAGE sql STABLE AS $$
  SELECT date_trunc('second', statement_timestamp() AT TIME ZONE 'UTC') $$;
CREATE FUNCTION redshift.sysdate() RETURNS timestamp LANGUAGE sql STABLE AS $$
  SELECT transaction_timestamp() AT TIME ZONE 'UTC' $$;
CREATE FUNCTION redshift.timeofday() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT pg_catalog.timeofday() $$;

CREATE FUNCTION redshift.months(t timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT (extract(year FROM t) * 12 + extract(month FROM t) - 1)::bigint $$;

CREATE FUNCTION redshift.add_months(t timestamp, n bigint) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN t::date = redshift.last_day(t)
    THEN redshift.last_day(date_trunc('month', t) + make_interval(months => n::int)) + (t - date_trunc('day', t))
    ELSE t + make_interval(months => n::int) END $$;
CREATE FUNCTION redshift.add_months(t date, n bigint) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.add_months(t::timestamp, n) $$;
CREATE FUNCTION redshift.add_months(t timestamptz, n bigint) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.add_months(t AT TIME ZONE 'UTC', n) $$;
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
  SELECT t::date + 1 + (7 + redshift.weekday(day) - extract(dow FROM t::date + 1)::integer) % 7 $$;
CREATE FUNCTION redshift.weekday(day text) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  CASE
    WHEN lower(day) IN ('su', 'sun', 'sunday') THEN RETURN 0;
    WHEN lower(day) IN ('m', 'mo', 'mon', 'monday') THEN RETURN 1;
    WHEN lower(day) IN ('tu', 'tue', 'tues', 'tuesday') THEN RETURN 2;
    WHEN lower(day) IN ('w', 'we', 'wed', 'wednesday') THEN RETURN 3;
    WHEN lower(day) IN ('th', 'thu', 'thurs', 'thursday') THEN RETURN 4;
    WHEN lower(day) IN ('f', 'fr', 'fri', 'friday') THEN RETURN 5;
    WHEN lower(day) IN ('sa', 'sat', 'saturday') THEN RETURN 6;
  END CASE;
EXCEPTION WHEN case_not_found THEN
  RAISE EXCEPTION 'Not a valid day: %', day;
END $$;
CREATE FUNCTION redshift.next_day(t date, day text) RETURNS date LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.next_day(t::timestamp, day) $$;

CREATE FUNCTION redshift.trunc(t timestamp) RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT t::date $$;
CREATE FUNCTION redshift.trunc(t date) RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT t $$;
CREATE FUNCTION redshift.trunc(t timestamptz) RETURNS date LANGUAGE sql STABLE AS $$ SELECT (t AT TIME ZONE 'UTC')::date $$;
CREATE FUNCTION redshift.convert_timezone(source text, target text, t timestamp) RETURNS timestamp
LANGUAGE sql STABLE AS $$ SELECT t AT TIME ZONE source AT TIME ZONE target $$;
CREATE FUNCTION redshift.convert_timezone(target text, t timestamp) RETURNS timestamp LANGUAGE sql STABLE AS $$
  SELECT t AT TIME ZONE 'UTC' AT TIME ZONE target $$;
CREATE FUNCTION redshift.date_cmp(a date, b date) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT sign(a - b)::int $$;
