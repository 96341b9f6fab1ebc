"""Follows EVENTS for as long as the process lives and hands every event to the hub."""

import asyncio
import contextlib

import structlog

from lineside_gateway.handlers import frames
from lineside_gateway.handlers.hub import Hub
from lineside_gateway.store import measures
from lineside_gateway.store.event_log import AWAY, EventLog

RETRY_SECONDS = 0.5

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
    async with contextlib.aclosing(log.after(hub.position or 0)) as batches:
        async for batch in batches:
            for entry in batch:
                measures.EVENTS.inc()
                hub.deliver(entry.sequence, frames.frame_of(entry) if hub.count else None)
