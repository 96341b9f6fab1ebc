"""Leaves the rest of the service its turn: planning never takes more than a share of the time.

Under load batches then grow instead, and one re-planning serves more events; alone, an event waits
a few milliseconds at most.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

REST = 2.0
"""So many times as long as the last planning took: a third of the time at most is planning's."""

MOST_SECONDS = 2.0
"""The longest rest: a plant whose every batch is large must get through as well."""


class Pace:
    """Keeps one consumer from planning without a pause."""

    def __init__(self) -> None:
        self._rested_at = 0.0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until the last planning is rested from, and measure this one."""
        time = asyncio.get_running_loop().time
        await asyncio.sleep(max(self._rested_at - time(), 0))
        begun = time()
        try:
            yield
        finally:
            self._rested_at = time() + min((time() - begun) * REST, MOST_SECONDS)
