"""The screen on the demonstration's wall: a WebSocket client that prints what happens."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from rich.console import Console

from lineside_stack import event_lines, live_events
from lineside_stack.live_events import Frame, Subscription
from lineside_stack.terminal import Say

PATTERNS = (
    "work_order.status_changed",
    "production_log.recorded",
    "lane.*",
    "material.consumed",
    "production_order.status_changed",
    "production_order.completed",
    "delivery_prediction.updated",
    "oee.calculated",
)
CONNECT_SECONDS = 1.0
LAST_WORDS_SECONDS = 0.5
"""Events are told within milliseconds; what the last report caused takes some steps."""


@asynccontextmanager
async def printing(
    subscription: Subscription, *, console: Console, say: Say
) -> AsyncIterator[None]:
    """Print the events of this block, and those that follow from its end."""

    async def show() -> None:
        async with contextlib.aclosing(live_events.follow(subscription, tell=say)) as frames:
            async for frame in frames:
                if _is_telling(frame):
                    console.print(event_lines.line(frame))

    showing = asyncio.create_task(show())
    await asyncio.sleep(CONNECT_SECONDS)
    try:
        yield
        await asyncio.sleep(LAST_WORDS_SECONDS)
    finally:
        showing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await showing


def _is_telling(frame: Frame) -> bool:
    """Effectiveness is calculated for every shift a lane was at work; many know no piece yet."""
    return frame["event"] != "oee_calculated" or Decimal(frame["data"]["performance"] or 0) > 0
