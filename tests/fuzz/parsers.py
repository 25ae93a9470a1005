"""Every parser, with inputs that are nearly right, and what holds for whatever it says."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from documents.shapes import keys
from local_cloud.redshift.errors import SqlError
from local_cloud.redshift.sql.statement import single
from notifier.load_event import parse_load_event
from packages.imports import forbidden_imports
from packages.sources import PackageError
from redshift_relay.check_sql.query_definition import QueryDefinition
from redshift_relay.check_sql.query_rules import query_mistakes
from redshift_relay.check_sql.query_settings import settings_mistakes
from redshift_relay.check_sql.syntax import syntax_mistake
from redshift_relay.check_sql.template import TemplateError, render
from redshift_relay.check_sql.yaml_settings import read_yaml
from relay.actions import as_event, check_fields
from relay.actions import text as text_field
from relay.errors import InputError, RelayError
from relay.events import parse_completion
from relay.names import StatementName
from relay.redaction import first_line, redact
from relay.settings import Target
from scheduler.files.landed_file import SEQUENCER_LENGTH, parse_event
from scheduler.loads.parameters import pick
from warehouse_objects.files import SqlFile
from websocket_gateway.catalog.parameter import Parameter
from websocket_gateway.catalog.query import Query
from websocket_gateway.connections.identity import from_authorizer, from_token, parse_expiry
from websocket_gateway.connections.token import payload
from websocket_gateway.errors import ClientError
from websocket_gateway.protocol.requests import parse, parse_ask, parse_connect_query, printable


@dataclass(frozen=True)
class Parser:
    """`check` gets an input and asserts; any exception but the parser's own errors is a defect."""

    name: str
    inputs: st.SearchStrategy[Any]
    check: Callable[[Any], object]
    errors: tuple[type[Exception], ...] = ()


def texts(*parts: str, size: int = 12) -> st.SearchStrategy[str]:
    """Texts made of the parts that the parser knows, and of anything."""
    return st.lists(st.sampled_from(parts) | st.text(max_size=4), max_size=size).map("".join)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=4,
)
SQL_PARTS = (
    "SELECT ", "1", "; ", "--", "\n", "/*", "*/", "'", "''", "\\", '"', "$$", "$a$", "BEGIN", "COMMIT", "VACUUM ", "t ",
    "CREATE TABLE ", "ALTER TABLE ", " APPEND FROM ", "-- transaction: none\n", ":a", "::int", "(", ")", ", ", "INTO ",
    "PASSWORD 'x'", "CREDENTIALS 'aws_access_key_id=a;aws_secret_access_key=b'", "${a}", "%{ if a }", "%{ endif }",
    "\ufeff",
)  # fmt: skip
SQL = texts(*SQL_PARTS)
NAMES = texts("V", "R", "1", ".", "_", "__", "a", ".sql", ".SQL", "/", size=8)
MESSAGE_KEYS = st.sampled_from(["action", "id", "query", "params", "live", "resume", "fresh", "run", "row"])
MESSAGE_VALUES = JSON | st.sampled_from(["query", "daily", True, {"run": "a.1", "row": 3}, {"month": "2015-01"}])
MESSAGES = st.dictionaries(MESSAGE_KEYS | st.text(max_size=5), MESSAGE_VALUES, max_size=6)
GOOD_MESSAGES = st.fixed_dictionaries(
    {"action": st.just("query"), "id": st.just("a1"), "query": st.just("daily")},
    optional={"params": st.dictionaries(st.just("month"), SCALARS), "live": st.booleans(), "resume": JSON},
)
CLAIM = st.sampled_from(["exp", "sub", "tenant", "scope", "groups"])
CLAIMS = st.dictionaries(CLAIM | st.text(max_size=5), JSON, max_size=5) | st.fixed_dictionaries(
    {"exp": st.integers(0, 2**33), "principalId": st.just("user")}, optional={"tenant": JSON, "sub": SCALARS}
)
VALUES = JSON | texts("2015", "-", "01", "31", "e", "+", ".", "9", "0" * 20, "\x00", "\ud800", size=8)
SETTING = st.sampled_from(
    [
        "label",
        "default",
        "chart",
        "columns",
        "parameters",
        "max_rows",
        "max_age_seconds",
        "allowed_groups",
        "type",
        "order",
        "minimum",
        "maximum",
        "max_length",
        "choices",
        "claim",
        "values",
        "latest",
        "query",
        "column",
        "decimals",
        "month",
        "x",
    ]
)
SETTING_VALUES = SCALARS | st.sampled_from(
    ["month", "date", "integer", "number", "text", "choice", "claim", "5", "true"]
)
SETTINGS = st.recursive(
    SETTING_VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SETTING, inner, max_size=5),
    max_leaves=6,
)
PARAMETERS = st.builds(
    Parameter,
    type=st.sampled_from(["month", "date", "integer", "number", "text", "choice"]),
    minimum=st.sampled_from([None, "0"]),
    choices=st.just(("a", "b")),
    max_length=st.integers(1, 20),
)


