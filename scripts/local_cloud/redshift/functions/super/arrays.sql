-- Arrays and objects of SUPER. Source: Amazon Redshift Database Developer Guide, the page of each function. Elements are
-- handled as text of compact JSON; a missing one is 'null'.

-- sql/rules/supers.py writes ARRAY(a, b) and OBJECT('k', a) with the values as arrays of PostgreSQL.
CREATE FUNCTION redshift."array"(elements redshift.super[]) RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.array_of(ARRAY(SELECT redshift.super_value(e)::text FROM unnest(elements) WITH ORDINALITY AS s(e, n) ORDER BY n)) $$;
CREATE FUNCTION redshift.object(names text[], elements redshift.super[]) RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.super_of(('{' || coalesce(string_agg(
    to_json(name)::text || ':' || coalesce(redshift.super_value(e)::text, 'null'), ',' ORDER BY n), '') || '}')::json)
  FROM unnest(names, elements) WITH ORDINALITY AS s(name, e, n) $$;
CREATE FUNCTION redshift."array"() RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$ SELECT redshift.super_of('[]') $$;
CREATE FUNCTION redshift.object() RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$ SELECT redshift.super_of('{}') $$;

-- NULL if the value is not an array.
CREATE FUNCTION redshift.elements(x redshift.super) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN redshift.super_type(x) = 'array' THEN
    ARRAY(SELECT e::text FROM json_array_elements(redshift.super_value(x)) WITH ORDINALITY AS s(e, n) ORDER BY n) END $$;
CREATE FUNCTION redshift.array_from(elements text[]) RETURNS redshift.super LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT redshift.array_of(elements) $$;
CREATE FUNCTION redshift.super_json(x redshift.super) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(redshift.super_value(x)::text, 'null') $$;

CREATE FUNCTION redshift.array_concat(a redshift.super, b redshift.super) RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN redshift.elements(a) IS NOT NULL AND redshift.elements(b) IS NOT NULL
    THEN redshift.array_from(redshift.elements(a) || redshift.elements(b)) END $$;
-- The elements of arrays within arrays, at any depth.
CREATE FUNCTION redshift.array_flatten(x redshift.super) RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.array_from(redshift.flat_elements(redshift.elements(x))) $$;
CREATE FUNCTION redshift.flat_elements(elements text[]) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  element text;
  flat text[] := '{}';
BEGIN
  FOREACH element IN ARRAY elements LOOP
    flat := flat || CASE WHEN left(element, 1) = '[' THEN redshift.flat_elements(redshift.elements(redshift.super_of(element::json)))
      ELSE ARRAY[element] END;
  END LOOP;
  RETURN flat;
END $$;
CREATE FUNCTION redshift.get_array_length(x redshift.super) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT cardinality(redshift.elements(x))::bigint $$;
-- A negative position counts from the end.
CREATE FUNCTION redshift.subarray(x redshift.super, start integer, size integer) RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.array_from(e[first + 1 : first + size])
  FROM (SELECT redshift.elements(x) AS e) AS s, LATERAL (SELECT CASE WHEN start < 0 THEN cardinality(e) + start ELSE start END) AS f(first) $$;
CREATE FUNCTION redshift.subarray(x redshift.super, start integer) RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.subarray(x, start, cardinality(redshift.elements(x))) $$;
CREATE FUNCTION redshift.split_to_array(x text, delimiter text DEFAULT ',') RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.super_of(array_to_json(string_to_array(x, delimiter))) $$;

-- Searches. Without null_match, NULL cannot be found, and a NULL element may be what is searched.
CREATE FUNCTION redshift.array_found(x redshift.super, places integer[], value text, null_match boolean) RETURNS integer[]
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN NOT null_match AND (value = 'null' OR (cardinality(places) = 0 AND 'null' = ANY(redshift.elements(x))))
    THEN NULL ELSE places END $$;
