-- COPY reads the pipe into which the local cloud writes the rows. A failure's reason is in the file beside the pipe.
CREATE FUNCTION redshift.copy(command json) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  target regclass;
  names text[];
  columns json;
  pipe text;
  failure text;
  copied bigint;
BEGIN
  target := to_regclass(command ->> 'table');
  IF target IS NULL THEN
    RAISE undefined_table USING MESSAGE = 'Cannot COPY into nonexistent table ' || replace(command ->> 'table', '"', '');
  END IF;
  IF NOT has_table_privilege(target, 'INSERT') THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied for relation ' || (SELECT relname FROM pg_class WHERE oid = target);
  END IF;
  SELECT array_agg(value) INTO names FROM json_array_elements_text(command -> 'columns');
  IF names IS NULL THEN
    SELECT array_agg(attname ORDER BY attnum) INTO names FROM pg_attribute
    WHERE attrelid = target AND attnum > 0 AND NOT attisdropped
      AND (attidentity <> 'a' OR (command ->> 'explicit_ids')::boolean);
  ELSIF EXISTS (SELECT FROM pg_attribute WHERE attrelid = target AND attidentity = 'a'
                AND (attname = ANY (names)) <> (command ->> 'explicit_ids')::boolean) THEN
    RAISE EXCEPTION 'EXPLICIT_IDS and a column list with the IDENTITY column require each other';
  END IF;
  SELECT json_agg(json_build_object('name', n.name, 'type', t.typname, 'modifier', a.atttypmod, 'required', a.attnotnull)
                  ORDER BY n.place)
  INTO columns FROM unnest(names) WITH ORDINALITY AS n(name, place)
  LEFT JOIN pg_attribute a ON a.attrelid = target AND a.attname = n.name AND a.attnum > 0
  LEFT JOIN pg_type t ON t.oid = a.atttypid;
  pipe := redshift.ask(json_build_object('do', 'copy', 'command', command, 'columns', columns,
    'table_id', target::oid::bigint, 'table_name', (SELECT relname FROM pg_class WHERE oid = target),
    'user_id', (SELECT oid::bigint FROM pg_roles WHERE rolname = current_user),
    'transaction_id', pg_current_xact_id()::text, 'session_id', pg_backend_pid()));
  BEGIN
    EXECUTE format('COPY %s (%s) FROM %L', target,
                   (SELECT string_agg(quote_ident(name), ', ' ORDER BY place) FROM unnest(names) WITH ORDINALITY AS n(name, place)), pipe);
    GET DIAGNOSTICS copied = ROW_COUNT;
  EXCEPTION WHEN OTHERS THEN
    failure := pg_read_file(pipe || '.failure', 0, 100000, true);
    IF failure IS NULL THEN
      RAISE;
    END IF;
    RAISE EXCEPTION '%', failure;
  END;
  PERFORM set_config('relay.copied', copied::text, false);
  RETURN copied;
END $$;
CREATE FUNCTION redshift.pg_last_copy_count() RETURNS bigint LANGUAGE sql AS $$
  SELECT coalesce(nullif(current_setting('relay.copied', true), ''), '0')::bigint
$$;
