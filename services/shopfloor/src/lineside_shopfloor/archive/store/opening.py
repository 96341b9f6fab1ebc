"""Opens archives with DuckDB, which is loaded by the first who reads one."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lineside_chassis import leading

if TYPE_CHECKING:
    from lineside_shopfloor.archive.store.reading import Session

T = TypeVar("T")


@asynccontextmanager
async def opened(paths: Sequence[Path]) -> AsyncIterator["Session"]:
    """A session for some files; what it is asked, it reads beside the event loop (`read`)."""
    session = await asyncio.to_thread(_session, paths)
    try:
        yield session
    finally:
        await asyncio.to_thread(session.close)


async def read(session: "Session", question: Callable[[], T]) -> T:
    """Ask outside the event loop; whoever no longer waits ends the question.

    Raises:
        ArchiveDamaged: A file cannot be read.
    """
    return await leading.whole(asyncio.to_thread(question), on_cancel=session.interrupt)


def _session(paths: Sequence[Path]) -> "Session":
    from lineside_shopfloor.archive.store import reading  # noqa: PLC0415 -- memory

    return reading.Session(paths)
