"""Starts again what has ended by itself: service processes and embedded servers."""

import asyncio
import contextlib
from collections.abc import Callable

from lineside_stack.embedded.nats import EmbeddedNats
from lineside_stack.embedded.postgres import EmbeddedPostgres
from lineside_stack.failures import StartError
from lineside_stack.instances import AsProcess
from lineside_stack.terminal import Say

WATCH_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 0.2
LAST_PAUSE_SECONDS = 10.0
STEADY_SECONDS = 20.0
"""What lived this long starts with the first pause again."""

Changed = Callable[[], None]


async def keep_service_alive(service: AsProcess, *, say: Say, changed: Changed) -> None:
    """Restart a service whenever it ends, until cancelled; the pauses between grow.

    Args:
        service: A started one.
        say: Tells people.
        changed: Called when the process is another one.
    """
    pauses = _Pauses()
    while True:
        await _end_of(lambda: service.returncode)
        pause = pauses.next()
        say(
            f"{service.name} ended ({_cause(service.returncode)}); "
            f"restarting in {pause:g} s, see {service.log}"
        )
        changed()
        await asyncio.sleep(pause)
        service.restart()
        say(f"{service.name} is back as process {service.pid}")
        changed()


async def keep_server_alive(
    name: str, server: EmbeddedPostgres | EmbeddedNats, *, say: Say, changed: Changed
) -> None:
    """Restart an embedded server whenever it ends, on its port, until cancelled."""
    pauses = _Pauses()
    while True:
        await _end_of(lambda: server.returncode)
        pause = pauses.next()
        say(f"{name} ended ({_cause(server.returncode)}); restarting in {pause:g} s")
        await asyncio.sleep(pause)
        with contextlib.suppress(StartError):
            await server.start()
            say(f"{name} is back as process {server.pid}")
        changed()


class _Pauses:
    """How long to wait before the next start: longer after each quick end."""

    def __init__(self) -> None:
        self._seconds = FIRST_PAUSE_SECONDS
        self._last = 0.0

    def next(self) -> float:
        now = asyncio.get_running_loop().time()
        if now - self._last > STEADY_SECONDS:
            self._seconds = FIRST_PAUSE_SECONDS
        self._last = now
        seconds = self._seconds
        self._seconds = min(seconds * 2, LAST_PAUSE_SECONDS)
        return seconds


async def _end_of(returncode: Callable[[], int | None]) -> None:
    while returncode() is None:  # noqa: ASYNC110 -- a child's end is polled for
        await asyncio.sleep(WATCH_SECONDS)


def _cause(code: int | None) -> str:
    if code is None:
        return "unknown"
    return f"signal {-code}" if code < 0 else f"exit code {code}"