def _completion(event: Any) -> None:
    completion = parse_completion({"detail": event})
    assert completion.statement_id
    assert completion.state in ("FINISHED", "FAILED", "ABORTED")


def _name(text: str) -> None:
    if (name := StatementName.parse(text)) is not None:
        assert str(name) == text


def _redaction(sql: str) -> None:
    assert len(first_line(sql)) <= 200
    assert redact(redact(sql)) == redact(sql)


def _action(event: Any) -> None:
    found = as_event(event)
    check_fields(found, ("action", "a", "b"))
    assert text_field(found, "action").strip()


def _sql_file(given: tuple[str, str]) -> None:
    name, sql = given
    file = SqlFile.parse(name, sql)
    assert SqlFile.parse(name, file.sql).checksum == file.checksum, "what runs is read as it was"
    assert (file.version is None) == name.startswith("R__")


def _message(body: str) -> None:
    ask = parse_ask(parse(body, 32_000))
    assert 1 <= len(ask.id) <= 64


def _connect(parameters: dict[str, str]) -> None:
    ask = parse_connect_query(parameters, ("ticket",))
    assert ask is None or "ticket" not in ask.params


def _printable(text: str) -> None:
    shown = printable(text)
    assert shown.isascii()
    assert len(shown) <= 63


def _bind(given: tuple[Parameter, Any]) -> None:
    parameter, value = given
    bound = parameter.bind("a", value)
    assert bound, "the Data API takes no empty value"
    bound.encode()
    if parameter.type not in ("month", "text", "choice"):
        assert parameter.bind("a", bound) == bound, "equal values are bound alike"


def _token(claims: Any) -> None:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    assert payload(f"Bearer a.{part}.c", {}) == json.loads(json.dumps(claims))


def _identity(claims: dict[str, Any]) -> None:
    for identity in (from_token(claims, frozenset({"tenant"})), from_authorizer(claims, frozenset({"tenant"}))):
        assert set(identity.claims) <= {"tenant"}
        identity.groups("tenant")


def _template(source: str) -> None:
    rendered = render(source, {"a": "b"})
    if "{" not in source:
        assert (rendered.text, rendered.complete) == (source, True)


def _settings(settings: Any) -> None:
    mistakes = list(settings_mistakes(settings))
    assert all(mistake.endswith(".") for mistake in mistakes)
    if mistakes:
        return
    query = QueryDefinition.of("SELECT :month", settings)
    said = [text for _, text in query_mistakes({"q": query})]
    assert all(text.endswith(".") for text in said)
    if not said:
        Query.from_definition("q", query.for_function()).describe()


def _yaml(text: str) -> None:
    try:
        value = read_yaml(text)
    except (ValueError, RecursionError):
        return  # an escape that is no character, or thousands of brackets
    list(settings_mistakes(value))


def _imports(text: str) -> None:
    forbidden_imports({"a/b.py": text.encode(errors="surrogatepass")}, "a", Path(tempfile.gettempdir()))


def _target(env: dict[str, str]) -> None:
    assert Target.from_env(env).arguments()["Database"]


def _landed(event: Any) -> None:
    file = parse_event(event)
    assert len(file.sequencer) >= SEQUENCER_LENGTH
    assert file.uri.startswith("s3://")


def _pick(given: tuple[dict[str, Any], str]) -> None:
    assert pick(*given, "parameters.a"), "the Data API takes no empty value"


def _syntax(sql: str) -> None:
    mistake = syntax_mistake(sql)
    assert mistake is None or mistake[0].isdigit()


