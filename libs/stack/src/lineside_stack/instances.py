"""Instances of services: processes of their own, or tasks of this one (tests, debugging)."""

import asyncio
import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from lineside_stack import environment
from lineside_stack.catalogue import ServiceEntry
from lineside_stack.embedded import children
from lineside_stack.failures import StartError

POLL_SECONDS = 0.1
READY_SECONDS = 60
_ANSWER_SECONDS = 5
_OK = 200
Values = Mapping[str, Any]


class Instance(Protocol):
    """One running instance of a service."""

    name: str
    http_port: int

    @property
    def pid(self) -> int | None:
        """Of the process it runs in; None when it has ended."""

    async def stop(self) -> None:
        """Let it finish what it has in hand and end."""

    def failure(self) -> str | None:
        """Why it has ended, if by itself."""

    def state(self) -> dict[str, Any]:
        """What the state file says about it."""


class InProcess:
    """A service as a task of this loop."""

    def __init__(self, entry: ServiceEntry, values: Values) -> None:
        self.name = entry.name
        self.http_port: int = values["http_port"]
        self._stop = asyncio.Event()
        app = importlib.import_module(f"{entry.package}.app")
        settings = importlib.import_module(f"{entry.package}.settings")
        service = app.build(settings.Settings(**values))
        self._task = asyncio.create_task(service.run(self._stop), name=entry.name)

    @property
    def pid(self) -> int | None:
        """Of this process."""
        return None if self._task.done() else os.getpid()

    async def stop(self) -> None:
        """Let it finish what it has in hand and end."""
        self._stop.set()
        await self._task

    def failure(self) -> str | None:
        """Why it has ended, if by itself."""
        if not self._task.done() or self._stop.is_set():
            return None
        return f"{self.name} ended: {self._task.exception()!r}"

    def state(self) -> dict[str, Any]:
        """What the state file says about it."""
        return {"pid": self.pid, "http_port": self.http_port, "restarts": 0, "log": None}


class AsProcess:
    """A service as a process, which may crash and be started again."""

    def __init__(self, entry: ServiceEntry, values: Values, *, log: Path) -> None:
        self.name = entry.name
        self.http_port: int = values["http_port"]
        self.log = log
        self.restarts = 0
        self._package = entry.package
        self._environment = {**environment.inherited(), **environment.of_settings(values)}
        self._process = self._spawn()

    @property
    def pid(self) -> int | None:
        """Of the process; None when it has ended."""
        return self._process.pid if self.returncode is None else None

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs, negative: the signal."""
        return self._process.poll()

    def restart(self) -> None:
        """Start it again after it has ended."""
        self.restarts += 1
        self._process = self._spawn()

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    async def stop(self) -> None:
        """Let it finish what it has in hand and end."""
        await children.stop(self._process)

    def failure(self) -> str | None:
        """Why it has ended, if by itself."""
        if self.returncode is None:
            return None
        return f"{self.name} ended with {self.returncode}:\n{children.tail(self.log)}"

    def state(self) -> dict[str, Any]:
        """What the state file says about it."""
        return {
            "pid": self.pid,
            "http_port": self.http_port,
            "restarts": self.restarts,
            "log": str(self.log),
        }

    def _spawn(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return children.spawn(
                [sys.executable, "-m", self._package], log=log, environment=self._environment
            )


async def wait_until_ready(instance: Instance, *, timeout_seconds: float = READY_SECONDS) -> None:
    """Poll `/ready` until the instance takes work.

    Raises:
        StartError: It ended, or is not ready in time; the message says why.
    """
    said = "no answer"
    for _ in range(int(timeout_seconds / POLL_SECONDS)):
        failure = instance.failure()
        if failure:
            raise StartError(failure)
        try:
            status, said = await _ask_ready(instance.http_port)
        except (OSError, ValueError, TimeoutError) as error:
            said = str(error) or type(error).__name__
        else:
            if status == _OK:
                return
        await asyncio.sleep(POLL_SECONDS)
    raise StartError(f"{instance.name} is not ready after {timeout_seconds} s: {said}")


async def _ask_ready(port: int) -> tuple[int, str]:
    """A bare request: loading an HTTP client would cost more than a service's start may."""
    async with asyncio.timeout(_ANSWER_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = await reader.read()
        finally:
            writer.close()
    head, _, body = answer.decode(errors="replace").partition("\r\n\r\n")
    return int(head.split(" ")[1] if head else 0), body
