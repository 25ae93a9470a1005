-- Text. Source: Amazon Redshift Database Developer Guide, the page of each function.

-- LEN counts characters without the trailing blanks of CHAR; PostgreSQL's length() does the same.
CREATE FUNCTION redshift.len(x text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT length(x) $$;
CREATE FUNCTION redshift.textlen(x text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT length(x) $$;
CREATE FUNCTION redshift.charindex(part text, x text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT position(part IN x) $$;
CREATE FUNCTION redshift.regexp_instr(x text, pattern text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.regexp_instr(x, pattern) $$;
CREATE FUNCTION redshift.regexp_substr(x text, pattern text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(pg_catalog.regexp_substr(x, pattern), '') $$;
CREATE FUNCTION redshift.regexp_replace(x text, pattern text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.regexp_replace(x, pattern, '', 'g') $$;
CREATE FUNCTION redshift.regexp_replace(x text, pattern text, replacement text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.regexp_replace(x, pattern, regexp_replace(replacement, '\$(\d)', '\\\1', 'g'), 'g') $$;
CREATE FUNCTION redshift.bpcharcmp(a text, b text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN a < b THEN -1 WHEN a > b THEN 1 ELSE 0 END $$;
