-- VARBYTE. Source: Amazon Redshift Database Developer Guide, the page of each function.

CREATE FUNCTION redshift.to_varbyte(x text, form text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE lower(form) WHEN 'utf8' THEN convert_to(x, 'UTF8') ELSE decode(x, lower(form)) END $$;
CREATE FUNCTION redshift.from_varbyte(x bytea, form text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE lower(form) WHEN 'utf8' THEN convert_from(x, 'UTF8') ELSE encode(x, lower(form)) END $$;
