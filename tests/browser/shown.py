"""An answer of given columns and rows on the page."""

from collections.abc import Mapping, Sequence

from tests.browser.console_page import ConsolePage
from tests.browser.fake_gateway import FakeGateway
from tests.browser.sample_answers import Result
from websocket_gateway.protocol.rows import Cell, Column


def show(
    console: ConsolePage, gateway: FakeGateway, columns: Mapping[str, str], rows: Sequence[Sequence[Cell]]
) -> None:
    """Asks a question that is answered with these rows; columns are names with Redshift's types."""
    result = Result([Column(name, kind) for name, kind in columns.items()], [list(row) for row in rows])
    gateway.play.results["monthly_volume"] = result
    console.open("#/monthly_volume")
    console.wait_complete(len(rows))
