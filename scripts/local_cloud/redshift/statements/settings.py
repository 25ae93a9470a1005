"""SET, SHOW and RESET.

Sources: "SET", "SHOW", "RESET" and "Configuration reference", Amazon Redshift Database Developer Guide.
"""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

from local_cloud.redshift.errors import SqlError, not_emulated
from local_cloud.redshift.sql.statement import Statement
from local_cloud.redshift.sql.translation import Translation
from local_cloud.redshift.sql.tree import literal
from local_cloud.redshift.sql.words import Words
from local_cloud.redshift.statements.show_objects import OBJECTS, translate_show_objects

_ENGINE = {"datestyle", "search_path", "seed", "statement_timeout", "timezone"}
"""PostgreSQL's own settings with the same meaning."""
_KEPT = {
    "analyze_threshold_percent", "enable_result_cache_for_session", "enable_vacuum_boost", "mv_enable_aqmv_for_session",
    "query_group", "wlm_query_slot_count",
}  # fmt: skip
"""Settings that no answer depends on here: SHOW tells them."""
_OFF, _ON = {"off", "false", "0"}, {"on", "true", "1"}
_ONLY = {
    "default_array_search_null_handling": _ON, "enable_case_sensitive_identifier": _OFF,
    "enable_case_sensitive_super_attribute": _OFF, "json_parse_dedup_attributes": _OFF,
    "navigate_super_null_on_error": _ON,
}  # fmt: skip
"""The values that are emulated of settings that change answers."""
_NOT_EMULATED = {"extra_float_digits", "spectrum_enable_pseudo_columns"}
_SHOWN = _ENGINE - {"seed"} | _KEPT | _ONLY.keys() | {"extra_float_digits"}
_OBJECTS = {"DATABASES", "TABLE", "VIEW", "PROCEDURE", "EXTERNAL", "MODEL", "DATASHARES", "PARAMETERS", "FUNCTIONS",
            "COLUMN", "ROW"}  # fmt: skip


def translate_set(statement: Statement) -> Translation:
    """SET [SESSION | LOCAL] parameter TO value; SET SESSION AUTHORIZATION user."""
    words = Words("SET", statement.tokens)
    words.expect("SET")
    scope = "SET LOCAL" if words.skip("LOCAL") else "SET"
    words.skip("SESSION")
    if words.skip("AUTHORIZATION"):
        user = words.take()
        default = user.token_type != TokenType.STRING and user.text.upper() == "DEFAULT"
        return Translation("RESET ROLE" if default else f"{scope} ROLE {_quoted(user.text)}", "SET")
    if words.skip("CHARACTERISTICS"):
        raise not_emulated("SET SESSION CHARACTERISTICS")
    name = _parameter(words)
    if not words.skip("TO", "="):
        raise SqlError(f'syntax error at or near "{words.peek()}"')
    values = words.tokens[words.at :]
    if not values:
        raise SqlError("syntax error at end of input")
    if values[0].token_type != TokenType.STRING and values[0].text.upper() == "DEFAULT":
        return Translation(f"RESET {_engine_name(name)}", "SET")
    if name in _ONLY and values[0].text.lower() not in _ONLY[name]:
        raise not_emulated(f"SET {name} TO {values[0].text}")
    if name == "seed":
        return Translation(f"SELECT redshift.set_seed({_value(values)}::float8)", "SET", hides_result=True)
    text = _search_path(values) if name == "search_path" else _value(values)
    return Translation(f"{scope} {_engine_name(name)} TO {text}", "SET")


def translate_reset(statement: Statement) -> Translation:
    """RESET parameter, RESET ALL, RESET SESSION AUTHORIZATION."""
    words = Words("RESET", statement.tokens)
    words.expect("RESET")
    if words.skip("ALL"):
        return Translation("RESET ALL", "RESET")
    if words.skip("SESSION"):
        words.expect("AUTHORIZATION")
        return Translation("RESET ROLE", "RESET")
    return Translation(f"RESET {_engine_name(_parameter(words))}", "RESET")


def translate_show(statement: Statement) -> Translation:
    """SHOW parameter, SHOW ALL."""
    words = Words("SHOW", statement.tokens)
    words.expect("SHOW")
    if words.peek() in OBJECTS:
        return translate_show_objects(statement)
    if words.peek() in _OBJECTS:
        raise not_emulated(f"SHOW {words.peek()}")
    if words.skip("ALL"):
        return Translation("SELECT name, setting FROM redshift.settings", "SHOW")
    if words.skip("TRANSACTION"):
        raise not_emulated("SHOW TRANSACTION ISOLATION LEVEL")
    name = _parameter(words)
    if name not in _SHOWN and "." not in name:
        raise _unknown(name)
    return Translation(f"SELECT redshift.show_setting({literal(name)}) AS {_quoted(name)}", "SHOW")


def _parameter(words: Words) -> str:
    name = words.name()
    while words.skip("."):
        name += f".{words.name()}"
    if name in _NOT_EMULATED and words.command != "SHOW":
        raise not_emulated(f"{words.command} {name}")
    if "." not in name and name not in _ENGINE | _KEPT | _ONLY.keys() | _NOT_EMULATED:
        raise _unknown(name)
    return name


def _unknown(name: str) -> SqlError:
    return SqlError(f'unrecognized configuration parameter "{name}"')


def _engine_name(name: str) -> str:
    """The name of PostgreSQL's setting; those that PostgreSQL does not know are below `relay`."""
    if "." in name:
        return ".".join(_quoted(part) for part in name.split("."))
    return name if name in _ENGINE else f"relay.{name}"


def _search_path(values: list[Token]) -> str:
    """The schemas, and behind them the engine's, which hold Redshift's functions."""
    names = [token.text for token in values if token.token_type != TokenType.COMMA]
    if len(names) == 1:  # 'a, b' is a list too
        names = [name.strip().strip('"') for name in names[0].split(",")]
    return ", ".join([*(_quoted(name) for name in names if name), "redshift", "pg_catalog"])


def _value(values: list[Token]) -> str:
    if all(token.token_type in {TokenType.NUMBER, TokenType.DASH, TokenType.DOT} for token in values):
        return "".join(token.text for token in values)
    return literal(" ".join(token.text for token in values))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
