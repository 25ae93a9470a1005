"""Everybody's turn: one chain of messages at a time visits all live questions, ten a message.

The item says where the chain is, which version it brings, and whether a later one is wanted by now.
"""

import secrets
import time
from dataclasses import dataclass

from websocket_gateway.storage.keys import TURN
from websocket_gateway.storage.table import Table

LEASE_SECONDS = 60
"""How long a chain may be silent before another begins: a message is then lost, or its function was killed."""


START = "0||"
"""The cursor before all live questions: the number of an index key, and the item after which to go on."""
OWNED = "#chain = :chain AND #step = :step"
"""A message is the latest of the chain that is at work."""


@dataclass(frozen=True)
class Turn:
    """Message number `step` of a chain: the live questions before `cursor` have had their turn."""

    chain: str
    step: int
    cursor: str


class Turns:
    """The chain in the table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def begin(self, version: int) -> Turn | None:
        """Begins a chain; None if one is at work, which visits everybody again if the version is later than its own."""
        while True:
            now, chain = int(time.time()), secrets.token_hex(8)
            begun = self._table.update(
                TURN,
                "SET #chain = :chain, #step = :step, #lease = :until, #target = :version, #wanted = :version",
                {":chain": chain, ":step": 0, ":until": now + LEASE_SECONDS, ":version": version, ":now": now},
                condition="attribute_not_exists(#chain) OR #lease <= :now",
            )
            if begun:
                return Turn(chain, 0, START)
            # It may end at this moment: then the next try begins another.
            change, condition = "SET #wanted = :version", "attribute_exists(#chain) AND #wanted < :version"
            if self._table.update(TURN, change, {":version": version}, condition=condition):
                return None
            item = self._table.get(TURN)
            if item and "chain" in item and item["wanted"] >= version:
                return None

    def is_next(self, turn: Turn) -> bool:
        """Whether a message is the latest of the chain; one that comes twice is not."""
        item = self._table.get(TURN)
        return item is not None and item.get("chain") == turn.chain and item.get("step") == turn.step

    def go_on(self, turn: Turn, cursor: str) -> Turn | None:
        """The next turn of the chain; None if another message has taken it already."""
        return self._step(turn, cursor, "SET #step = :next, #lease = :until")

    def _step(self, turn: Turn, cursor: str, change: str) -> Turn | None:
        following = Turn(turn.chain, turn.step + 1, cursor)
        given = {
            ":next": following.step,
            ":until": int(time.time()) + LEASE_SECONDS,
            ":chain": turn.chain,
            ":step": turn.step,
        }
        return following if self._table.update(TURN, change, given, condition=OWNED) else None

    def end(self, turn: Turn) -> Turn | None:
        """Ends the chain; or begins it again, if a later version is wanted by now."""
        change, given = "REMOVE #chain, #step, #lease", {":chain": turn.chain, ":step": turn.step}
        if self._table.update(TURN, change, given, condition=f"{OWNED} AND #wanted <= #target"):
            return None
        return self._step(turn, START, "SET #target = #wanted, #step = :next, #lease = :until")
