-- JSON in text. Source: Amazon Redshift Database Developer Guide, the page of each function.

CREATE FUNCTION redshift.json_extract_path_text(x text, VARIADIC path text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(pg_catalog.json_extract_path_text(x::json, VARIADIC path), '') $$;
CREATE FUNCTION redshift.is_valid_json(x text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT x IS JSON OBJECT $$;
