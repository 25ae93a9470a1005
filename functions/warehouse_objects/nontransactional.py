"""Runs a file outside a transaction, once, although its history cannot be written in the same transaction.

Before it runs, the history records that it began, and with which ClientToken; only one apply can write this record. An
apply that finds it submits the statement with the same token: Redshift then returns how it ended, and starts it only if
it never started. After eight hours Redshift forgets the token, and an operator has to check.
https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html (considerations when calling it)
"""

import time

from relay.data_api import Statement
from relay.errors import RelayError
from relay.log import log
from relay.names import client_token
from relay.redaction import redact
from warehouse_objects.files import SqlFile
from warehouse_objects.guarded_transaction import run_guarded
from warehouse_objects.history import Begun, History, HistoryTable
from warehouse_objects.runner import CONTINUE, ObjectsFailed, Runner

KNOWN_MINUTES = 7 * 60
"""How long the record of a beginning is trusted: an hour less than Redshift keeps the token."""


class OutcomeUnknown(RelayError):
    """A file began, and Redshift no longer knows whether it took effect."""


def run_nontransactional(runner: Runner, table: HistoryTable, history: History, file: SqlFile) -> Statement:
    """Runs the file unless it has already run, and returns its last state, good or bad. Raises RelayError.

    A record of its beginning must have passed `check_outcome_known`. HistoryChanged: another apply began it.
    """
    if begun := history.begun.get(file.name):
        ended = runner.run_nontransactional(file.sql, file.name, begun.token)
        if ended.status == "FINISHED":
            _write_history(runner, table, table.record_ran(file, begun.token))
            return ended
        log("INFO", "file began before and failed, retrying", file=file.name, status=ended.status)
    token = client_token(runner.prefix, file.name, file.checksum, str(time.time_ns()))
    claim = [table.delete([file]), table.record_begun(file, token)]
    _check_written(run_guarded(runner, table, history, [file], claim, CONTINUE))
    ended = runner.run_nontransactional(file.sql, file.name, token)
    if ended.status == "FINISHED":
        _write_history(runner, table, table.record_ran(file, token))
        return ended
    try:
        _write_history(runner, table, table.forget_begun(file, token))
    except RelayError as error:
        # The next apply finds the record, and learns from Redshift that the file failed.
        log("ERROR", "history not cleared", file=file.name, reason=str(error))
    return ended


def check_outcome_known(table: HistoryTable, file: SqlFile, begun: Begun) -> None:
    """Raises OutcomeUnknown if the token no longer tells, even if the file is no longer nontransactional."""
    check = f"check in the warehouse whether it took effect, record the result, and apply again:\n{table.by_hand(file)}"
    if begun.checksum != file.checksum:
        changed = f"{file.name} was changed after an apply began it without seeing its end"
        raise OutcomeUnknown(f"{changed}. Restore it and apply again. To skip it, {check}")
    if begun.minutes_ago >= KNOWN_MINUTES:
        began = f"an apply began it {begun.minutes_ago // 60} hours ago without seeing its end"
        raise OutcomeUnknown(f"{file.name}: {began}, and Redshift no longer knows its outcome. To go on, {check}")


def _write_history(runner: Runner, table: HistoryTable, sql: str) -> None:
    _check_written(runner.run_transaction([table.lock, sql], CONTINUE))


def _check_written(ended: Statement) -> None:
    if ended.status != "FINISHED":
        raise ObjectsFailed(f"the history of objects cannot be written: {redact(ended.error) or ended.status}")
