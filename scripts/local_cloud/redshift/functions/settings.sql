-- CURRENT_SCHEMAS, DB_COLLATION and RANDOM. Source: Amazon Redshift Database Developer Guide, the page of each function.
CREATE FUNCTION redshift.current_schemas(with_implicit boolean) RETURNS name[] LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN with_implicit THEN '{pg_catalog}'::name[] ELSE '{}' END ||
    ARRAY(SELECT s FROM unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS u(s, place)
          WHERE s NOT IN ('redshift', 'pg_catalog') ORDER BY place) $$;
CREATE FUNCTION redshift.db_collation() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'case_sensitive'::text $$;

-- After SET seed, the numbers are those of the page's example: random() of glibc, as in PostgreSQL 8.0.
CREATE FUNCTION redshift.set_seed(seed float8) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  r bigint[] := ARRAY[trunc(seed * 2147483647)::bigint];
BEGIN
  IF seed NOT BETWEEN -1 AND 1 THEN
    RAISE EXCEPTION '% is outside the valid range for parameter "seed" (-1 .. 1)', seed;
  END IF;
  IF r[1] = 0 THEN
    r[1] := 1;
  END IF;
  FOR i IN 2..31 LOOP
    r[i] := (16807 * r[i - 1]) % 2147483647;
    IF r[i] < 0 THEN
      r[i] := r[i] + 2147483647;
    END IF;
  END LOOP;
  r := r || r[1:3];
  FOR i IN 35..344 LOOP
    r[i] := ((r[i - 31] & 4294967295) + (r[i - 3] & 4294967295)) & 4294967295;
  END LOOP;
  PERFORM pg_catalog.set_config('relay.random', array_to_string(r[314:344], ' '), false);
END $$;
CREATE FUNCTION redshift.seeded_random() RETURNS float8 LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  r bigint[] := string_to_array(pg_catalog.current_setting('relay.random'), ' ')::bigint[];
  following bigint := (r[1] + r[29]) & 4294967295;
BEGIN
  PERFORM pg_catalog.set_config('relay.random', array_to_string(r[2:31] || following, ' '), false);
  RETURN (following >> 1) / 2147483647.0::float8;
END $$;
CREATE FUNCTION redshift.random() RETURNS float8 LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN coalesce(pg_catalog.current_setting('relay.random', true), '') = '' THEN pg_catalog.random()
    ELSE redshift.seeded_random() END $$;
