"""How far an import is, as the service that loads it tells on core NATS.

The subject is `import_progress.<object name>`, the body JSON with phase, done_count, total_count.
Nothing is kept: whoever does not listen hears nothing.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import nats.errors
from nats.aio.msg import Msg

from lineside_contracts import streams
from lineside_gateway.domain import refusals
from lineside_gateway.store.services import Connection


class News:
    """The newest progress; what a slow reader did not take in time is gone."""

    def __init__(self) -> None:
        self._newest: bytes | None = None
        self._changed = asyncio.Event()
        self._ended = False

    async def hear(self, message: Msg) -> None:
        """Take what was told."""
        self._newest = message.data
        self._changed.set()

    def end(self) -> None:
        """Nothing more will come."""
        self._ended = True
        self._changed.set()

    async def told(self) -> AsyncIterator[bytes]:
        """Read until the end; what was told last before it is read as well."""
        while not self._ended:
            await self._changed.wait()
            self._changed.clear()
            newest, self._newest = self._newest, None
            if newest is not None:
                yield newest


class Progress:
    """Hears of imports."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextlib.asynccontextmanager
    async def followed(self, name: str) -> AsyncIterator[News]:
        """Listen for the progress of an object's import while the block runs.

        Raises:
            Refused: The broker cannot be reached.
        """
        news = News()
        subject = f"{streams.IMPORT_PROGRESS_PREFIX}.{name.replace('/', '.')}"
        try:
            subscription = await self._connection.client().subscribe(subject, cb=news.hear)
        except (nats.errors.Error, OSError):
            raise refusals.unavailable("The file cannot be taken in now; try again soon.") from None
        try:
            yield news
        finally:
            with contextlib.suppress(nats.errors.Error, OSError):
                await subscription.unsubscribe()
