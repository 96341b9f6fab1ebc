"""Many WebSocket clients in a process of their own, which note when frames come and do little else.

    python -m benchmarks.floor_listeners HOST PORT COUNT < token

Started by `floor_live`. Says `ready` when every client has subscribed; at a line on its standard
input it prints, as JSON, when which log was told to how many clients, and ends. The protocol is
spoken by hand (RFC 6455): a library would spend more on a frame than the system under test.
"""

import asyncio
import base64
import json
import os
import re
import sys
import time
from collections.abc import Iterator

MARK = re.compile(rb'"notes":"bench-(\d+)"')
"""How a log of the benchmark is known in its frame."""

FIN_TEXT = 0x81
PONG = 0x8A
PING = 0x9
TEXT = 0x1
MASKED = 0x80
SMALL, MEDIUM = 126, 127
PATTERNS = ["production_log.recorded"]
AT_ONCE = 50
"""Handshakes under way at a time."""


class Listener(asyncio.Protocol):
    """One client: shakes hands, subscribes, and notes every frame's arrival.

    Attributes:
        subscribed: Set when the gateway has said so.
        arrivals: Number of the log and the instant (`time.perf_counter`, the same in all processes
            of a machine).
    """

    def __init__(self, host: str, token: str) -> None:
        self.subscribed = asyncio.Event()
        self.arrivals: list[tuple[int, float]] = []
        self._host, self._token = host, token
        self._buffer = b""
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        self._write(
            f"GET /ws HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Take what came, as soon as it came."""
        at = time.perf_counter()
        self._buffer += data
        if not self._is_open:
            self._open()
        for opcode, content in self._frames():
            self._take(opcode, content, at)

    def _open(self) -> None:
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise SystemExit(f"no WebSocket: {head.decode(errors='replace')}")
        self._is_open, self._buffer = True, rest
        self._write(_frame(FIN_TEXT, json.dumps({"token": self._token}).encode()))
        self._write(_frame(FIN_TEXT, json.dumps({"subscribe": PATTERNS}).encode()))

    def _take(self, opcode: int, content: bytes, at: float) -> None:
        if opcode == PING:
            self._write(_frame(PONG, content))
        elif opcode == TEXT and (found := MARK.search(content)):
            self.arrivals.append((int(found.group(1)), at))
        elif opcode == TEXT and b'"subscribed"' in content:
            self.subscribed.set()
        elif opcode == TEXT and b'"problem"' in content:
            raise SystemExit(content.decode())

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        while self._is_open and (frame := _first(self._buffer)) is not None:
            opcode, content, size = frame
            self._buffer = self._buffer[size:]
            yield opcode, content

    def _write(self, data: bytes) -> None:
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.write(data)


def _first(buffer: bytes) -> tuple[int, bytes, int] | None:
    """The first whole frame: its kind, its content, its size; None while it is not whole."""
    if len(buffer) < 2:
        return None
    length, begins = buffer[1] & 0x7F, 2
    if length >= SMALL:
        begins = 4 if length == SMALL else 10
        length = int.from_bytes(buffer[2:begins], "big")
    if len(buffer) < begins + length:
        return None
    return buffer[0] & 0x0F, buffer[begins : begins + length], begins + length


def _frame(kind: int, content: bytes) -> bytes:
    """A client's frame, masked with zeros."""
    size = len(content)
    if size < SMALL:
        return bytes((kind, MASKED | size)) + bytes(4) + content
    return bytes((kind, MASKED | SMALL)) + size.to_bytes(2, "big") + bytes(4) + content


async def listen(host: str, port: int, count: int, token: str) -> None:
    """Connect all clients, wait for the end, tell what came."""
    loop = asyncio.get_running_loop()
    listeners = [Listener(f"{host}:{port}", token) for _ in range(count)]
    for first in range(0, count, AT_ONCE):
        some = listeners[first : first + AT_ONCE]
        await asyncio.gather(*(_connect(loop, each, host, port) for each in some))
        await asyncio.gather(*(each.subscribed.wait() for each in some))
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    arrivals: dict[int, list[float]] = {}
    for each in listeners:
        for number, at in each.arrivals:
            arrivals.setdefault(number, []).append(at)
    print(json.dumps(arrivals), flush=True)


async def _connect(
    loop: asyncio.AbstractEventLoop, listener: Listener, host: str, port: int
) -> None:
    await loop.create_connection(lambda: listener, host, port)


def main() -> None:
    host, port, count = sys.argv[1:4]
    asyncio.run(listen(host, int(port), int(count), sys.stdin.readline().strip()))


if __name__ == "__main__":
    main()
