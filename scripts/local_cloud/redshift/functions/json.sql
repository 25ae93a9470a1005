-- JSON in text. Source: Amazon Redshift Database Developer Guide, the page of each function.

CREATE FUNCTION redshift.is_valid_json(x text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT x IS JSON OBJECT $$;
CREATE FUNCTION redshift.is_valid_json_array(x text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT x IS JSON ARRAY $$;

-- A text that is not JSON of the kind is an error, or NULL if the last argument (null_if_invalid) is TRUE.
CREATE FUNCTION redshift.json_in_text(x text, kind text, null_if_invalid boolean) RETURNS json
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF x IS NULL OR (kind = 'array' AND x IS JSON ARRAY) OR (kind = 'object' AND x IS JSON OBJECT) THEN
    RETURN x::json;
  ELSIF null_if_invalid THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'invalid json % object %', kind, x;
END $$;
CREATE FUNCTION redshift.json_array_length(x text, null_if_invalid boolean DEFAULT false) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.json_array_length(redshift.json_in_text(x, 'array', null_if_invalid)) $$;
CREATE FUNCTION redshift.json_extract_array_element_text(x text, place integer, null_if_invalid boolean DEFAULT false)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN place >= 0 THEN redshift.json_in_text(x, 'array', null_if_invalid) ->> place END $$;
CREATE FUNCTION redshift.json_extract_path_text(x text, VARIADIC path text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.json_extract_path_text(redshift.json_in_text(x, 'object', false), VARIADIC path) $$;
CREATE FUNCTION redshift.json_extract_path_text(x text, a text, null_if_invalid boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.json_extract_path_text(redshift.json_in_text(x, 'object', null_if_invalid), a) $$;
CREATE FUNCTION redshift.json_extract_path_text(x text, a text, b text, null_if_invalid boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.json_extract_path_text(redshift.json_in_text(x, 'object', null_if_invalid), a, b) $$;
CREATE FUNCTION redshift.json_extract_path_text(x text, a text, b text, c text, null_if_invalid boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.json_extract_path_text(redshift.json_in_text(x, 'object', null_if_invalid), a, b, c) $$;
CREATE FUNCTION redshift.json_extract_path_text(x text, a text, b text, c text, d text, null_if_invalid boolean)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.json_extract_path_text(redshift.json_in_text(x, 'object', null_if_invalid), a, b, c, d) $$;
CREATE FUNCTION redshift.json_extract_path_text(x text, a text, b text, c text, d text, e text, null_if_invalid boolean)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT pg_catalog.json_extract_path_text(redshift.json_in_text(x, 'object', null_if_invalid), a, b, c, d, e) $$;
