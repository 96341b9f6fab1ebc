"""Computing on many objects beside the service's other work.

A file of 100,000 rows becomes a million objects that all stay until it is written. Python's
garbage collector walks them again and again as they arrive, and stops everybody while it does:
measured, it took half of an import and 0.7 s at a time. None of them is garbage, so it is kept
away while they are made, and is told to leave them alone until the import ends.
"""

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def many_objects() -> Iterator[None]:
    """Around everything that keeps what `compute` makes; at its end the collector knows all."""
    try:
        yield
    finally:
        gc.unfreeze()


def leave_alone() -> None:
    """Tell the collector that what lives now is no garbage."""
    gc.freeze()


async def compute(work: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Run something without I/O in a thread, undisturbed; what lives then is left alone.

    Two imports at a time may end each other's quiet, which costs time and nothing else.
    """
    return await asyncio.to_thread(_undisturbed, work, *args, **kwargs)


def _undisturbed(work: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return work(*args, **kwargs)
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
