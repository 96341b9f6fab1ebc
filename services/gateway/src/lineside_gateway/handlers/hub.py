"""Fan-out: one follower's events to the clients of their tenant, none of whom can hold it up."""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from uuid import UUID

from lineside_gateway.domain.live import View
from lineside_gateway.handlers.frames import Frame

LOOKS = 4
"""So often within the time that a message may take is looked whether it left."""


class TooSlow(Exception):  # noqa: N818 -- a verdict about the client
    """A client takes messages more slowly than they come: it is cut off and may resume."""


@dataclass(eq=False)
class Client:
    """One connected client and what waits for it.

    Attributes:
        after: The last sequence that it has or will have without the hub.
        sending_since: When the message began to leave that has not left yet, by the loop's clock.
    """

    view: View
    frames_limit: int
    bytes_limit: int
    after: int = 0
    sending_since: float | None = None
    _waiting: deque[str] = field(default_factory=deque)
    _size: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _overrun: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, frame: Frame) -> None:
        """Queue an event if the client wants it; too much makes the client too slow."""
        if frame.sequence <= self.after or not self.view.shows(frame.event):
            return
        self._waiting.append(frame.text)
        self._size += len(frame.text)
        self._changed.set()
        if len(self._waiting) > self.frames_limit or self._size > self.bytes_limit:
            self.cut_off()

    def cut_off(self) -> None:
        """Give up on the client: whatever waits for it is dropped."""
        self._waiting.clear()
        self._overrun.set()

    async def next(self) -> str:
        """Wait for the next message."""
        while not self._waiting:
            self._changed.clear()
            await self._changed.wait()
        text = self._waiting.popleft()
        self._size -= len(text)
        return text

    async def watch(self, *, seconds: float) -> None:
        """Wait until the client is given up, because too much waits or one message for so long.

        A look now and then costs less than a timer for each message.

        Raises:
            TooSlow: It is.
        """
        now = asyncio.get_running_loop().time
        while not self._overrun.is_set():
            if self.sending_since is not None and now() - self.sending_since > seconds:
                break
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds / LOOKS):
                    await self._overrun.wait()
        raise TooSlow


class Hub:
    """The clients of this process, by tenant.

    Attributes:
        position: The last sequence that was offered to the clients; None before the first.
    """

    def __init__(self) -> None:
        self.position: int | None = None
        self._clients: dict[UUID, set[Client]] = {}
        self._ready = asyncio.Event()
        self._wanted = asyncio.Event()
        self._count = 0

    @property
    def count(self) -> int:
        """How many clients are attached."""
        return self._count

    async def started(self) -> int:
        """Wait for the follower to have begun; tell the position."""
        while self.position is None:
            await self._ready.wait()
        return self.position

    async def wanted(self, *, seconds: float) -> None:
        """Wait until a client is attached, but not longer than this."""
        try:
            await asyncio.wait_for(self._wanted.wait(), seconds)
        except TimeoutError:
            return

    def skip_to(self, position: int) -> None:
        """Move on without reading, as long as nobody is attached who would miss it."""
        if not self._count and self.position is not None:
            self.position = max(self.position, position)

    def begin(self, position: int) -> None:
        """Note where the follower begins; clients of an earlier beginning must resume."""
        for client in self._everybody():
            client.cut_off()
        self.position = position
        self._ready.set()

    def deliver(self, sequence: int, frame: Frame | None) -> None:
        """Offer an event to everybody and move on."""
        if frame is not None:
            for client in self._clients.get(frame.event.tenant_id, ()):
                client.offer(frame)
        self.position = sequence

    def attach(self, client: Client) -> None:
        """Let a client have what comes from now on."""
        self._clients.setdefault(client.view.identity.tenant_id, set()).add(client)
        self._count += 1
        self._wanted.set()

    def detach(self, client: Client) -> None:
        """Forget a client."""
        tenant_id = client.view.identity.tenant_id
        clients = self._clients.get(tenant_id, set())
        if client in clients:
            clients.remove(client)
            self._count -= 1
        if not self._count:
            self._wanted.clear()
        if not clients:
            self._clients.pop(tenant_id, None)

    def _everybody(self) -> list[Client]:
        return [client for clients in self._clients.values() for client in clients]
