"""Waiting that ends when the service does."""

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")

AGAIN_SECONDS = 1.0


async def within(stop: asyncio.Event, seconds: float) -> bool:
    """Wait some seconds; True at once when the stop comes."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return False
    return True


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Do a piece of work; None when the stop came first, and the work is cancelled.

    Raises:
        Exception: What the work raised.
    """
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        stopping.cancel()
        if not working.done():
            await cancel([working])


async def cancel(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    """Cancel until it takes: on Python 3.11 `wait_for`, in drivers too, may swallow one."""
    tasks = list(tasks)
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _done, left = await asyncio.wait(left, timeout=AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