CREATE FUNCTION redshift.array_places(x redshift.super, value redshift.super, null_match boolean) RETURNS integer[]
LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.array_found(x, ARRAY(SELECT n::integer - 1 FROM unnest(redshift.elements(x)) WITH ORDINALITY AS s(e, n)
    WHERE e = redshift.super_json(value) ORDER BY n), redshift.super_json(value), null_match) $$;
CREATE FUNCTION redshift.array_contains(x redshift.super, value redshift.super, null_match boolean DEFAULT true) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$ SELECT cardinality(redshift.array_places(x, value, null_match)) > 0 $$;
CREATE FUNCTION redshift.array_position(x redshift.super, value redshift.super, null_match boolean DEFAULT true) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN places IS NULL THEN NULL ELSE coalesce(places[1], -1) END
  FROM (SELECT redshift.array_places(x, value, null_match) AS places) AS s $$;
CREATE FUNCTION redshift.array_positions(x redshift.super, value redshift.super, null_match boolean DEFAULT true)
RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.super_of(array_to_json(redshift.array_places(x, value, null_match))) $$;

-- Sets. An element that occurs n times is matched n times, unless is_distinct is TRUE.
CREATE FUNCTION redshift.numbered(x redshift.super, is_distinct boolean) RETURNS TABLE (e text, place bigint, copy bigint)
LANGUAGE sql IMMUTABLE AS $$
  SELECT * FROM (SELECT s.e, s.n, row_number() OVER (PARTITION BY s.e ORDER BY s.n) AS copy
                 FROM unnest(redshift.elements(x)) WITH ORDINALITY AS s(e, n)) AS t WHERE NOT is_distinct OR t.copy = 1 $$;
CREATE FUNCTION redshift.array_distinct(x redshift.super) RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.array_from(ARRAY(SELECT e FROM redshift.numbered(x, true) ORDER BY place)) $$;
CREATE FUNCTION redshift.array_except(a redshift.super, b redshift.super, is_distinct boolean DEFAULT false)
RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.array_from(ARRAY(SELECT x.e FROM redshift.numbered(a, is_distinct) AS x
    WHERE NOT EXISTS (SELECT FROM redshift.numbered(b, is_distinct) AS y WHERE y.e = x.e AND y.copy = x.copy) ORDER BY x.place)) $$;
CREATE FUNCTION redshift.array_intersection(a redshift.super, b redshift.super, is_distinct boolean DEFAULT false)
RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.array_from(ARRAY(SELECT x.e FROM redshift.numbered(a, is_distinct) AS x
    WHERE EXISTS (SELECT FROM redshift.numbered(b, is_distinct) AS y WHERE y.e = x.e AND y.copy = x.copy) ORDER BY x.place)) $$;
CREATE FUNCTION redshift.array_union(a redshift.super, b redshift.super) RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.array_distinct(redshift.array_concat(a, b)) $$;
CREATE FUNCTION redshift.arrays_overlap(a redshift.super, b redshift.super) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.elements(a) && redshift.elements(b) $$;

-- NULL comes last when ascending and first when descending, unless nulls_first says otherwise.
CREATE FUNCTION redshift.array_sort(x redshift.super, ascending boolean DEFAULT true, nulls_first boolean DEFAULT NULL)
RETURNS redshift.super LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.array_from(CASE WHEN coalesce(nulls_first, NOT ascending) THEN nulls || sorted ELSE sorted || nulls END)
  FROM (SELECT ARRAY(SELECT e FROM unnest(redshift.elements(x)) AS e WHERE e = 'null') AS nulls,
    CASE WHEN ascending
      THEN ARRAY(SELECT e FROM unnest(redshift.elements(x)) AS e WHERE e <> 'null' ORDER BY redshift.super_of(e::json))
      ELSE ARRAY(SELECT e FROM unnest(redshift.elements(x)) AS e WHERE e <> 'null' ORDER BY redshift.super_of(e::json) DESC)
    END AS sorted) AS s $$;
