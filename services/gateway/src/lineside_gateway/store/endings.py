"""Ending tasks that talk to the broker, for certain."""

import asyncio
from collections.abc import Collection
from typing import Any

AGAIN_SECONDS = 0.2


async def end(tasks: Collection["asyncio.Task[Any]"]) -> None:
    """Cancel tasks until they have ended.

    Once is not enough: `asyncio.wait_for` of Python 3.11, which nats-py waits with, drops a
    cancellation that comes in the instant in which its own wait is over.
    Source: python/cpython#86296.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _ended, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
    for task in tasks:
        if not task.cancelled():
            task.exception()  # seen, so that nobody reports it as never retrieved
