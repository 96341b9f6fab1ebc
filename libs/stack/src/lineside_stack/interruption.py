"""SIGINT and SIGTERM as an event, also while something is still starting."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager


class Interrupted(Exception):  # noqa: N818 -- not an error
    """We were told to stop before everything was there."""


def stop_event() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


@asynccontextmanager
async def unless_stopped(
    context: AbstractAsyncContextManager[None], stop: asyncio.Event
) -> AsyncIterator[None]:
    """Enter a context, or leave it half-way when told to stop.

    Raises:
        Interrupted: Told to stop before it was entered; what had started is ended again.
    """
    entering = asyncio.ensure_future(context.__aenter__())
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({entering, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not entering.done():
        entering.cancel()
        await asyncio.gather(entering, return_exceptions=True)
        raise Interrupted
    entering.result()
    try:
        yield
    except BaseException as error:
        await context.__aexit__(type(error), error, error.__traceback__)
        raise
    else:
        await context.__aexit__(None, None, None)
