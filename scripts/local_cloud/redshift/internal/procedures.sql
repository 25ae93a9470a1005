-- The places of the OUT arguments of the first visible procedure with this name and number of inputs, from 0.
CREATE FUNCTION redshift.outputs_of(quoted text, inputs integer) RETURNS SETOF integer LANGUAGE sql STABLE AS $$
  SELECT a.place::integer - 1
  FROM (SELECT p.proargmodes FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
        WHERE p.prokind = 'p' AND p.pronargs = inputs AND p.proargmodes IS NOT NULL
          AND CASE WHEN strpos(quoted, '"."') > 0 THEN quoted = format('"%s"."%s"', n.nspname, p.proname)
              ELSE quoted = format('"%s"', p.proname) AND pg_catalog.pg_function_is_visible(p.oid) END
        ORDER BY p.oid LIMIT 1) found, unnest(found.proargmodes) WITH ORDINALITY AS a(mode, place)
  WHERE a.mode = 'o' ORDER BY a.place
$$;
-- Calls are nested 16 levels deep at most ("CALL").
CREATE FUNCTION redshift.check_depth() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  context text;
BEGIN
  GET DIAGNOSTICS context = PG_CONTEXT;
  IF (SELECT count(*) FROM regexp_matches(context, 'SQL statement "CALL ', 'g')) >= 16 THEN
    RAISE EXCEPTION 'stored procedure nesting limit of 16 levels is exceeded';
  END IF;
END $$;
