-- SUPER, a type of its own: its attributes keep their order, unlike jsonb's; a plain literal is a string, unlike json's; and
-- it has operators of its own. The bytes are those of text: a string as it is; any other value as compact JSON behind the
-- character 1. Functions that end in "value" see it as JSON.
CREATE TYPE redshift.super;
CREATE FUNCTION redshift.super_in(cstring) RETURNS redshift.super LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textin';
CREATE FUNCTION redshift.super_out(redshift.super) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE AS 'textout';
CREATE TYPE redshift.super (INPUT = redshift.super_in, OUTPUT = redshift.super_out, LIKE = text);
CREATE CAST (redshift.super AS bytea) WITHOUT FUNCTION;
CREATE CAST (bytea AS redshift.super) WITHOUT FUNCTION;

CREATE FUNCTION redshift.super_value(x redshift.super) RETURNS json LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN left(t, 1) = chr(1) THEN substr(t, 2)::json ELSE to_json(t) END
  FROM (SELECT convert_from(x::bytea, 'UTF8') AS t) AS s $$;
-- The null of JSON becomes NULL.
CREATE FUNCTION redshift.super_of(value json) RETURNS redshift.super LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE json_typeof(value) WHEN 'null' THEN NULL WHEN 'string' THEN convert_to(value #>> '{}', 'UTF8')::redshift.super
    ELSE convert_to(chr(1) || value::text, 'UTF8')::redshift.super END $$;
CREATE FUNCTION redshift.super_type(x redshift.super) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT json_typeof(redshift.super_value(x)) $$;
-- The parts of an array or object as text of JSON.
CREATE FUNCTION redshift.array_of(parts text[]) RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.super_of(('[' || array_to_string(parts, ',', 'null') || ']')::json) $$;

-- Values of other types as SUPER. Dates and times have no counterpart.
CREATE FUNCTION redshift.to_super(x redshift.super, target text) RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$ SELECT x $$;
CREATE FUNCTION redshift.to_super(x text, target text) RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.super_of(to_json(x)) $$;
CREATE FUNCTION redshift.to_super(x anynonarray, target text) RETURNS redshift.super LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF pg_typeof(x)::text NOT IN ('boolean', 'smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision') THEN
    RAISE EXCEPTION '% could not convert type % to super', target, pg_typeof(x);
  END IF;
  RETURN redshift.super_of(to_json(x));
END $$;

-- Casts: from a value by assignment; to a value explicitly, NULL if the SUPER has another type (lax).
DO $do$
DECLARE
  kind text;
  test text;
BEGIN
  FOREACH kind IN ARRAY ARRAY['boolean', 'smallint', 'integer', 'bigint', 'numeric', 'real', 'double precision', 'text', 'varchar', 'bpchar'] LOOP
    EXECUTE format('CREATE FUNCTION redshift.super(x %s) RETURNS redshift.super LANGUAGE sql IMMUTABLE STRICT AS
      $f$ SELECT redshift.super_of(to_json(x)) $f$', kind);
    EXECUTE format('CREATE CAST (%s AS redshift.super) WITH FUNCTION redshift.super(%1$s) AS ASSIGNMENT', kind);
    test := CASE WHEN kind = 'boolean' THEN '= ''boolean''' WHEN kind IN ('text', 'varchar', 'bpchar') THEN 'IN (''string'', ''number'', ''boolean'')'
      ELSE '= ''number''' END;
    EXECUTE format('CREATE FUNCTION redshift.%I(x redshift.super) RETURNS %s LANGUAGE sql IMMUTABLE STRICT AS
      $f$ SELECT CASE WHEN redshift.super_type(x) %s THEN (redshift.super_value(x) #>> ''{}'')%s::%2$s END $f$',
      'super_' || kind, kind, test, CASE WHEN kind IN ('smallint', 'integer', 'bigint') THEN '::numeric' ELSE '' END);
    EXECUTE format('CREATE CAST (redshift.super AS %s) WITH FUNCTION redshift.%I(redshift.super) %s', kind, 'super_' || kind,
      CASE WHEN kind = 'boolean' THEN 'AS IMPLICIT' ELSE '' END);
  END LOOP;
END $do$;
