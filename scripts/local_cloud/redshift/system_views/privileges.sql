-- SVV_ROLES, SVV_ROLE_GRANTS, SVV_USER_GRANTS and SVV_*_PRIVILEGES: the pages with these names, Amazon Redshift Database
-- Developer Guide. The owner's own rights are left out, and the kinds of rights that only the engine has.
CREATE VIEW redshift.svv_roles AS
  SELECT oid::bigint AS role_id, rolname::text AS role_name, owner AS role_owner, NULL::text AS external_id FROM redshift.roles;
CREATE VIEW redshift.svv_role_grants AS
  SELECT r.oid::bigint AS role_id, r.rolname::text AS role_name, g.oid::bigint AS granted_role_id, g.rolname::text AS granted_role_name
  FROM pg_catalog.pg_auth_members m JOIN redshift.roles r ON r.oid = m.member JOIN redshift.roles g ON g.oid = m.roleid;
CREATE VIEW redshift.svv_user_grants AS
  SELECT u.oid::bigint::integer AS user_id, u.rolname::text AS user_name, g.oid::bigint AS role_id, g.rolname::text AS role_name,
    m.admin_option
  FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles u ON u.oid = m.member AND u.rolcanlogin
  JOIN redshift.roles g ON g.oid = m.roleid;
CREATE FUNCTION redshift.is_shown(privilege text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT privilege IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'EXECUTE', 'USAGE', 'CREATE', 'TEMPORARY') $$;
CREATE VIEW redshift.svv_relation_privileges AS
  SELECT n.nspname::text AS namespace_name, c.relname::text AS relation_name, a.privilege_type, a.grantee::bigint::integer AS identity_id,
    redshift.identity_name(a.grantee) AS identity_name, redshift.identity_type(a.grantee) AS identity_type, a.is_grantable AS admin_option
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) a
  WHERE c.relkind IN ('r', 'v', 'm') AND n.nspname !~ '^(pg_|redshift$|information_schema$)' AND a.grantee <> c.relowner
    AND redshift.is_shown(a.privilege_type);
CREATE VIEW redshift.svv_column_privileges AS
  SELECT n.nspname::text AS namespace_name, c.relname::text AS relation_name, t.attname::text AS column_name, a.privilege_type,
    a.grantee::bigint::integer AS identity_id, redshift.identity_name(a.grantee) AS identity_name,
    redshift.identity_type(a.grantee) AS identity_type
  FROM pg_catalog.pg_attribute t JOIN pg_catalog.pg_class c ON c.oid = t.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL aclexplode(t.attacl) a
  WHERE n.nspname !~ '^(pg_|redshift$|information_schema$)' AND redshift.is_shown(a.privilege_type);
CREATE VIEW redshift.svv_schema_privileges AS
  SELECT n.nspname::text AS namespace_name, a.privilege_type, a.grantee::bigint::integer AS identity_id,
    redshift.identity_name(a.grantee) AS identity_name, redshift.identity_type(a.grantee) AS identity_type, a.is_grantable AS admin_option
  FROM pg_catalog.pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) a
  WHERE n.nspname !~ '^(pg_|redshift$|information_schema$)' AND a.grantee <> n.nspowner;
CREATE VIEW redshift.svv_database_privileges AS
  SELECT d.datname::text AS database_name, CASE a.privilege_type WHEN 'TEMPORARY' THEN 'TEMP' ELSE a.privilege_type END AS privilege_type,
    a.grantee::bigint::integer AS identity_id, redshift.identity_name(a.grantee) AS identity_name,
    redshift.identity_type(a.grantee) AS identity_type, a.is_grantable AS admin_option
  FROM pg_catalog.pg_database d CROSS JOIN LATERAL aclexplode(d.datacl) a
  WHERE NOT d.datistemplate AND d.datname <> 'postgres' AND a.grantee <> d.datdba AND redshift.is_shown(a.privilege_type);
CREATE VIEW redshift.svv_function_privileges AS
  SELECT n.nspname::text AS namespace_name, p.proname::text AS function_name, pg_get_function_identity_arguments(p.oid) AS argument_types,
    a.privilege_type, a.grantee::bigint::integer AS identity_id, redshift.identity_name(a.grantee) AS identity_name,
    redshift.identity_type(a.grantee) AS identity_type, a.is_grantable AS admin_option
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace CROSS JOIN LATERAL aclexplode(p.proacl) a
  WHERE n.nspname !~ '^(pg_|redshift$|information_schema$)' AND a.grantee <> p.proowner;
CREATE VIEW redshift.svv_default_privileges AS
  SELECT n.nspname::text AS schema_name, CASE d.defaclobjtype WHEN 'r' THEN 'RELATION' ELSE 'FUNCTION' END AS object_type,
    d.defaclrole::bigint::integer AS owner_id, redshift.identity_name(d.defaclrole) AS owner_name,
    redshift.identity_type(d.defaclrole) AS owner_type, a.privilege_type, a.grantee::bigint::integer AS grantee_id,
    redshift.identity_name(a.grantee) AS grantee_name, redshift.identity_type(a.grantee) AS grantee_type, a.is_grantable AS admin_option
  FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace CROSS JOIN LATERAL aclexplode(d.defaclacl) a
  WHERE d.defaclobjtype IN ('r', 'f') AND a.grantee <> d.defaclrole AND redshift.is_shown(a.privilege_type);
GRANT SELECT ON redshift.svv_roles, redshift.svv_role_grants, redshift.svv_user_grants, redshift.svv_relation_privileges,
  redshift.svv_column_privileges, redshift.svv_schema_privileges, redshift.svv_database_privileges,
  redshift.svv_function_privileges, redshift.svv_default_privileges TO PUBLIC;
