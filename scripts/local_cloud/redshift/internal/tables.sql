-- ALTER TABLE ADD PRIMARY KEY, UNIQUE and FOREIGN KEY: the columns are checked, the key is informational.
CREATE FUNCTION redshift.add_key(table_name text, key jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text;
  required boolean;
BEGIN
  EXECUTE format('ALTER TABLE %s RESET (fillfactor)', table_name); -- exists and is the user's
  FOR name IN SELECT jsonb_array_elements_text(key -> 'columns') LOOP
    SELECT attnotnull INTO required FROM pg_attribute
    WHERE attrelid = table_name::regclass AND attname = name AND attnum > 0 AND NOT attisdropped;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'column "%" named in key does not exist', name;
    ELSIF key ->> 'kind' = 'p' AND NOT required THEN
      RAISE EXCEPTION 'column "%" of a primary key must be NOT NULL', name;
    END IF;
  END LOOP;
  PERFORM redshift.keep_key(table_name::regclass,
    key || jsonb_build_object('parent', nullif(key ->> 'parent', '')::regclass::oid::bigint));
END $$;
-- ALTER TABLE APPEND moves all rows; columns match by name, type and size.
CREATE FUNCTION redshift.append(target text, source text, ignore_extra boolean, fill_target boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  names text;
  differing text;
BEGIN
  IF transaction_timestamp() < statement_timestamp() THEN
    RAISE EXCEPTION 'ALTER TABLE APPEND cannot run inside a transaction block';
  END IF;
  EXECUTE format('ALTER TABLE %s RESET (fillfactor)', target);
  EXECUTE format('ALTER TABLE %s RESET (fillfactor)', source);
  WITH t AS (SELECT * FROM pg_attribute WHERE attrelid = target::regclass AND attnum > 0 AND NOT attisdropped),
       s AS (SELECT * FROM pg_attribute WHERE attrelid = source::regclass AND attnum > 0 AND NOT attisdropped)
  SELECT string_agg(quote_ident(t.attname), ', ') FILTER (WHERE t.attname = s.attname),
         min(coalesce(t.attname, s.attname)) FILTER (WHERE
           (t.attname IS NULL AND NOT ignore_extra) OR (s.attname IS NULL AND NOT fill_target)
           OR (t.atttypid, t.atttypmod, t.attnotnull) <> (s.atttypid, s.atttypmod, s.attnotnull))
  INTO names, differing FROM t FULL JOIN s ON t.attname = s.attname;
  IF differing IS NOT NULL THEN
    RAISE EXCEPTION 'column "%" of the source and the target of ALTER TABLE APPEND differ', differing;
  END IF;
  EXECUTE format('INSERT INTO %1$s (%2$s) SELECT %2$s FROM %3$s', target, names, source);
  EXECUTE format('TRUNCATE %s', source);
END $$;
-- VACUUM has nothing to do.
CREATE FUNCTION redshift.vacuum(table_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF transaction_timestamp() < statement_timestamp() THEN
    RAISE EXCEPTION 'VACUUM cannot run inside a transaction block';
  END IF;
  PERFORM table_name::regclass;
END $$;
