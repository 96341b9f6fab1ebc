"""The garbage collector, held back while very many objects live that hold no cycles.

The rows of a large file are millions of objects; walking them again and again costs a fourth of the
time and stops the whole service for half a second each time. They are freed without it.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager


def settle() -> None:
    """Take what exists now for permanent: modules, models and routes, once a process is built.

    The collector walks it no more. It is 150,000 objects of a service; a full walk of them stops
    everything for 70 to 80 ms, once in some hundred requests.
    """
    gc.collect()
    gc.freeze()


class _Collector:
    """The process's collector; as many may hold it back as like to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._was_enabled = True

    def hold(self) -> None:
        """Collect nothing from now on."""
        with self._lock:
            if not self._holders:
                self._was_enabled = gc.isenabled()
                gc.disable()
            self._holders += 1

    def let_go(self) -> None:
        """Collect again once nobody holds it."""
        with self._lock:
            self._holders -= 1
            if not self._holders and self._was_enabled:
                gc.enable()


_collector = _Collector()


@contextmanager
def held_back() -> Iterator[None]:
    """Keep the collector from running; for some seconds of work, not for ever."""
    _collector.hold()
    try:
        yield
    finally:
        _collector.let_go()
