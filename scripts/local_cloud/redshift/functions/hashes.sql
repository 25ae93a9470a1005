-- Hashes. Source: Amazon Redshift Database Developer Guide, the page of each function.

-- 0 stands for 256; another number of bits gives an empty text.
CREATE FUNCTION redshift.sha2(x text, bits integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE bits WHEN 0 THEN encode(sha256(convert_to(x, 'UTF8')), 'hex')
    WHEN 224 THEN encode(sha224(convert_to(x, 'UTF8')), 'hex') WHEN 256 THEN encode(sha256(convert_to(x, 'UTF8')), 'hex')
    WHEN 384 THEN encode(sha384(convert_to(x, 'UTF8')), 'hex') WHEN 512 THEN encode(sha512(convert_to(x, 'UTF8')), 'hex')
    ELSE '' END $$;

-- SHA-1 as FIPS 180-4 describes it; PostgreSQL itself has none.
CREATE FUNCTION redshift.sha1(x text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  mask constant bigint := 4294967295;
  message bytea := convert_to(x, 'UTF8');
  size integer := octet_length(message);
  state bigint[] := ARRAY[1732584193, 4023233417, 2562383102, 271733878, 3285377520];
  w bigint[];
  a bigint; b bigint; c bigint; d bigint; e bigint; f bigint; k bigint; mixed bigint;
BEGIN
  message := message || '\x80'::bytea || decode(repeat('00', (119 - size % 64) % 64), 'hex') || int8send(size * 8::bigint);
  FOR block IN 0 .. octet_length(message) / 64 - 1 LOOP
    w := ARRAY[]::bigint[];
    FOR i IN 0 .. 79 LOOP
      IF i < 16 THEN
        mixed := ('x' || encode(substr(message, block * 64 + i * 4 + 1, 4), 'hex'))::bit(32)::bigint;
      ELSE
        mixed := w[i - 2] # w[i - 7] # w[i - 13] # w[i - 15];
        mixed := ((mixed << 1) | (mixed >> 31)) & mask;
      END IF;
      w := w || mixed;
    END LOOP;
    a := state[1]; b := state[2]; c := state[3]; d := state[4]; e := state[5];
    FOR i IN 0 .. 79 LOOP
      IF i < 20 THEN
        f := (b & c) | (~b & mask & d); k := 1518500249;
      ELSIF i < 40 THEN
        f := b # c # d; k := 1859775393;
      ELSIF i < 60 THEN
        f := (b & c) | (b & d) | (c & d); k := 2400959708;
      ELSE
        f := b # c # d; k := 3395469782;
      END IF;
      mixed := ((((a << 5) | (a >> 27)) & mask) + f + e + k + w[i + 1]) & mask;
      e := d; d := c; c := ((b << 30) | (b >> 2)) & mask; b := a; a := mixed;
    END LOOP;
    state := ARRAY[(state[1] + a) & mask, (state[2] + b) & mask, (state[3] + c) & mask, (state[4] + d) & mask, (state[5] + e) & mask];
  END LOOP;
  RETURN (SELECT string_agg(lpad(to_hex(part), 8, '0'), '' ORDER BY place) FROM unnest(state) WITH ORDINALITY AS s(part, place));
END $$;
CREATE FUNCTION redshift.sha(x text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT redshift.sha1(x) $$;
CREATE FUNCTION redshift.func_sha1(x text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT redshift.sha1(x) $$;

-- The page's example is the CRC-32C of its text.
CREATE FUNCTION redshift.crc32(x text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT lpad(to_hex(crc32c(convert_to(x, 'UTF8'))), 8, '0') $$;

-- FNV-1a with 64 bits, over the bytes of the value in the order of the machine; the second argument continues a hash.
CREATE FUNCTION redshift.fnv_bytes(x bytea, seed bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  modulus constant numeric := 18446744073709551616;
  hash numeric;
BEGIN
  FOR i IN 0 .. octet_length(x) - 1 LOOP
    seed := seed # get_byte(x, i)::bigint;
    hash := mod((seed::numeric + modulus) * 1099511628211, modulus);
    seed := (hash - CASE WHEN hash >= 9223372036854775808 THEN modulus ELSE 0 END)::bigint;
  END LOOP;
  RETURN seed;
END $$;
CREATE FUNCTION redshift.fnv_hash(x text, seed bigint DEFAULT -3750763034362895579) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.fnv_bytes(convert_to(x, 'UTF8'), seed) $$;
CREATE FUNCTION redshift.fnv_hash(x bytea, seed bigint DEFAULT -3750763034362895579) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.fnv_bytes(x, seed) $$;
CREATE FUNCTION redshift.fnv_hash(x smallint, seed bigint DEFAULT -3750763034362895579) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.fnv_bytes(pg_catalog.reverse(int2send(x)), seed) $$;
CREATE FUNCTION redshift.fnv_hash(x integer, seed bigint DEFAULT -3750763034362895579) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.fnv_bytes(pg_catalog.reverse(int4send(x)), seed) $$;
CREATE FUNCTION redshift.fnv_hash(x bigint, seed bigint DEFAULT -3750763034362895579) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.fnv_bytes(pg_catalog.reverse(int8send(x)), seed) $$;

-- The page shows a DECIMAL only, which gives its digits without the point.
CREATE FUNCTION redshift.checksum(x numeric) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT replace(x::text, '.', '')::integer $$;
