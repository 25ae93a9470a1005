"""Users, roles, default privileges and the views that show them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.results import Outcome
from local_cloud.redshift.warehouse import Warehouse

Run = Callable[..., Outcome]


def test_a_role_gives_its_rights_until_it_is_revoked(run: Run, warehouse: Warehouse) -> None:
    run("CREATE USER role_user PASSWORD 'abcD1234' CREATEDB CONNECTION LIMIT 5 VALID UNTIL '2037-01-01'")
    run("CREATE ROLE readers")
    run("CREATE ROLE all_readers")
    run("CREATE TABLE role_t (a INT)")
    run("GRANT SELECT ON role_t TO ROLE readers")
    run("GRANT ROLE readers TO ROLE all_readers")
    session = warehouse.session("dev", "role_user")
    with pytest.raises(SqlError, match="permission denied for relation role_t"):
        session.execute("SELECT a FROM role_t")
    run("GRANT ROLE all_readers TO role_user")
    assert session.execute("SELECT a FROM role_t").rows == []
    assert run("SELECT user_name, role_name FROM svv_user_grants WHERE user_name = 'role_user'").rows == [
        ("role_user", "all_readers")
    ]
    assert run("SELECT USER_IS_MEMBER_OF('role_user', 'readers')").rows == [(True,)]
    run("REVOKE ROLE all_readers FROM role_user")
    with pytest.raises(SqlError, match="permission denied for relation role_t"):
        session.execute("SELECT a FROM role_t")
    for statement in ("CREATE ROLE mine", "DROP ROLE readers", "CREATE USER other PASSWORD DISABLE"):
        with pytest.raises(SqlError, match="must be superuser"):
            session.execute(statement)
    session.execute("ALTER USER role_user PASSWORD 'abcD12345'")
    session.close()


def test_the_kinds_of_identities(run: Run) -> None:
    run("CREATE ROLE kind_role")
    run("CREATE GROUP kind_group")
    run("CREATE TABLE kind_t (a INT)")
    run("GRANT SELECT ON kind_t TO ROLE kind_role, GROUP kind_group, PUBLIC")
    shown = run(
        "SELECT identity_name, identity_type FROM svv_relation_privileges WHERE relation_name = 'kind_t' ORDER BY 1"
    )
    assert shown.rows == [("kind_group", "group"), ("kind_role", "role"), ("public", "public")]
    groups = {row[0] for row in run("SELECT groname FROM pg_group").rows}
    assert "kind_group" in groups
    assert "kind_role" not in groups


def test_default_privileges(run: Run, warehouse: Warehouse) -> None:
    warehouse.create_user("default_user")
    run("CREATE SCHEMA defaults")
    run("GRANT USAGE ON SCHEMA defaults TO default_user")
    run("ALTER DEFAULT PRIVILEGES IN SCHEMA defaults GRANT SELECT ON TABLES TO default_user")
    run("CREATE TABLE defaults.t (a INT)")
    session = warehouse.session("dev", "default_user")
    assert session.execute("SELECT a FROM defaults.t").rows == []
    session.close()
    assert run(
        "SELECT grantee_name, privilege_type FROM svv_default_privileges WHERE schema_name = 'defaults'"
    ).rows == [("default_user", "SELECT")]


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("CREATE USER bad PASSWORD 'short1A'", "8 to 64 characters"),
        ("CREATE USER bad PASSWORD 'with space1A'", "not allowed"),
        ("CREATE USER bad", "requires PASSWORD"),
        ("CREATE USER bad PASSWORD DISABLE SESSION TIMEOUT 10", "between 60 and 1728000"),
        ("CREATE ROLE table", 'syntax error at or near "table"'),
        ("GRANT ROLE nobody TO awsuser", "does not exist"),
        ("GRANT CREATE TABLE TO awsuser", "is not emulated"),
    ],
)
def test_refused(run: Run, statement: str, text: str) -> None:
    with pytest.raises(SqlError) as raised:
        run(statement)
    assert text in raised.value.message


def test_a_role_in_use_is_dropped_by_force_only(run: Run) -> None:
    run("CREATE ROLE used_role")
    run("CREATE TABLE used_t (a INT)")
    run("GRANT SELECT ON used_t TO ROLE used_role")
    run("CREATE USER used_by PASSWORD DISABLE")
    run("GRANT ROLE used_role TO used_by")
    with pytest.raises(SqlError, match="cannot drop this role since it has been granted on a user"):
        run("DROP ROLE used_role")
    run("DROP ROLE used_role FORCE")
    assert run("SELECT role_name FROM svv_roles WHERE role_name = 'used_role'").rows == []


def test_the_user_of_an_iam_identity_keeps_its_case(run: Run) -> None:
    run('CREATE USER "IAMR:Loads-Prod" PASSWORD DISABLE')
    run('GRANT CREATE ON SCHEMA public TO "IAMR:Loads-Prod"')
    assert run("SELECT usename FROM pg_user WHERE usename LIKE 'IAMR:%'").rows == [("IAMR:Loads-Prod",)]
    run('REVOKE CREATE ON SCHEMA public FROM "IAMR:Loads-Prod"')
    run('DROP USER "IAMR:Loads-Prod"')
