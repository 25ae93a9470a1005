-- Default rights as in Redshift: everyone creates in schema public; a procedure runs only with a grant.
GRANT USAGE ON SCHEMA redshift TO PUBLIC;
GRANT ALL ON SCHEMA public TO PUBLIC;
GRANT EXECUTE ON FUNCTION pg_read_file(text, bigint, bigint, boolean) TO PUBLIC; -- also requires pg_read_server_files

-- PostgreSQL grants EXECUTE on a new procedure to PUBLIC, Redshift does not. A null ACL means the defaults.
CREATE FUNCTION redshift.revoke_execute() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
  procedure record;
BEGIN
  FOR procedure IN SELECT p.oid FROM pg_event_trigger_ddl_commands() c JOIN pg_proc p ON p.oid = c.objid
                   WHERE c.classid = 'pg_proc'::regclass AND p.proacl IS NULL LOOP
    EXECUTE format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', procedure.oid::regprocedure);
  END LOOP;
END $$;
CREATE EVENT TRIGGER redshift_procedures ON ddl_command_end WHEN TAG IN ('CREATE PROCEDURE')
  EXECUTE FUNCTION redshift.revoke_execute();
