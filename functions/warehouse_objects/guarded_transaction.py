"""Runs a transaction in which files run once, whatever other invocations run at the same time.

Ctrl-C and a new apply leave two at work, and the provider has invoked a function more than once for one apply:
https://github.com/hashicorp/terraform-provider-aws/issues/45773
Redshift's default isolation lets both insert (https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html).
So a transaction waits for the history's lock, and then fails unless the rows of its files are still as they were read.
"""

from collections.abc import Sequence

from relay.data_api import Statement
from relay.errors import RelayError
from warehouse_objects.files import SqlFile
from warehouse_objects.history import History, HistoryTable
from warehouse_objects.runner import SPLIT, Runner

OVERHEAD = 2
"""Statements before those of the transaction: LOCK and the guard."""


class HistoryChanged(RelayError):
    """Another apply ran or began a file meanwhile: nothing of this transaction ran. Read the history again."""


def run_guarded(
    runner: Runner,
    table: HistoryTable,
    history: History,
    files: Sequence[SqlFile],
    sqls: Sequence[str],
    advice: str = SPLIT,
) -> Statement:
    """Runs the SQL that belongs to the files and returns its end, good or bad; advises if time runs out.

    Raises HistoryChanged and RelayError.
    """
    ended = runner.run_transaction([table.lock, table.guard(files, history), *sqls], advice)
    if len(ended.parts) >= OVERHEAD and ended.parts[1].status == "FAILED":
        raise HistoryChanged(ended.parts[1].error or ended.error)
    return ended
