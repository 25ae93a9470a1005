"""One Redshift statement in, one PostgreSQL statement out. A kind of statement that is not listed here is an error."""

from __future__ import annotations

from collections.abc import Callable

from local_cloud.redshift.sql.context import NO_CONTEXT, Context
from local_cloud.redshift.sql.statement import Statement, single
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.statements.call import translate_call
from local_cloud.redshift.statements.cursors import translate_close, translate_declare, translate_fetch
from local_cloud.redshift.statements.data.copy import translate_copy
from local_cloud.redshift.statements.data.merge import translate_merge
from local_cloud.redshift.statements.data.truncate import translate_truncate
from local_cloud.redshift.statements.data.unload import translate_unload
from local_cloud.redshift.statements.definitions.definition import translate_definition
from local_cloud.redshift.statements.explain import translate_explain
from local_cloud.redshift.statements.grants import translate_grant
from local_cloud.redshift.statements.lock import translate_lock
from local_cloud.redshift.statements.maintenance import translate_analyze, translate_comment, translate_vacuum
from local_cloud.redshift.statements.queries import translate_change, translate_query
from local_cloud.redshift.statements.refresh import translate_refresh
from local_cloud.redshift.statements.settings import translate_reset, translate_set, translate_show
from local_cloud.redshift.statements.transactions import translate_transaction
from local_cloud.redshift.statements.unsupported import unsupported_statement


def translate(sql: str, context: Context = NO_CONTEXT) -> Translation:
    """The statement as PostgreSQL runs it. Raises SqlError."""
    statement = single(sql, context)
    handler = _HANDLERS.get(statement.words(1)[0])
    if handler is None:
        raise unsupported_statement(statement)
    return handler(statement)


def _definition(statement: Statement) -> Translation:
    within = Context(statement.context.catalog.for_procedure())
    return translate_definition(statement, lambda sql: translate(sql, within))


def _unload(statement: Statement) -> Translation:
    return translate_unload(statement, lambda sql: translate(sql, statement.context))


def _declare(statement: Statement) -> Translation:
    return translate_declare(statement, lambda sql: translate(sql, statement.context))


def _explain(statement: Statement) -> Translation:
    return translate_explain(statement, translate)


_HANDLERS: dict[str, Callable[[Statement], Translation]] = {
    "SELECT": translate_query,
    "WITH": translate_query,
    "(": translate_query,
    "INSERT": translate_change,
    "UPDATE": translate_change,
    "DELETE": translate_change,
    "MERGE": translate_merge,
    "TRUNCATE": translate_truncate,
    "CREATE": _definition,
    "ALTER": _definition,
    "DROP": _definition,
    "EXPLAIN": _explain,
    "CALL": translate_call,
    "COPY": translate_copy,
    "UNLOAD": _unload,
    "REFRESH": translate_refresh,
    "LOCK": translate_lock,
    "GRANT": translate_grant,
    "REVOKE": translate_grant,
    "COMMENT": translate_comment,
    "ANALYZE": translate_analyze,
    "VACUUM": translate_vacuum,
    "SET": translate_set,
    "RESET": translate_reset,
    "SHOW": translate_show,
    "DECLARE": _declare,
    "FETCH": translate_fetch,
    "CLOSE": translate_close,
    "BEGIN": translate_transaction,
    "START": translate_transaction,
    "COMMIT": translate_transaction,
    "END": translate_transaction,
    "ROLLBACK": translate_transaction,
    "ABORT": translate_transaction,
}
