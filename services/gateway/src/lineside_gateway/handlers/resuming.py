"""From a client's last event to the present, without a gap and without a repeat.

The history is read up to where the hub stands. When little is left, the client is attached in the
same step in which the hub's position is read: everything up to that position comes from the
history, everything after it through the client's queue. The queue is emptied after the history.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from lineside_gateway.domain import cursors, live
from lineside_gateway.domain.cursors import Cursor, Lost
from lineside_gateway.handlers import frames
from lineside_gateway.handlers.hub import Client, Hub
from lineside_gateway.store.event_log import AWAY, EventLog

NEAR = 200
"""So few events of history may be left when the client is attached: its queue is bounded."""
RETRY_SECONDS = 0.5

Send = Callable[[str], Awaitable[None]]


async def judge(text: str, log: EventLog) -> Cursor | Lost:
    """Find the place a client wants to resume from, or why that is not possible.

    Raises:
        nats.errors.Error, TimeoutError, OSError, Refused: The stream cannot be asked now.
    """
    cursor = cursors.parse(text)
    if cursor is None:
        return Lost.MALFORMED
    bounds = await log.bounds()
    lost = cursors.lost(cursor, bounds)
    if lost is not None:
        return lost
    if cursor.event_id is None or cursor.sequence < bounds.first:
        return cursor
    found = await log.event_id_at(cursor.sequence)
    return cursor if found == str(cursor.event_id) else Lost.UNKNOWN


async def replay(client: Client, cursor: Cursor, send: Send, *, hub: Hub, log: EventLog) -> None:
    """Send a client everything after its cursor and attach it to the hub on the way."""
    after = cursor.sequence
    while (target := await hub.started()) - after > NEAR:
        await _send_history(client, after, target, send, log=log)
        after = target
    position = join(client, after, hub=hub)
    await _send_history(client, after, position, send, log=log)


def join(client: Client, after: int, *, hub: Hub) -> int:
    """Attach a client at the hub's position; without an await, so that nothing comes between."""
    position = hub.position or 0
    client.after = max(after, position)
    hub.attach(client)
    return position


async def _send_history(
    client: Client, after: int, until: int, send: Send, *, log: EventLog
) -> None:
    """Send what lies after one place up to another; an outage is waited out."""
    subjects = live.subjects_of(client.view.identity)
    last = after
    while last < until and subjects:
        try:
            between = log.between(last, until, subjects=subjects)
            async with contextlib.aclosing(between) as entries:
                async for entry in entries:
                    frame = frames.frame_of(entry)
                    if frame is not None and client.view.shows(frame.event):
                        await send(frame.text)
                    last = entry.sequence
        except AWAY:
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return
