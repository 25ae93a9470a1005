-- Roots and logarithms give DOUBLE PRECISION for a DECIMAL too. Source: Amazon Redshift Database Developer Guide, the page
-- of each function.
CREATE FUNCTION redshift.sqrt(x numeric) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT pg_catalog.sqrt(x::float8) $$;
CREATE FUNCTION redshift.ln(x numeric) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT pg_catalog.ln(x::float8) $$;
CREATE FUNCTION redshift.log(x numeric) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT pg_catalog.log(x::float8) $$;
CREATE FUNCTION redshift.exp(x numeric) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT pg_catalog.exp(x::float8) $$;
