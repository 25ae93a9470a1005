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

-- The text of a dynamic EXECUTE, translated when it is known.
CREATE FUNCTION redshift.translate(statement text) RETURNS text LANGUAGE sql AS $$
  SELECT redshift.ask(json_build_object('do', 'translate', 'sql', statement))
$$;
