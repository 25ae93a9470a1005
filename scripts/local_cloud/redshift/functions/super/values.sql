-- SUPER: parsing, navigation and comparison. Source: "Querying semistructured data" and the page of each function, Amazon
-- Redshift Database Developer Guide.

CREATE FUNCTION redshift.json_parse(x text) RETURNS redshift.super LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF NOT x IS JSON WITH UNIQUE KEYS THEN
    RAISE EXCEPTION '%', CASE WHEN x IS JSON THEN 'duplicate attribute in JSON' ELSE 'invalid JSON: ' || left(x, 100) END;
  END IF;
  RETURN redshift.super_of(pg_catalog.regexp_replace(x, '("(?:[^"\\]|\\.)*")|\s+', '\1', 'g')::json);
END $$;
CREATE FUNCTION redshift.can_json_parse(x text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT x IS JSON WITH UNIQUE KEYS $$;
CREATE FUNCTION redshift.json_serialize(x redshift.super) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT redshift.super_value(x)::text $$;
CREATE FUNCTION redshift.json_serialize_to_varbyte(x redshift.super) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT convert_to(redshift.super_value(x)::text, 'UTF8') $$;
CREATE FUNCTION redshift.json_typeof(x redshift.super) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT redshift.super_type(x) $$;

-- Navigation is lax: what does not exist, or cannot, is NULL. The analysis of a statement writes these calls.
CREATE FUNCTION redshift.super_attribute(x redshift.super, name text) RETURNS redshift.super LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN redshift.super_type(x) = 'object' THEN redshift.super_of(redshift.super_value(x) -> name) END $$;
CREATE FUNCTION redshift.super_element(x redshift.super, place integer) RETURNS redshift.super LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN redshift.super_type(x) = 'array' AND place >= 0 THEN redshift.super_of(redshift.super_value(x) -> place) END $$;
-- FROM t, t.array AS element AT place
CREATE FUNCTION redshift.super_elements(x redshift.super) RETURNS TABLE (element redshift.super, place bigint)
LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT redshift.super_of(e), n - 1 FROM json_array_elements(
    CASE WHEN redshift.super_type(x) = 'array' THEN redshift.super_value(x) ELSE '[]' END) WITH ORDINALITY AS s(e, n) $$;
-- UNPIVOT of an object: its attributes in their order.
CREATE FUNCTION redshift.super_attributes(x redshift.super) RETURNS TABLE (value redshift.super, attribute text)
LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT redshift.super_of(e.value), e.key FROM json_each(
    CASE WHEN redshift.super_type(x) = 'object' THEN redshift.super_value(x) ELSE '{}' END) AS e(key, value) $$;

-- The order of values: booleans, numbers, strings, then arrays and objects.
CREATE FUNCTION redshift.super_cmp(a redshift.super, b redshift.super) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  types constant text[] := ARRAY['boolean', 'number', 'string', 'array', 'object'];
  kind text := redshift.super_type(a);
  rank integer := array_position(types, kind) - array_position(types, redshift.super_type(b));
  x jsonb;
  y jsonb;
BEGIN
  IF rank <> 0 THEN
    RETURN sign(rank);
  ELSIF kind = 'string' THEN
    RETURN bttextcmp(convert_from(a::bytea, 'UTF8'), convert_from(b::bytea, 'UTF8'));
  END IF;
  x := redshift.super_value(a);
  y := redshift.super_value(b);
  RETURN CASE WHEN x < y THEN -1 WHEN x > y THEN 1 ELSE 0 END;
END $$;
CREATE FUNCTION redshift.super_comparable(a redshift.super, b redshift.super) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT redshift.super_type(a) = redshift.super_type(b) $$;
-- Numbers are computed as DECIMAL. Values of other types give NULL, but + joins two strings.
CREATE FUNCTION redshift.super_compute(a redshift.super, operator text, b redshift.super) RETURNS redshift.super
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  x numeric := a::numeric;
  y numeric := b::numeric;
BEGIN
  IF redshift.super_type(a) = 'string' AND redshift.super_type(b) = 'string' AND operator IN ('+', '||') THEN
    RETURN redshift.super(a::text || b::text);
  END IF;
  RETURN redshift.super(CASE operator WHEN '+' THEN x + y WHEN '-' THEN x - y WHEN '*' THEN x * y END);
END $$;

-- The operators, also with a plain value at one side. Values of different types are not equal and have no order. No operator
-- is defined that a plain literal beside another type could take for its own, such as super || numeric for 'a' || 1.
DO $do$
DECLARE
  operator text;
  pair text[];
  body text;
BEGIN
  FOREACH operator IN ARRAY ARRAY['=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '||'] LOOP
    FOREACH pair SLICE 1 IN ARRAY ARRAY[
      ['redshift.super', 'redshift.super'], ['redshift.super', 'numeric'], ['numeric', 'redshift.super'],
      ['redshift.super', 'double precision'], ['double precision', 'redshift.super'], ['redshift.super', 'text'],
      ['text', 'redshift.super'], ['redshift.super', 'boolean'], ['boolean', 'redshift.super']] LOOP
      CONTINUE WHEN operator = '||' AND pair <> ARRAY['redshift.super', 'redshift.super'];
      CONTINUE WHEN operator IN ('+', '-', '*') AND pair && ARRAY['text', 'boolean'];
      body := CASE
        WHEN operator IN ('+', '-', '*', '||') THEN format('redshift.super_compute(a::redshift.super, %L, b::redshift.super)', operator)
        WHEN operator IN ('=', '<>') THEN format('redshift.super_cmp(a::redshift.super, b::redshift.super) OPERATOR(pg_catalog.%s) 0', operator)
        ELSE format('CASE WHEN redshift.super_comparable(a::redshift.super, b::redshift.super)
          THEN redshift.super_cmp(a::redshift.super, b::redshift.super) OPERATOR(pg_catalog.%s) 0 END', operator) END;
      EXECUTE format('CREATE FUNCTION redshift.%I(a %s, b %s) RETURNS %s LANGUAGE sql IMMUTABLE STRICT AS %L', 'super' || operator,
        pair[1], pair[2], CASE WHEN operator IN ('+', '-', '*', '||') THEN 'redshift.super' ELSE 'boolean' END, 'SELECT ' || body);
      EXECUTE format('CREATE OPERATOR redshift.%s (FUNCTION = redshift.%I, LEFTARG = %s, RIGHTARG = %s)', operator,
        'super' || operator, pair[1], pair[2]);
    END LOOP;
  END LOOP;
END $do$;
CREATE FUNCTION redshift.super_negative(a redshift.super) RETURNS redshift.super LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT redshift.super(- a::numeric) $$;
CREATE OPERATOR redshift.- (FUNCTION = redshift.super_negative, RIGHTARG = redshift.super);
CREATE OPERATOR CLASS redshift.super_ops DEFAULT FOR TYPE redshift.super USING btree AS
  OPERATOR 1 redshift.<, OPERATOR 2 redshift.<=, OPERATOR 3 redshift.=, OPERATOR 4 redshift.>=, OPERATOR 5 redshift.>,
  FUNCTION 1 redshift.super_cmp(redshift.super, redshift.super);

-- Functions of numbers give NULL for other values.
CREATE FUNCTION redshift.abs(x redshift.super) RETURNS redshift.super LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT redshift.super(pg_catalog.abs(x::numeric)) $$;
CREATE FUNCTION redshift.floor(x redshift.super) RETURNS redshift.super LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT redshift.super(pg_catalog.floor(x::numeric)) $$;
CREATE FUNCTION redshift.ceil(x redshift.super) RETURNS redshift.super LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT redshift.super(pg_catalog.ceil(x::numeric)) $$;
