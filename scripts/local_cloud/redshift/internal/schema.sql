-- The schema of everything that Redshift has and PostgreSQL lacks or answers differently. It precedes pg_catalog on the
-- search_path, so its functions, operators and views win.
CREATE SCHEMA redshift;
SET search_path = redshift, pg_catalog;
SET check_function_bodies = off; -- a function may call one that a later file creates

