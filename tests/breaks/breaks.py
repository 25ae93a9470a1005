"""Deliberate breaks: what somebody could change by mistake, and the test that must go red."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

UNIT = "tests/unit/"
GATEWAY = "functions/websocket_gateway/"


class NothingToBreak(Exception):
    """The text is not in the file exactly once: the code has changed, and the break has to follow."""


@dataclass(frozen=True)
class Break:
    """`old` stands once in the file and becomes `new`; `test` is a pytest id, or a file of which one test goes red."""

    name: str
    file: str
    old: str
    new: str
    test: str

    def apply(self, root: Path) -> None:
        """Breaks a copy of the tree; raises NothingToBreak."""
        path = root / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise NothingToBreak(f"{self.file}: has {self.old!r} {text.count(self.old)} times. Adapt the break.")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


BREAKS = (
    Break(
        "TRUNCATE for the swap",
        "sql/objects/R__execute_elt_process.sql",
        "    INSERT INTO public.nyc_yellow_taxi SELECT",
        "    TRUNCATE public.nyc_yellow_taxi;\n    INSERT INTO public.nyc_yellow_taxi SELECT",
        "tests/sql/test_shipped_sql.py",
    ),
    Break(
        "an empty load replaces the rows",
        "sql/objects/R__execute_elt_process.sql",
        "    IF loaded = 0 THEN",
        "    IF loaded < 0 THEN",
        "tests/e2e/test_pipeline.py -k test_without_rows_the_old_ones_stay",
    ),
    Break(
        "a wildcard for the warehouse",
        "modules/statement_role/iam.tf",
        "    resources = [local.target_arn]",
        '    resources = ["*"]',
        "tests/modules/test_modules.py -k statement_role",
    ),
    Break(
        "a dropped failure destination",
        "modules/lambda_function/main.tf",
        "      destination = aws_sqs_queue.failures[0].arn",
        "      destination = aws_lambda_function.this.arn",
        "tests/modules/test_modules.py -k lambda_function",
    ),
    Break(
        "a dropped alarm",
        "modules/lambda_function/alarms.tf",
        "  threshold           = 0",
        "  threshold           = 1000000",
        "tests/modules/test_modules.py -k lambda_function",
    ),
    Break(
        "a ticket works twice",
        GATEWAY + "connections/tickets.py",
        "item = self._table.delete(",
        "item = self._table.get(ticket_key(_digest(ticket))) or self._table.delete(",
        UNIT + "websocket_gateway/test_tickets.py",
    ),
    Break(
        "an expired ticket works",
        GATEWAY + "connections/tickets.py",
        'condition="#expires_at > :now"',
        'condition="#expires_at > :now OR #expires_at <= :now"',
        UNIT + "websocket_gateway/test_tickets.py",
    ),
    Break(
        "claims that API Gateway did not check",
        GATEWAY + "connections/token.py",
        "return claim is None or (isinstance(claim, str) and claim != checked)",
        "return False",
        UNIT + "websocket_gateway/test_tickets.py",
    ),
    Break(
        "a client's value for a claim is let through",
        GATEWAY + "catalog/query.py",
        'known = [name for name, parameter in self.parameters.items() if parameter.type != "claim"]',
        "known = [name for name, parameter in self.parameters.items()]",
        UNIT + "websocket_gateway/test_catalog.py",
    ),
    Break(
        "unknown parameters are let through",
        GATEWAY + "catalog/query.py",
        "if name not in known:",
        "if not name:",
        UNIT + "websocket_gateway/test_catalog.py",
    ),
    Break(
        "pages of every origin connect",
        GATEWAY + "routes.py",
        'if origin is not None and "*" not in allowed and origin not in allowed:',
        'if origin is None and "*" not in allowed:',
        UNIT + "websocket_gateway/test_access.py",
    ),
    Break(
        "secrets in messages",
        "functions/relay/redaction.py",
        '    return _ASSIGNED.sub(r"\\1***", text)',
        "    return text",
        UNIT + "relay/test_redaction.py",
    ),
    Break(
        "the same ClientToken for everything",
        "functions/relay/names.py",
        "json.dumps(parts).encode()",
        "json.dumps(parts[:1]).encode()",
        UNIT + "relay/test_names.py",
    ),
    Break(
        "disguised throttling is not retried",
        "functions/relay/data_api.py",
        "if not disguised or attempt == 4:",
        "if disguised or attempt == 4:",
        UNIT + "relay/test_data_api.py",
    ),
    Break(
        "two statements in a file",
        "functions/warehouse_objects/single_statement.py",
        "    if count > 1:",
        "    if count > 1000:",
        UNIT + "warehouse_objects/test_single_statement.py",
    ),
    Break(
        "a changed V file runs again",
        "functions/warehouse_objects/files.py",
        "if file.version is not None and file.name in history:",
        "if file.version is None and file.name in history and not file.sql:",
        UNIT + "warehouse_objects/test_apply.py",
    ),
    Break(
        "objects without the guard of their history",
        "functions/warehouse_objects/guarded_transaction.py",
        "[table.lock, table.guard(files, history), *sqls]",
        "[table.lock, table.lock, *sqls]",
        UNIT + "warehouse_objects/test_apply.py",
    ),
    Break(
        "packages depend on zlib",
        "scripts/packages/archive.py",
        "entry.compress_type = zipfile.ZIP_STORED",
        "entry.compress_type = zipfile.ZIP_DEFLATED",
        "tests/scripts/packages/test_package.py",
    ),
    Break(
        "a package of other bytes is used",
        "scripts/packages/upload.py",
        "    if stored != data:",
        "    if stored is None:",
        "tests/scripts/packages/test_upload.py",
    ),
    Break(
        "check-sql forgets a rule of the plan",
        "scripts/redshift_relay/check_sql/query_rules.py",
        'if parameter.type != "claim" and key in _RESERVED:',
        'if parameter.type == "claim" and key in _RESERVED:',
        "tests/scripts/redshift_relay/check_sql/test_rules_as_terraform.py",
    ),
    Break(
        "the local Data API shows everybody's statements",
        "scripts/local_cloud/redshift_data/caller.py",
        'return f"{self.account_id}:role/{self.role_name}" if self.role_name else self.arn',
        'return "everybody"',
        "tests/local_cloud/services/redshift_data/test_authorization.py",
    ),
    Break(
        "an alarm without its paragraph",
        "modules/lambda_function/README.md",
        "### undelivered",
        "### lost",
        "tests/modules/test_alarms.py",
    ),
)
