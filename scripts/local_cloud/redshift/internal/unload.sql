-- UNLOAD sends the query's rows, as text, to the local cloud, which writes them to S3. The view tells the columns.
CREATE FUNCTION redshift.unload(command json, query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  view text := 'pg_temp.unload_' || replace(gen_random_uuid()::text, '-', '');
  columns json;
  fields text;
  id text;
  item text;
  batch text[] := '{}';
  unloaded bigint := 0;
BEGIN
  BEGIN
    EXECUTE format('CREATE TEMP VIEW %s AS %s', split_part(view, '.', 2), query);
  EXCEPTION WHEN duplicate_column THEN
    RAISE EXCEPTION 'UNLOAD of columns with the same name is not emulated';
  END;
  SELECT json_agg(json_build_object('name', a.attname, 'type', t.typname, 'modifier', a.atttypmod, 'required', false)
                  ORDER BY a.attnum),
         string_agg(format(CASE t.typname WHEN 'bool' THEN 'CASE %1$I WHEN true THEN ''t'' WHEN false THEN ''f'' END'
                           ELSE '%1$I::text' END, a.attname), ', ' ORDER BY a.attnum)
  INTO columns, fields
  FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = view::regclass AND a.attnum > 0;
  id := redshift.ask(json_build_object('do', 'unload', 'command', command, 'columns', columns));
  FOR item IN EXECUTE format('SELECT json_build_array(%s)::text FROM %s', fields, view) LOOP
    batch := batch || item;
    unloaded := unloaded + 1;
    IF cardinality(batch) = 1000 THEN
      PERFORM redshift.ask(json_build_object('do', 'unload rows', 'unload', id, 'rows', batch));
      batch := '{}';
    END IF;
  END LOOP;
  PERFORM redshift.ask(json_build_object('do', 'unload rows', 'unload', id, 'rows', batch, 'last', true));
  EXECUTE format('DROP VIEW %s', view);
  PERFORM set_config('relay.unloaded', unloaded::text, false);
  RETURN unloaded;
END $$;
CREATE FUNCTION redshift.pg_last_unload_count() RETURNS bigint LANGUAGE sql AS $$
  SELECT coalesce(nullif(current_setting('relay.unloaded', true), ''), '0')::bigint
$$;
