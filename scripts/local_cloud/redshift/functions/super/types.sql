-- What type a SUPER value has: FALSE for NULL. Source: "Type information functions", Amazon Redshift Database Developer
-- Guide.
CREATE FUNCTION redshift.is_array(x redshift.super) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(redshift.super_type(x) = 'array', false) $$;
CREATE FUNCTION redshift.is_object(x redshift.super) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(redshift.super_type(x) = 'object', false) $$;
CREATE FUNCTION redshift.is_scalar(x redshift.super) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(redshift.super_type(x) IN ('string', 'number', 'boolean'), false) $$;
CREATE FUNCTION redshift.is_boolean(x redshift.super) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(redshift.super_type(x) = 'boolean', false) $$;
CREATE FUNCTION redshift.is_varchar(x redshift.super) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(redshift.super_type(x) = 'string', false) $$;
-- A string of one-byte characters.
CREATE FUNCTION redshift.is_char(x redshift.super) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.is_varchar(x) AND octet_length(x::text) = length(x::text) $$;
CREATE FUNCTION redshift.is_whole_number(x redshift.super, bits integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(redshift.super_type(x) = 'number' AND redshift.super_value(x)::text ~ '^-?\d+$'
    AND x::numeric >= -power(2::numeric, bits - 1) AND x::numeric < power(2::numeric, bits - 1), false) $$;
CREATE FUNCTION redshift.is_smallint(x redshift.super) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.is_whole_number(x, 16) $$;
CREATE FUNCTION redshift.is_integer(x redshift.super) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.is_whole_number(x, 32) $$;
CREATE FUNCTION redshift.is_bigint(x redshift.super) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT redshift.is_whole_number(x, 64) $$;
