-- The physical design of tables and their informational keys. They change no answer: the system views show them, and
-- ALTER TABLE checks them ("CREATE TABLE", "ALTER TABLE"). Columns are numbers, which a new name does not change.
CREATE TABLE redshift.designs (
  table_id oid PRIMARY KEY, style text NOT NULL DEFAULT '', distkey smallint, sortkeys smallint[] NOT NULL DEFAULT '{}',
  interleaved boolean NOT NULL DEFAULT false, encodings jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE redshift.keys (
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000000000), table_id oid NOT NULL, name text NOT NULL, kind "char" NOT NULL, columns smallint[] NOT NULL, parent oid, parents smallint[]
);
-- Tables that it names are found by the caller's search_path. The new table itself can be one of them.
CREATE FUNCTION redshift.announce_design(design jsonb) RETURNS void LANGUAGE sql AS $$
  SELECT set_config('relay.design', (design || jsonb_build_object(
    'like', CASE WHEN design ->> 'like' = '' THEN 0 ELSE (design ->> 'like')::regclass::oid::bigint END,
    'keys', (SELECT coalesce(jsonb_agg(key || jsonb_build_object('parent', to_regclass(nullif(key ->> 'parent', ''))::oid::bigint)), '[]')
             FROM jsonb_array_elements(design -> 'keys') key)))::text, true) $$;

CREATE FUNCTION redshift.column_numbers(table_id oid, names jsonb) RETURNS smallint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  missing text;
  numbers smallint[];
BEGIN
  SELECT array_agg(a.attnum ORDER BY n.place), min(n.name) FILTER (WHERE a.attnum IS NULL) INTO numbers, missing
  FROM jsonb_array_elements_text(names) WITH ORDINALITY AS n(name, place)
  LEFT JOIN pg_attribute a ON a.attrelid = table_id AND (a.attname = n.name OR a.attnum::text = n.name) -- DISTKEY (1) of CREATE TABLE AS
    AND a.attnum > 0 AND NOT a.attisdropped;
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'column "%" named in key does not exist', missing;
  END IF;
  RETURN coalesce(numbers, '{}');
END $$;

