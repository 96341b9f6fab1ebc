"""Follows EVENTS while somebody listens and hands every event to the hub.

While nobody does, it only notes where the stream's end is.
"""

import asyncio
import contextlib

import structlog

from lineside_gateway.handlers import frames
from lineside_gateway.handlers.hub import Hub
from lineside_gateway.store import measures
from lineside_gateway.store.event_log import AWAY, EventLog

RETRY_SECONDS = 0.5
SKIP_SECONDS = 0.2
"""So old may the position be at which a client joins that does not resume."""

_log = structlog.get_logger()


async def follow(hub: Hub, log: EventLog) -> None:
    """Follow from now on; after an outage from where it was, so that clients notice nothing."""
    while True:
        try:
            await _follow(hub, log)
        except AWAY as error:
            _log.warning("cannot follow events", error=str(error) or type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)


async def _follow(hub: Hub, log: EventLog) -> None:
    last = (await log.bounds()).last
    if hub.position is None or hub.position > last:
        hub.begin(last)
    while True:
        await _skip_until_wanted(hub, log)
        await _deliver_while_wanted(hub, log)


async def _skip_until_wanted(hub: Hub, log: EventLog) -> None:
    while not hub.count:
        hub.skip_to((await log.bounds()).last)
        await hub.wanted(seconds=SKIP_SECONDS)


async def _deliver_while_wanted(hub: Hub, log: EventLog) -> None:
    async with contextlib.aclosing(log.after(hub.position or 0)) as batches:
        async for batch in batches:
            for entry in batch:
                measures.EVENTS.inc()
                hub.deliver(entry.sequence, frames.frame_of(entry))
            if not hub.count:
                return
