-- VARBYTE. Source: "VARBYTE operators and functions", Amazon Redshift Database Developer Guide, and the pages it names.

-- The forms hex, binary (one digit a bit) and utf8. A missing first digit of hex is 0.
CREATE FUNCTION redshift.to_varbyte(x text, form text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE lower(form) WHEN 'utf8' THEN convert_to(x, 'UTF8') WHEN 'utf-8' THEN convert_to(x, 'UTF8')
    WHEN 'hex' THEN decode(repeat('0', length(x) % 2) || x, 'hex')
    WHEN 'binary' THEN redshift.bits_to_bytes(x) ELSE decode(x, lower(form)) END $$;
CREATE FUNCTION redshift.from_varbyte(x bytea, form text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE lower(form) WHEN 'utf8' THEN convert_from(x, 'UTF8') WHEN 'utf-8' THEN convert_from(x, 'UTF8')
    WHEN 'binary' THEN redshift.bytes_to_bits(x) ELSE encode(x, lower(form)) END $$;
CREATE FUNCTION redshift.bits_to_bytes(x text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT coalesce(string_agg(set_byte('\x00', 0, substr(x, n, 8)::bit(8)::integer), '' ORDER BY n), '')
  FROM generate_series(1, length(x), 8) AS n $$;
CREATE FUNCTION redshift.bytes_to_bits(x bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT coalesce(string_agg(get_byte(x, n)::bit(8)::text, '' ORDER BY n), '') FROM generate_series(0, octet_length(x) - 1) AS n $$;
CREATE FUNCTION redshift.from_hex(x text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT redshift.to_varbyte(x, 'hex') $$;
CREATE FUNCTION redshift.to_hex(x bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT encode(x, 'hex') $$;
-- Bit 0 is the last one.
CREATE FUNCTION redshift.getbit(x bytea, place integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT get_byte(x, octet_length(x) - 1 - place / 8) >> place % 8 & 1 $$;

CREATE FUNCTION redshift.varbyte_text(x bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT convert_from(x, 'UTF8') $$;
CREATE FUNCTION redshift.varbyte_varchar(x bytea) RETURNS varchar LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT convert_from(x, 'UTF8')::varchar $$;
CREATE CAST (bytea AS text) WITH FUNCTION redshift.varbyte_text(bytea);
CREATE CAST (bytea AS varchar) WITH FUNCTION redshift.varbyte_varchar(bytea);

CREATE FUNCTION redshift.varbyte_bits(a bytea, operator text, b bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF octet_length(a) <> octet_length(b) THEN
    RAISE EXCEPTION 'the operands of % must have the same length', operator;
  END IF;
  FOR i IN 0 .. octet_length(a) - 1 LOOP
    a := set_byte(a, i, CASE operator WHEN '&' THEN get_byte(a, i) & get_byte(b, i)
      WHEN '|' THEN get_byte(a, i) | get_byte(b, i) ELSE get_byte(a, i) # get_byte(b, i) END);
  END LOOP;
  RETURN a;
END $$;
CREATE FUNCTION redshift.varbyte_and(a bytea, b bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT redshift.varbyte_bits(a, '&', b) $$;
CREATE FUNCTION redshift.varbyte_or(a bytea, b bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT redshift.varbyte_bits(a, '|', b) $$;
CREATE FUNCTION redshift.varbyte_not(a bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.varbyte_bits(a, '#', decode(repeat('ff', octet_length(a)), 'hex')) $$;
CREATE OPERATOR redshift.+ (FUNCTION = byteacat, LEFTARG = bytea, RIGHTARG = bytea);
CREATE OPERATOR redshift.& (FUNCTION = redshift.varbyte_and, LEFTARG = bytea, RIGHTARG = bytea);
CREATE OPERATOR redshift.| (FUNCTION = redshift.varbyte_or, LEFTARG = bytea, RIGHTARG = bytea);
CREATE OPERATOR redshift.~ (FUNCTION = redshift.varbyte_not, RIGHTARG = bytea);