CREATE FUNCTION redshift.keep_design(id oid, design jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  key jsonb;
BEGIN
  IF design ->> 'like' <> '0' THEN -- inherits distribution and sort order, but no keys
    INSERT INTO redshift.designs SELECT id, style, distkey, sortkeys, interleaved, encodings
    FROM redshift.designs WHERE table_id = (design ->> 'like')::oid;
  ELSE
    INSERT INTO redshift.designs SELECT id, design ->> 'style',
      (redshift.column_numbers(id, CASE design ->> 'distkey' WHEN '' THEN '[]' ELSE jsonb_build_array(design -> 'distkey') END))[1],
      redshift.column_numbers(id, design -> 'sortkeys'), (design ->> 'interleaved')::boolean,
      coalesce((SELECT jsonb_object_agg(a.attnum, e.value) FROM jsonb_each(design -> 'encodings') e
                JOIN pg_attribute a ON a.attrelid = id AND a.attname = e.key), '{}');
  END IF;
  FOR key IN SELECT * FROM jsonb_array_elements(design -> 'keys') LOOP
    PERFORM redshift.keep_key(id, key);
  END LOOP;
END $$;

-- A key without a name gets PostgreSQL's: table_pkey, table_column_key, table_column_fkey.
CREATE FUNCTION redshift.keep_key(id oid, key jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
  numbers smallint[] := redshift.column_numbers(id, key -> 'columns');
  referenced oid := CASE WHEN key ->> 'kind' = 'f' THEN coalesce((key ->> 'parent')::oid, id) END;
  table_name text := (SELECT relname FROM pg_class WHERE oid = keep_key.id);
BEGIN
  INSERT INTO redshift.keys (table_id, name, kind, columns, parent, parents) VALUES (keep_key.id,
    coalesce(nullif(key ->> 'name', ''), CASE key ->> 'kind' WHEN 'p' THEN table_name || '_pkey'
      ELSE table_name || '_' || (key -> 'columns' ->> 0) || CASE key ->> 'kind' WHEN 'u' THEN '_key' ELSE '_fkey' END END),
    (key ->> 'kind')::"char", numbers, referenced,
    CASE WHEN referenced IS NOT NULL THEN coalesce(nullif(redshift.column_numbers(referenced, coalesce(key -> 'parents', '[]')), '{}'),
      (SELECT k.columns FROM redshift.keys k WHERE k.table_id = referenced AND k.kind = 'p' LIMIT 1)) END);
END $$;

-- DECIMAL of 19 digits is stored in 64 bits, whose largest value is 9223372036854775807 ("Numeric types").
CREATE FUNCTION redshift.limit_decimals(id oid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  name text;
  scale integer;
BEGIN
  FOR name, scale IN SELECT attname, (atttypmod - 4) & 2047 FROM pg_attribute
                     WHERE attrelid = id AND attnum > 0 AND atttypid = 'numeric'::regtype AND (atttypmod - 4) >> 16 = 19 LOOP
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I CHECK (abs(%I) * 1%s <= 9223372036854775807)', id::regclass,
                   'numeric_overflow_' || name, name, repeat('0', scale));
  END LOOP;
END $$;

-- After CREATE TABLE: keeps what announce_design told. After ALTER TABLE: a key's column and the last one stay. A
-- materialized view reads tables and materialized views only ("CREATE MATERIALIZED VIEW").
CREATE FUNCTION redshift.follow_tables() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
  command record;
  design jsonb := nullif(current_setting('relay.design', true), '')::jsonb;
BEGIN
  FOR command IN SELECT c.objid, c.command_tag, r.relname, r.relkind FROM pg_event_trigger_ddl_commands() c
                 JOIN pg_class r ON r.oid = c.objid AND c.classid = 'pg_class'::regclass LOOP
    IF command.command_tag = 'CREATE MATERIALIZED VIEW' AND EXISTS (
        SELECT FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        JOIN pg_class v ON d.refclassid = 'pg_class'::regclass AND v.oid = d.refobjid
        WHERE w.ev_class = command.objid AND v.relkind = 'v') THEN
      RAISE EXCEPTION 'A materialized view cannot be based on a standard view or a system view';
    END IF;
    IF command.command_tag IN ('CREATE TABLE', 'CREATE TABLE AS') THEN
      PERFORM redshift.limit_decimals(command.objid);
    END IF;
    IF command.command_tag <> 'ALTER TABLE' THEN
      IF command.relname = design ->> 'table' THEN
        PERFORM redshift.keep_design(command.objid, design), set_config('relay.design', '', true);
      END IF;
    ELSIF EXISTS (SELECT FROM redshift.designs d JOIN pg_attribute a ON a.attrelid = d.table_id AND a.attisdropped
                  WHERE d.table_id = command.objid AND (a.attnum = d.distkey OR a.attnum = ANY (d.sortkeys))) THEN
      RAISE EXCEPTION 'cannot drop a column that is the distribution key or part of the sort key';
    ELSIF command.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = command.objid AND attnum > 0 AND NOT attisdropped) THEN
      RAISE EXCEPTION 'cannot drop the last column of a table';
    END IF;
  END LOOP;
END $$;
CREATE EVENT TRIGGER redshift_tables ON ddl_command_end
  WHEN TAG IN ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE MATERIALIZED VIEW', 'ALTER TABLE')
  EXECUTE FUNCTION redshift.follow_tables();

-- The table exists and is the user's.
CREATE FUNCTION redshift.check_owner(table_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s RESET (fillfactor)', table_name);
END $$;
-- ALTER TABLE of the design, after check_owner.
CREATE FUNCTION redshift.change_design(id oid, changes jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO redshift.designs (table_id) VALUES (id) ON CONFLICT DO NOTHING;
  IF changes ? 'style' THEN
    UPDATE redshift.designs SET style = changes ->> 'style',
      distkey = (redshift.column_numbers(id, coalesce(changes -> 'distkey', '[]')))[1] WHERE table_id = id;
  END IF;
  IF changes ? 'sortkeys' THEN
    UPDATE redshift.designs SET sortkeys = redshift.column_numbers(id, changes -> 'sortkeys'), interleaved = false
    WHERE table_id = id;
  END IF;
  IF changes ? 'encodings' THEN
    UPDATE redshift.designs SET encodings = encodings || (SELECT jsonb_object_agg((redshift.column_numbers(id, jsonb_build_array(e.key)))[1], e.value)
      FROM jsonb_each(changes -> 'encodings') e) WHERE table_id = id;
  END IF;
END $$;
CREATE FUNCTION redshift.drop_key(id oid, key_name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
  DELETE FROM redshift.keys k WHERE k.table_id = drop_key.id AND k.name = key_name;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'constraint "%" of relation "%" does not exist', key_name, (SELECT relname FROM pg_class WHERE oid = drop_key.id);
  END IF;
END $$;
-- ALTER COLUMN ... TYPE: not for a column with a default, and not in a transaction block ("ALTER TABLE").
CREATE FUNCTION redshift.check_column_type(table_name text, column_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF transaction_timestamp() < statement_timestamp() THEN
    RAISE EXCEPTION 'ALTER TABLE ALTER COLUMN cannot run inside a transaction block';
  END IF;
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(table_name) AND attname = column_name AND atthasdef) THEN
    RAISE EXCEPTION 'cannot alter type of column "%": it has a default', column_name;
  END IF;
END $$;

-- The columns of all relations with their design, for the system views. Default encodings: "CREATE TABLE", ENCODE.
CREATE VIEW redshift.table_columns AS
  SELECT c.oid AS table_id, n.nspname, c.relname, a.attname, a.attnum, a.attnotnull,
    regexp_replace(replace(format_type(a.atttypid, a.atttypmod), 'bytea', 'binary varying'), '^redshift\.', '') AS type,
    coalesce(d.encodings ->> a.attnum::text, CASE WHEN a.attnum = ANY (d.sortkeys) OR t.typname IN ('bool', 'float4', 'float8') THEN 'none'
      WHEN t.typname IN ('int2', 'int4', 'int8', 'numeric', 'date', 'timestamp', 'timestamptz', 'time', 'timetz') THEN 'az64'
      ELSE 'lzo' END) AS encoding,
    coalesce(a.attnum = d.distkey, false) AS distkey,
    coalesce(array_position(d.sortkeys, a.attnum) * CASE WHEN d.interleaved AND array_position(d.sortkeys, a.attnum) % 2 = 1
      THEN -1 ELSE 1 END, 0) AS sortkey,
    pg_get_expr(f.adbin, f.adrelid) AS fallback, a.attacl, col_description(c.oid, a.attnum) AS remarks, c.relkind, c.relowner
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN redshift.designs d ON d.table_id = c.oid
  LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum
  WHERE c.relkind IN ('r', 'v', 'm') AND n.nspname <> 'redshift' AND n.nspname !~ '^pg_toast';
GRANT SELECT ON redshift.table_columns TO PUBLIC;
