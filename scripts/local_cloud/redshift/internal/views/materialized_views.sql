-- A transaction that has written refreshes over a second connection, which sees committed rows only.
CREATE FUNCTION redshift.refresh(view_name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF pg_current_xact_id_if_assigned() IS NULL THEN
    EXECUTE 'REFRESH MATERIALIZED VIEW ' || view_name;
  ELSE
    PERFORM view_name::regclass;
    PERFORM redshift.ask(json_build_object('do', 'refresh', 'view', view_name, 'user', current_user));
  END IF;
END $$;
