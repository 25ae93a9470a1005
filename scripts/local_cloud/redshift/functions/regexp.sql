-- Regular expressions. Source: Amazon Redshift Database Developer Guide, the page of each function.
-- Parameters: i = case-insensitive, c = case-sensitive, e = the first group only, p = PCRE, whose common part PostgreSQL's
-- expressions share. A position before the first character counts as the first.
CREATE FUNCTION redshift.regexp_flags(parameters text, also text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN position('i' IN parameters) > 0 THEN 'i' ELSE '' END || also $$;

CREATE FUNCTION redshift.regexp_count(x text, pattern text, start integer DEFAULT 1, parameters text DEFAULT '')
RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT pg_catalog.regexp_count(x, pattern, greatest(start, 1), redshift.regexp_flags(parameters, '')) $$;

CREATE FUNCTION redshift.regexp_instr(x text, pattern text, start integer DEFAULT 1, occurrence integer DEFAULT 1,
  after integer DEFAULT 0, parameters text DEFAULT '') RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN occurrence < 1 THEN 0
    ELSE pg_catalog.regexp_instr(x, pattern, greatest(start, 1), occurrence, after, redshift.regexp_flags(parameters, ''),
                                 CASE WHEN position('e' IN parameters) > 0 THEN 1 ELSE 0 END) END $$;

CREATE FUNCTION redshift.regexp_substr(x text, pattern text, start integer DEFAULT 1, occurrence integer DEFAULT 1,
  parameters text DEFAULT '') RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN occurrence >= 1 THEN
    coalesce(pg_catalog.regexp_substr(x, pattern, greatest(start, 1), occurrence, redshift.regexp_flags(parameters, ''),
                                      CASE WHEN position('e' IN parameters) > 0 THEN 1 ELSE 0 END), '') END $$;

-- $1 in the replacement stands for the first group.
CREATE FUNCTION redshift.regexp_replace(x text, pattern text, replacement text DEFAULT '', start integer DEFAULT 1,
  parameters text DEFAULT '') RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT left(x, greatest(start, 1) - 1) || pg_catalog.regexp_replace(
    substr(x, greatest(start, 1)), pattern, pg_catalog.regexp_replace(replacement, '\$(\d)', '\\\1', 'g'),
    redshift.regexp_flags(parameters, 'g')) $$;
