-- Users, groups and roles are roles of PostgreSQL: users can log in, roles know their owner (relay.role_owner), groups neither.
-- The admin user is Redshift's superuser: as a member of every other user it has the rights of each.
CREATE FUNCTION redshift.check_superuser() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    RAISE insufficient_privilege USING MESSAGE = 'must be superuser to create, alter or drop users and roles';
  END IF;
END $$;
CREATE FUNCTION redshift.administer(statement text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM redshift.check_superuser();
  PERFORM redshift.run_as_engine(statement);
END $$;
CREATE FUNCTION redshift.run_as_engine(statement text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF NOT (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = session_user) THEN
    RAISE insufficient_privilege USING MESSAGE = 'must be superuser to create, alter or drop users and roles';
  END IF;
  EXECUTE statement;
END $$;
CREATE FUNCTION redshift.create_user(name text, options text DEFAULT '', groups text[] DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  group_name text;
BEGIN
  PERFORM redshift.administer(format('CREATE ROLE %I LOGIN %s IN ROLE pg_read_server_files', name, options));
  PERFORM redshift.administer(format('GRANT %I TO %I WITH ADMIN TRUE, INHERIT TRUE', name, current_setting('relay.admin')));
  FOREACH group_name IN ARRAY groups LOOP
    PERFORM redshift.administer(format('GRANT %I TO %I', group_name, name));
  END LOOP;
END $$;
-- A user can change the own password, which is not kept.
CREATE FUNCTION redshift.alter_user(name text, options text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name AND rolcanlogin) THEN
    RAISE EXCEPTION 'user "%" does not exist', name;
  ELSIF options <> '' OR current_user <> name THEN
    PERFORM redshift.administer(format('ALTER ROLE %I %s', name, options));
  END IF;
END $$;
CREATE FUNCTION redshift.current_user_id() RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT oid::bigint::integer FROM pg_roles WHERE rolname = current_user $$;

CREATE VIEW redshift.roles AS
  SELECT r.oid, r.rolname, (SELECT substr(c, 18) FROM unnest(r.rolconfig) c WHERE c LIKE 'relay.role_owner=%') AS owner
  FROM pg_catalog.pg_roles r WHERE NOT r.rolcanlogin AND r.rolconfig::text LIKE '%relay.role_owner=%';
GRANT SELECT ON redshift.roles TO PUBLIC;
CREATE FUNCTION redshift.identity_type(id oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN id = 0 THEN 'public' WHEN EXISTS (SELECT FROM redshift.roles WHERE oid = id) THEN 'role'
    WHEN (SELECT rolcanlogin FROM pg_catalog.pg_roles WHERE oid = id) THEN 'user' ELSE 'group' END $$;
CREATE FUNCTION redshift.identity_name(id oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN id = 0 THEN 'public' ELSE (SELECT rolname::text FROM pg_catalog.pg_roles WHERE oid = id) END $$;

CREATE FUNCTION redshift.check_role(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM redshift.roles WHERE rolname = name) THEN
    RAISE undefined_object USING MESSAGE = format('role "%s" does not exist', name);
  END IF;
END $$;
CREATE FUNCTION redshift.create_role(name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM redshift.administer(format('CREATE ROLE %I', name));
  PERFORM redshift.administer(format('ALTER ROLE %I SET relay.role_owner = %L', name, current_user));
END $$;
CREATE FUNCTION redshift.drop_role(name text, force boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  granted record;
BEGIN
  PERFORM redshift.check_superuser();
  PERFORM redshift.check_role(name);
  FOR granted IN SELECT m.member, m.roleid FROM pg_catalog.pg_auth_members m
                 WHERE (name::regrole IN (m.member, m.roleid)) LOOP
    IF force THEN
      PERFORM redshift.administer(format('REVOKE %s FROM %s', granted.roleid::regrole, granted.member::regrole));
    ELSIF granted.roleid = name::regrole AND redshift.identity_type(granted.member) = 'user' THEN
      RAISE EXCEPTION 'cannot drop this role since it has been granted on a user';
    ELSE
      RAISE EXCEPTION 'cannot drop this role since it depends on another role';
    END IF;
  END LOOP;
  IF force THEN
    PERFORM redshift.administer(format('DROP OWNED BY %I', name));
  END IF;
  PERFORM redshift.administer(format('DROP ROLE %I', name));
END $$;
CREATE FUNCTION redshift.grant_roles(names text[], grantees text[], admin boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text;
  grantee text;
BEGIN
  FOREACH name IN ARRAY names LOOP
    PERFORM redshift.check_role(name);
    FOREACH grantee IN ARRAY grantees LOOP
      PERFORM redshift.administer(format('GRANT %I TO %I %s', name, grantee, CASE WHEN admin THEN 'WITH ADMIN OPTION' ELSE '' END));
    END LOOP;
  END LOOP;
END $$;
CREATE FUNCTION redshift.revoke_roles(names text[], grantees text[], admin boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text;
  grantee text;
BEGIN
  FOREACH name IN ARRAY names LOOP
    PERFORM redshift.check_role(name);
    FOREACH grantee IN ARRAY grantees LOOP
      PERFORM redshift.administer(format('REVOKE %s %I FROM %I', CASE WHEN admin THEN 'ADMIN OPTION FOR' ELSE '' END, name, grantee));
    END LOOP;
  END LOOP;
END $$;
CREATE FUNCTION redshift.role_is_member_of(role_name text, granted text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.pg_has_role(role_name, granted, 'MEMBER') $$;
CREATE FUNCTION redshift.user_is_member_of(user_name text, granted text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT pg_catalog.pg_has_role(user_name, granted, 'MEMBER') $$;
