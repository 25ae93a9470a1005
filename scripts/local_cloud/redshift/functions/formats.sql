-- Conversions of types. Source: Amazon Redshift Database Developer Guide, the page of each function.

-- Teradata's numbers in text: a sign may follow the digits. A format, the second argument, is not emulated.
CREATE FUNCTION redshift.teradata_number(x text) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(nullif(regexp_replace(trim(x), '^(.*?)([-+])$', '\2\1'), ''), '0')::numeric
  WHERE x IS NOT NULL $$;
CREATE FUNCTION redshift.text_to_int_alt(x text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT trunc(redshift.teradata_number(x))::integer $$;
-- Halves are rounded to the even neighbor.
CREATE FUNCTION redshift.text_to_numeric_alt(x text, digits integer DEFAULT 38, places integer DEFAULT 0) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  value numeric := redshift.teradata_number(x);
  rounded numeric := round(value, places);
BEGIN
  IF abs(value - trunc(value, places)) * 2 = power(10::numeric, -places) AND mod(rounded * power(10::numeric, places), 2) <> 0 THEN
    rounded := trunc(value, places);
  END IF;
  IF abs(rounded) >= power(10::numeric, digits - places) THEN
    RAISE EXCEPTION 'Numeric data overflow (result precision)';
  END IF;
  RETURN round(rounded, places);
END $$;
CREATE FUNCTION redshift.text_to_int_alt(x text, format text) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RAISE EXCEPTION 'TEXT_TO_INT_ALT with a format is not emulated';
END $$;
CREATE FUNCTION redshift.text_to_numeric_alt(x text, format text) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RAISE EXCEPTION 'TEXT_TO_NUMERIC_ALT with a format is not emulated';
END $$;

-- TRY_CAST: NULL where the cast fails. `target` is a NULL that only carries the type.
CREATE FUNCTION redshift.try_cast(x anycompatiblenonarray, type text, target anyelement) RETURNS anyelement
LANGUAGE plpgsql STABLE AS $$
DECLARE
  result target%TYPE;
BEGIN
  EXECUTE format('SELECT $1::%s', type) INTO result USING x;
  RETURN result;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END $$;

-- The time zone of a TIMESTAMP, TZ in a format, is UTC.
CREATE FUNCTION redshift.to_char(x timestamp, format text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.to_char(x AT TIME ZONE 'UTC', format) $$;

-- L is the currency symbol, which precedes the number.
DO $do$
DECLARE
  kind text;
BEGIN
  FOREACH kind IN ARRAY ARRAY['integer', 'bigint', 'numeric', 'real', 'double precision'] LOOP
    EXECUTE format($f$CREATE FUNCTION redshift.to_char(x %s, format text) RETURNS text LANGUAGE sql STABLE AS $$
      SELECT CASE WHEN format ~* '^l' THEN '$' || pg_catalog.to_char(x, substr(format, 2)) ELSE pg_catalog.to_char(x, format) END $$$f$, kind);
  END LOOP;
END $do$;

-- TO_DATE reads 'January2015' with 'MonthYYYY', where PostgreSQL expects nine letters without FM. An impossible date
-- overflows ('2015-02-30' is March 2) unless the third argument is TRUE.
CREATE FUNCTION redshift.to_date(value text, pattern text, is_strict boolean DEFAULT false) RETURNS date
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  first date;
BEGIN
  RETURN pg_catalog.to_date(trim(value), regexp_replace(pattern, '(month|mon|day)', 'FM\1', 'gi'));
EXCEPTION WHEN datetime_field_overflow THEN
  IF upper(pattern) NOT IN ('YYYY-MM-DD', 'YYYYMMDD', 'YYYY/MM/DD') THEN
    RAISE;
  END IF;
  value := regexp_replace(value, '[^0-9]', '', 'g');
  IF is_strict THEN
    RAISE EXCEPTION 'date/time field date value out of range: %-%-%', left(value, 4), substr(value, 5, 2)::int, substr(value, 7, 2)::int;
  END IF;
  RETURN make_date(left(value, 4)::int, 1, 1) + make_interval(months => substr(value, 5, 2)::int - 1)
         + make_interval(days => substr(value, 7, 2)::int - 1);
END $$;

-- The hour 24 is the first of the next day unless the third argument is TRUE.
CREATE FUNCTION redshift.to_timestamp(value text, pattern text, is_strict boolean DEFAULT false) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF pattern ~* 'tz' OR pattern ~ 'OF' THEN
    RAISE EXCEPTION 'TO_TIMESTAMP does not support the time zone formats TZ and OF';
  END IF;
  RETURN pg_catalog.to_timestamp(value, pattern);
EXCEPTION WHEN datetime_field_overflow THEN
  IF is_strict THEN
    RAISE EXCEPTION 'date/time field time value out of range: %.0', substring(value FROM '\d+:\d+:\d+');
  ELSIF pattern !~* 'hh24' OR value !~ '\m24:' THEN
    RAISE;
  END IF;
  RETURN pg_catalog.to_timestamp(regexp_replace(value, '\m24:', '00:'), pattern) + interval '1 day';
END $$;

-- STRTOL: leading blanks, a sign and 0x may precede the digits.
CREATE FUNCTION redshift.strtol(x text, base integer) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  value bigint := 0;
  sign bigint := CASE WHEN ltrim(x) LIKE '-%' THEN -1 ELSE 1 END;
  digits text := lower(regexp_replace(ltrim(x), '^[-+]?(0x)?', '', 'i'));
  digit integer;
BEGIN
  IF base NOT BETWEEN 2 AND 36 THEN
    RAISE EXCEPTION 'The base must be between 2 and 36';
  END IF;
  FOR i IN 1..length(digits) LOOP
    digit := position(substr(digits, i, 1) IN '0123456789abcdefghijklmnopqrstuvwxyz') - 1;
    IF digit < 0 OR digit >= base THEN
      RAISE EXCEPTION 'The input % is not valid to be converted to base %', x, base;
    END IF;
    value := value * base + digit;
  END LOOP;
  RETURN sign * value;
END $$;
