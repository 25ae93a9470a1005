"""SQL statements inside a procedure."""

from __future__ import annotations

from sqlglot.tokenizer_core import TokenType

from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.procedures.chunks import Chunk
from local_cloud.redshift.sql.translation import Translate, Translation

SQL_WORDS = {
    "SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "CREATE", "ALTER", "DROP", "COPY", "LOCK",
    "REFRESH", "GRANT", "REVOKE", "ANALYZE", "COMMENT", "UNLOAD", "VACUUM", "CALL",
}  # fmt: skip


class EmbeddedSql:
    """Translates SQL statements for PL/pgSQL."""

    def __init__(self, translate: Translate) -> None:
        self._translate = translate

    def text(self, sql: str) -> str:
        """The translation of a query."""
        return self._translation(sql).sql

    def statement(self, chunk: Chunk) -> str:
        """The translation of a statement that stands alone."""
        if chunk.word == "VACUUM":
            return "RAISE EXCEPTION 'VACUUM cannot be executed from a procedure';"
        if chunk.word == "ALTER" and chunk.find("APPEND") is not None:
            raise SqlError("ALTER TABLE APPEND cannot be executed from a procedure")
        into = chunk.find("INTO") if chunk.word in {"SELECT", "WITH"} else None
        if into is not None:
            return self._select_into(chunk, into)
        translation = self._translation(chunk.cut(0))
        sql = translation.sql
        if translation.hides_result:
            sql = "PERFORM" + sql.removeprefix("SELECT")
        if translation.before:
            sql = f"PERFORM {translation.before}; {sql}"
        if translation.commits:
            return f"PERFORM redshift.check_transaction('{chunk.word}'); {sql}; COMMIT;"
        return f"{sql};"

    def _translation(self, sql: str) -> Translation:
        translation = self._translate(sql)
        if translation.parameters:
            raise SqlError(f'syntax error at or near ":{translation.parameters[0]}"')
        return translation

    def _select_into(self, chunk: Chunk, into: int) -> str:
        """SELECT a, b INTO x, y FROM t: the targets move to the end, where PL/pgSQL accepts them too."""
        end = into + 1
        while end < len(chunk.tokens):
            end += 1  # a name
            while end + 1 < len(chunk.tokens) and chunk.tokens[end].token_type == TokenType.DOT:
                end += 2
            if end >= len(chunk.tokens) or chunk.tokens[end].token_type != TokenType.COMMA:
                break
            end += 1
        query = f"{chunk.cut(0, into)} {chunk.cut(end)}"
        return f"{self.text(query)} INTO {chunk.cut(into + 1, end)};"
