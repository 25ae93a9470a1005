-- Text. Source: Amazon Redshift Database Developer Guide, the page of each function.

-- LEN counts characters without the trailing blanks of CHAR; PostgreSQL's length() does the same.
CREATE FUNCTION redshift.len(x text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT length(x) $$;
CREATE FUNCTION redshift.len(x bytea) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT octet_length(x) $$;
CREATE FUNCTION redshift.textlen(x text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT length(x) $$;
CREATE FUNCTION redshift.octet_length(x bpchar) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.octet_length(x::text) $$;
CREATE FUNCTION redshift.charindex(part text, x text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT position(part IN x) $$;
CREATE FUNCTION redshift.octetindex(part text, x text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT position(convert_to(part, 'UTF8') IN convert_to(x, 'UTF8')) $$;
CREATE FUNCTION redshift.replicate(x text, times integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.repeat(x, times) $$;
CREATE FUNCTION redshift.bpcharcmp(a text, b text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN a < b THEN -1 WHEN a > b THEN 1 ELSE 0 END $$;
CREATE FUNCTION redshift.bttext_pattern_cmp(a text, b text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT sign(pg_catalog.bttext_pattern_cmp(a, b))::integer $$;
CREATE FUNCTION redshift.quote_literal(x text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT ltrim(pg_catalog.quote_literal(x), 'E') $$;
CREATE FUNCTION redshift.split_part(x text, delimiter text, part integer) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF part < 1 THEN
    RAISE EXCEPTION 'field position must be greater than zero';
  END IF;
  RETURN pg_catalog.split_part(x, delimiter, part);
END $$;

-- Letters of every alphabet have a case. The database's own collation knows ASCII only.
CREATE FUNCTION redshift.lower(x text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.lower(x COLLATE pg_catalog.pg_c_utf8) COLLATE "default" $$;
CREATE FUNCTION redshift.upper(x text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.upper(x COLLATE pg_catalog.pg_c_utf8) COLLATE "default" $$;
CREATE FUNCTION redshift.initcap(x text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.initcap(x COLLATE pg_catalog.pg_c_utf8) COLLATE "default" $$;

-- Numbers, dates and times are cast to text where a function takes text.
CREATE FUNCTION redshift.charindex(part text, x anynonarray) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT position(part IN x::text) $$;
CREATE FUNCTION redshift.strpos(x anynonarray, part text) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT position(part IN x::text) $$;
CREATE FUNCTION redshift.split_part(x anynonarray, delimiter text, part integer) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT redshift.split_part(x::text, delimiter, part) $$;
CREATE FUNCTION redshift.repeat(x anynonarray, times integer) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.repeat(x::text, times) $$;
CREATE FUNCTION redshift.replicate(x anynonarray, times integer) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.repeat(x::text, times) $$;
CREATE FUNCTION redshift.reverse(x anynonarray) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.reverse(x::text) $$;
CREATE FUNCTION redshift.ltrim(x timestamp, characters text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.ltrim(x::text, characters) $$;
CREATE FUNCTION redshift.rtrim(x timestamp, characters text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.rtrim(x::text, characters) $$;
CREATE FUNCTION redshift."position"(part text, x text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT position(part IN x) $$;
CREATE FUNCTION redshift."position"(part text, x anynonarray) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT position(part IN x::text) $$;
CREATE FUNCTION redshift."substring"(x text, start integer, size integer DEFAULT NULL) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN size IS NULL THEN substr(x, start) ELSE substr(x, start, size) END $$;
CREATE FUNCTION redshift."substring"(x anynonarray, start integer, size integer DEFAULT NULL) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN size IS NULL THEN substr(x::text, start) ELSE substr(x::text, start, size) END $$;
CREATE FUNCTION redshift."substring"(x bytea, start integer, size integer DEFAULT NULL) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN size IS NULL THEN substr(x, start) ELSE substr(x, start, size) END $$;

-- CONCAT is NULL if an argument is NULL, unlike PostgreSQL's.
CREATE FUNCTION redshift.concat(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT a || b $$;
CREATE FUNCTION redshift.concat(a bytea, b bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT a || b $$;
CREATE FUNCTION redshift.concat(a text, b anynonarray) RETURNS text LANGUAGE sql STABLE AS $$ SELECT a || b::text $$;
CREATE FUNCTION redshift.concat(a anynonarray, b text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT a::text || b $$;
CREATE FUNCTION redshift.concat(a anyelement, b anycompatible) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT a::text || b::text $$;

-- American Soundex: letters that sound alike share a digit; only the first of neighbors with the same digit counts, also
-- across H and W. Other characters than letters of ASCII are ignored.
CREATE FUNCTION redshift.soundex(x text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  letters text := regexp_replace(pg_catalog.upper(x), '[^A-Z]', '', 'g');
  digits text := translate(letters, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '0123012-02245501262301-202');
BEGIN
  digits := regexp_replace(replace(digits, '-', ''), '([1-6])\1+', '\1', 'g');
  IF substr(letters, 1, 1) IN ('H', 'W') THEN
    digits := '-' || digits;
  END IF;
  RETURN CASE WHEN letters = '' THEN '' ELSE rpad(left(letters, 1) || replace(substr(digits, 2), '0', ''), 4, '0') END;
END $$;
-- The number of equal characters in two codes; 1 if neither text has a letter.
CREATE FUNCTION redshift.difference(a text, b text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN redshift.soundex(a) = '' AND redshift.soundex(b) = '' THEN 1
    ELSE (SELECT count(*)::integer FROM generate_series(1, 4) AS i
          WHERE substr(redshift.soundex(a), i, 1) = substr(redshift.soundex(b), i, 1)
            AND substr(redshift.soundex(a), i, 1) <> '') END $$;
