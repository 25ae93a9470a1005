-- A function asks the local cloud with an INFO message, which is always sent at once, and waits for the file that holds
-- the answer. The answer starts with A, an error with E (callbacks.py).
CREATE FUNCTION redshift.ask(request json) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  id text := gen_random_uuid();
  file text := current_setting('relay.folder') || '/' || id;
  answer text;
BEGIN
  RAISE INFO USING MESSAGE = 'redshift-relay', DETAIL = json_build_object('id', id, 'request', request)::text;
  LOOP
    answer := pg_read_file(file, 0, 16000000, true);
    EXIT WHEN answer IS NOT NULL;
    PERFORM pg_sleep(0.002);
  END LOOP;
  IF left(answer, 1) = 'E' THEN
    RAISE EXCEPTION '%', substr(answer, 2);
  END IF;
  RETURN substr(answer, 2);
END $$;

-- Quoted names in, a row per column out, in order; a relation that does not exist has none.
CREATE FUNCTION redshift.columns_of(names text[]) RETURNS TABLE (relation text, name name, type name, modifier integer)
LANGUAGE sql STABLE AS $$
  (SELECT n.name, a.attname, t.typname, a.atttypmod FROM pg_catalog.unnest(names) AS n(name)
   JOIN pg_catalog.pg_attribute a ON a.attrelid = pg_catalog.to_regclass(n.name) AND a.attnum > 0 AND NOT a.attisdropped
   JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
   ORDER BY n.name, a.attnum)
  UNION ALL SELECT n.name, l.name, l.type, l.modifier FROM pg_catalog.unnest(names) AS n(name)
  JOIN redshift.late_views v ON v.view_id = pg_catalog.to_regclass(n.name)
  CROSS JOIN LATERAL redshift.late_columns(v.view_id) l
$$;

-- The text of a dynamic EXECUTE, translated when it is known.
CREATE FUNCTION redshift.translate(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  names json;
  columns json;
  translated text;
BEGIN
  IF statement IS NULL THEN
    RAISE EXCEPTION 'cannot EXECUTE a null querystring';
  END IF;
  names := redshift.ask(json_build_object('do', 'relations', 'sql', statement));
  SELECT json_agg(c) INTO columns FROM redshift.columns_of(ARRAY(SELECT json_array_elements_text(names))) c;
  translated := redshift.ask(json_build_object('do', 'translate', 'sql', statement, 'columns', columns));
  IF translated LIKE '/* commits */%' THEN
    PERFORM set_config('relay.truncated', 'on', true);
  END IF;
  RETURN translated;
END $$;
