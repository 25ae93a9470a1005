"""Runs a file outside a transaction, so that it takes effect once although its history cannot be written with it.

Before it runs, the history notes that it is begun, and with which ClientToken. Who finds that note later submits the
statement with the same token: Redshift then tells how it ended, and starts it only if it never started. After eight
hours the token is forgotten, and a person has to look.
https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html (considerations when calling it)
"""

import time

from relay.data_api import Statement
from relay.errors import RelayError
from relay.log import log
from relay.names import client_token
from warehouse_objects.files import SqlFile
from warehouse_objects.history import Begun, HistoryTable
from warehouse_objects.runner import GO_ON, ObjectsFailed, Runner

KNOWN_MINUTES = 7 * 60
"""How long the note of a beginning is trusted: an hour less than Redshift remembers the token."""


class OutcomeUnknown(RelayError):
    """A file was begun, and nobody can tell any more whether it took effect."""


def run_alone(runner: Runner, table: HistoryTable, file: SqlFile, begun: Begun | None) -> Statement:
    """Runs the file unless it turns out that it ran, and returns its end, good or bad. Raises RelayError.

    A note of its beginning must have passed `check`.
    """
    if begun:
        ended = runner.alone(file.sql, file.name, begun.token)
        if ended.status == "FINISHED":
            _note(runner, table.forget([file]), table.remember([file]))
            return ended
        log("INFO", "begun before, and failed: once more", file=file.name, status=ended.status)
    token = client_token(runner.prefix, file.name, file.checksum, str(time.time_ns()))
    _note(runner, table.create, table.forget([file]), table.begin(file, token))
    ended = runner.alone(file.sql, file.name, token)
    if ended.status == "FINISHED":
        _note(runner, table.forget([file]), table.remember([file]))
        return ended
    try:
        _note(runner, table.forget([file]))
    except RelayError as error:
        # The next apply finds the note, and hears from Redshift that it failed.
        log("ERROR", "the note of a beginning stays", file=file.name, reason=str(error))
    return ended


def check(table: HistoryTable, file: SqlFile, begun: Begun) -> None:
    """Raises OutcomeUnknown where the token cannot tell any more, also of a file that shall no longer run alone."""
    look = f"Look in the warehouse whether it took effect, write down what you see, apply again:\n{table.by_hand(file)}"
    if begun.checksum != file.checksum:
        changed = f"{file.name} was changed after an apply began it and did not see its end"
        raise OutcomeUnknown(f"{changed}: restore it and apply again. If it shall not run any more: {look}")
    if begun.minutes_ago >= KNOWN_MINUTES:
        began = f"an apply began it {begun.minutes_ago // 60} hours ago and did not see its end"
        raise OutcomeUnknown(f"{file.name}: {began}, and Redshift no longer tells. {look}")


def _note(runner: Runner, *sqls: str) -> None:
    ended = runner.together(sqls, GO_ON)
    if ended.status != "FINISHED":
        raise ObjectsFailed(f"the history of objects cannot be written: {ended.error or ended.status}")
