-- Redshift's functions, as PostgreSQL lacks them or answers otherwise. The schema stands before pg_catalog on the
-- search_path, so these win. Source of every rule: Amazon Redshift Database Developer Guide, page of that function.
CREATE SCHEMA redshift;
SET search_path = redshift, pg_catalog;
SET check_function_bodies = off; -- they are written in the order of reading

-- Talking to the local cloud ------------------------------------------------------------------------------------
-- A function asks by an INFO message (always sent at once, whatever client_min_messages says) and waits for the file
-- that holds the answer. The first letter tells whether it is an error.
CREATE FUNCTION redshift.ask(request json) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  id text := gen_random_uuid();
  file text := current_setting('relay.folder') || '/' || id;
  answer text;
BEGIN
  RAISE INFO USING MESSAGE = 'redshift-relay', DETAIL = json_build_object('id', id, 'request', request)::text;
  LOOP
    answer := pg_read_file(file, 0, 1000000, true);
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

-- COPY ----------------------------------------------------------------------------------------------------------
CREATE FUNCTION redshift.copy(command json) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  target regclass;
  names text[];
  columns json;
  pipe text;
  failure text;
  copied bigint;
BEGIN
  target := (command ->> 'table')::regclass;
  IF NOT has_table_privilege(target, 'INSERT') THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied for relation ' || (SELECT relname FROM pg_class WHERE oid = target);
  END IF;
  SELECT array_agg(value) INTO names FROM json_array_elements_text(command -> 'columns');
  IF names IS NULL THEN
    SELECT array_agg(attname ORDER BY attnum) INTO names FROM pg_attribute
    WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attidentity <> 'a';
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

CREATE TABLE redshift.load_errors (
  query_id bigint GENERATED ALWAYS AS IDENTITY,
  user_id integer, transaction_id bigint, session_id integer, database_name text, table_id integer, table_name text,
  start_time timestamp, file_name text, line_number bigint, column_name text, column_type text, column_length text,
  position integer, raw_line text, raw_field_value text, error_code integer, error_message text
);
-- A user sees the own rows; who may create users sees all, as Redshift's superuser does.
CREATE VIEW redshift.own_load_errors AS
  SELECT e.* FROM redshift.load_errors e JOIN pg_roles r ON r.rolname = current_user
  WHERE e.user_id = r.oid::bigint OR r.rolcreaterole;
CREATE VIEW redshift.sys_load_error_detail AS
  SELECT user_id, query_id, transaction_id, session_id, database_name::character(64) AS database_name, table_id,
         start_time, file_name::character(256) AS file_name, line_number, column_name::character(127) AS column_name,
         column_type::character(10) AS column_type, column_length::character(10) AS column_length, position, error_code,
         error_message::character(512) AS error_message
  FROM redshift.own_load_errors;
CREATE VIEW redshift.stl_load_errors AS
  SELECT user_id AS userid, 0 AS slice, table_id AS tbl, start_time AS starttime, session_id AS session,
         query_id::integer AS query, file_name::character(256) AS filename, line_number,
         column_name::character(127) AS colname, column_type::character(10) AS type,
         column_length::character(10) AS col_length, position, raw_line::character(1024) AS raw_line,
         raw_field_value::character(1024) AS raw_field_value, error_code AS err_code,
         error_message::character(100) AS err_reason
  FROM redshift.own_load_errors;
GRANT SELECT ON redshift.sys_load_error_detail, redshift.stl_load_errors TO PUBLIC;

-- REFRESH: a transaction that wrote something refreshes with what is committed, over a second connection -----------
CREATE FUNCTION redshift.refresh(view_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF pg_current_xact_id_if_assigned() IS NULL THEN
    EXECUTE 'REFRESH MATERIALIZED VIEW ' || view_name;
  ELSE
    PERFORM view_name::regclass;
    PERFORM redshift.ask(json_build_object('do', 'refresh', 'view', view_name, 'user', current_user));
  END IF;
END $$;

-- Users ----------------------------------------------------------------------------------------------------------
-- awsuser is Redshift's superuser: as a member of every other role it may do what each of them may.
CREATE FUNCTION redshift.create_user(name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
  IF NOT (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = session_user) THEN
    RAISE insufficient_privilege USING MESSAGE = 'must be superuser to create users';
  END IF;
  EXECUTE format('CREATE ROLE %I LOGIN IN ROLE pg_read_server_files', name);
  EXECUTE format('GRANT %I TO %I WITH ADMIN TRUE, INHERIT TRUE', name, current_setting('relay.admin'));
END $$;
