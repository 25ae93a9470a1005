"""WaitTimeSeconds: the answer of a request that waits for the end of a statement.

https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-considerations-long-polling.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from local_cloud.redshift_data.statements.statement import Part

Answer = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Waiting:
    """A request that is answered when `part` has ended, or after `seconds`. No thread waits meanwhile."""

    part: Part
    seconds: float
    answer: Callable[[], Answer]
    end: Callable[[], None]

    async def wait(self) -> None:
        """Returns when the answer is due."""
        try:
            await asyncio.wait([asyncio.wrap_future(self.part.done)], timeout=self.seconds)
        finally:
            self.end()
