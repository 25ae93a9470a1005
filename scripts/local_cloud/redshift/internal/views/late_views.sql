-- Late-binding views ("CREATE VIEW", WITH NO SCHEMA BINDING): an empty view has the name and the rights; a function with the
-- rights of its owner runs the query, which is translated each time. analysis/clauses/late_views.py puts the function in the
-- view's place.
CREATE TABLE redshift.late_views (view_id oid PRIMARY KEY, definition text NOT NULL);
GRANT SELECT ON redshift.late_views TO PUBLIC;

CREATE FUNCTION redshift.create_late_view(view_name text, replaces boolean, definition text, schemas text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  missing text := (SELECT min(s) FROM unnest(schemas) s WHERE to_regnamespace(quote_ident(s)) IS NULL);
BEGIN
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'schema "%" does not exist', missing;
  END IF;
  EXECUTE format('CREATE %s VIEW %s AS SELECT WHERE false', CASE WHEN replaces THEN 'OR REPLACE' ELSE '' END, view_name);
  PERFORM redshift.bind_late_view(view_name::regclass, definition);
END $$;
CREATE FUNCTION redshift.bind_late_view(id oid, query text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO redshift.late_views VALUES (id, query) ON CONFLICT (view_id) DO UPDATE SET definition = query;
  EXECUTE format('CREATE OR REPLACE FUNCTION redshift.late_%s() RETURNS SETOF record LANGUAGE plpgsql SECURITY DEFINER AS %L', id,
                 format('BEGIN RETURN QUERY EXECUTE redshift.translate(%L); END', query));
  PERFORM redshift.own_late_view(id);
END $$;
CREATE FUNCTION redshift.own_late_view(id oid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  EXECUTE format('ALTER FUNCTION redshift.late_%s() OWNER TO %s', id, (SELECT relowner::regrole FROM pg_class WHERE oid = id));
END $$;

-- The columns that the view has now. The first row is the mark of a late-binding view, with its number.
CREATE FUNCTION redshift.late_columns(id oid) RETURNS TABLE (place integer, name name, type name, modifier integer)
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  view text := 'late_' || replace(gen_random_uuid()::text, '-', '');
BEGIN
  EXECUTE format('CREATE TEMP VIEW %s AS %s', view,
                 redshift.translate((SELECT v.definition FROM redshift.late_views v WHERE v.view_id = id)));
  RETURN QUERY SELECT 0, ''::name, 'late'::name, id::bigint::integer UNION ALL
    SELECT a.attnum::integer, a.attname, t.typname, a.atttypmod FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = ('pg_temp.' || view)::regclass AND a.attnum > 0 ORDER BY 1;
  EXECUTE format('DROP VIEW pg_temp.%s', view);
END $$;

-- A function goes with its view, and belongs to the view's owner.
CREATE FUNCTION redshift.follow_drops() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  view record;
BEGIN
  FOR view IN SELECT v.view_id FROM pg_event_trigger_dropped_objects() d
              JOIN redshift.late_views v ON d.classid = 'pg_class'::regclass AND d.objsubid = 0 AND v.view_id = d.objid LOOP
    EXECUTE format('DROP FUNCTION redshift.late_%s()', view.view_id);
    DELETE FROM redshift.late_views WHERE view_id = view.view_id;
  END LOOP;
END $$;
CREATE EVENT TRIGGER redshift_drops ON sql_drop WHEN TAG IN ('DROP VIEW', 'DROP SCHEMA', 'DROP TABLE', 'DROP OWNED')
  EXECUTE FUNCTION redshift.follow_drops();
CREATE FUNCTION redshift.follow_owners() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM redshift.own_late_view(v.view_id) FROM pg_event_trigger_ddl_commands() c
    JOIN redshift.late_views v ON c.classid = 'pg_class'::regclass AND v.view_id = c.objid;
END $$;
CREATE EVENT TRIGGER redshift_owners ON ddl_command_end WHEN TAG IN ('ALTER VIEW', 'ALTER TABLE')
  EXECUTE FUNCTION redshift.follow_owners();

-- The columns of all late-binding views whose query can run now.
CREATE FUNCTION redshift.all_late_columns() RETURNS TABLE (view_id oid, place integer, name name, type name, modifier integer)
LANGUAGE plpgsql AS $$
DECLARE
  view oid;
BEGIN
  FOR view IN SELECT v.view_id FROM redshift.late_views v JOIN pg_catalog.pg_class c ON c.oid = v.view_id
              WHERE has_table_privilege(c.oid, 'SELECT') LOOP
    BEGIN
      RETURN QUERY SELECT view, l.* FROM redshift.late_columns(view) l WHERE l.place > 0;
    EXCEPTION WHEN OTHERS THEN
      NULL;
    END;
  END LOOP;
END $$;
