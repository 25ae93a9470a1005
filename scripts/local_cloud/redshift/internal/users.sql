-- The admin user is Redshift's superuser: as a member of every other role it has the rights of each.
CREATE FUNCTION redshift.create_user(name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
BEGIN
  IF NOT (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = session_user) THEN
    RAISE insufficient_privilege USING MESSAGE = 'must be superuser to create users';
  END IF;
  EXECUTE format('CREATE ROLE %I LOGIN IN ROLE pg_read_server_files', name);
  EXECUTE format('GRANT %I TO %I WITH ADMIN TRUE, INHERIT TRUE', name, current_setting('relay.admin'));
END $$;
CREATE FUNCTION redshift.current_user_id() RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT oid::bigint::integer FROM pg_roles WHERE rolname = current_user $$;