HEADERS = texts("Bearer ", ".", "e30", "=", "-", "_") | st.just("Bearer a.e30.c")
LANDED = st.fixed_dictionaries(
    {
        "time": texts("2026-11-26T", "03:00:00", "Z", "+", "0001-01-01", "9999-12-31", size=3),
        "detail": st.fixed_dictionaries(
            {"bucket": st.just({"name": "landing"}) | JSON},
            optional={"object": JSON | st.fixed_dictionaries({"key": JSON, "sequencer": JSON, "size": JSON})},
        ),
    }
) | st.just(
    {"time": "2026-11-26T03:00:00Z", "detail": {"bucket": {"name": "b"}, "object": {"key": "k", "sequencer": "A"}}}
)
LOAD_EVENTS = st.fixed_dictionaries(
    {"state": st.sampled_from(["FINISHED", "FAILED", "NOT_STARTED"]), "load": st.just("trips")},
    optional={
        "name_prefix": st.just("taxi"),
        "occurrence": st.just("1"),
        "started_at": JSON | st.just("2026-11-26T03:00:00Z"),
        "duration_seconds": JSON,
        "started_by": JSON,
        "files": JSON,
        "follows": JSON,
        "rows": JSON,
    },
)
PATHS = texts("$", ".a", ".b", "[0]", "[9]", ".detail", size=4)
COMPLETIONS = st.dictionaries(st.sampled_from(["statementId", "state", "Status", "id"]), JSON | st.just("FINISHED"))
CONNECT_URLS = st.dictionaries(
    st.sampled_from(["query", "live", "ticket", "month"]), st.text(max_size=6) | st.just("daily")
)
TEMPLATES = texts("${", "}", "%{", "~", '"', "$${", "a", "if ", "else", "endif")
ENVIRONMENT = st.dictionaries(
    st.sampled_from([f"REDSHIFT_{name}" for name in ("DATABASE", "CLUSTER", "WORKGROUP", "USER", "SECRET_ARN")]),
    st.text(max_size=5),
)
EVENTS = st.dictionaries(st.sampled_from(["a", "b", "detail"]), JSON | st.just({"a": ["x", 1]}))
YAML = texts(
    "a", ": ", "\n", "  ", "- ", "{", "}", "[", "]", "'", '"', "|", "&a ", "*a", "!!str ", "~", "yes", "2015-01-31", "5"
)
PYTHON = texts(
    "import ", "a", ".", "from ", " import ", "\n", "if TYPE_CHECKING:\n", "  ", "boto3", "requests", "(", ")", "'"
)
TYPES = texts(
    "object({", "})", "map(", ")", "list(", "optional(", "string", "number", ", ", " = ", "a", "[]", '"x"', "{}"
)

PARSERS = (
    Parser("completion", JSON | COMPLETIONS, _completion, (InputError,)),
    Parser("statement name", texts("relay", "/", "load", "query", "objects", "a"), _name),
    Parser("redaction", SQL, _redaction),
    Parser("action", JSON | st.dictionaries(st.sampled_from(["action", "a", "c"]), JSON), _action, (InputError,)),
    Parser("settings", ENVIRONMENT, _target, (RelayError,)),
    Parser("sql file", st.tuples(NAMES | st.sampled_from(["V1__a.sql", "R__a.sql"]), SQL), _sql_file, (InputError,)),
    Parser("message", st.text(max_size=20) | (MESSAGES | GOOD_MESSAGES).map(json.dumps), _message, (ClientError,)),
    Parser("connect url", CONNECT_URLS, _connect, (ClientError,)),
    Parser("printable", st.text(max_size=100), _printable),
    Parser("parameter", st.tuples(PARAMETERS, VALUES), _bind, (ClientError,)),
    Parser("token", JSON, _token, (ClientError,)),
    Parser("token header", HEADERS, lambda text: payload(text, {}), (ClientError,)),
    Parser("identity", CLAIMS, _identity, (ClientError,)),
    Parser("expiry", JSON | texts("1", "e", ".", "+", "-", "9" * 12), parse_expiry, (ClientError,)),
    Parser("template", SQL | TEMPLATES, _template, (TemplateError,)),
    Parser("query settings", SETTINGS, _settings),
    Parser("yaml", YAML, _yaml, (yaml.YAMLError,)),
    Parser("syntax", SQL, _syntax),
    Parser("landed file", LANDED | JSON, _landed, (InputError,)),
    Parser("load event", LOAD_EVENTS | JSON, lambda detail: parse_load_event({"detail": detail}), (InputError,)),
    Parser("path in an event", st.tuples(EVENTS, PATHS), _pick, (InputError,)),
    Parser("imports", PYTHON, _imports, (PackageError,)),
    Parser("variable types", TYPES, lambda text: list(keys("v", text)), (ValueError,)),
    Parser("local sql", SQL, single, (SqlError,)),
)  # fmt: skip
