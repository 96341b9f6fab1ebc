"""Child processes: started in a session of their own, stopped in order, never left behind.

A terminal's Ctrl-C reaches only us, so that we decide who stops first; if we are killed, Linux
sends the children their stop signal.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lineside_stack.failures import StartError

POLL_SECONDS = 0.02
_PR_SET_PDEATHSIG = 1
"""Source: prctl(2)."""


@dataclass(frozen=True)
class UnixUser:
    """An operating system user to run as."""

    uid: int
    gid: int


def spawn(
    command: Sequence[str | Path],
    *,
    log: IO[bytes],
    user: UnixUser | None = None,
    environment: Mapping[str, str] | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    directory: Path | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a child whose output goes to a log file.

    Args:
        command: Program and arguments.
        log: Open file for its standard output and error.
        user: Whom to run as, when we are root and it must not be.
        environment: All of its environment; ours when None.
        stop_signal: What it gets from the kernel when we die.
        directory: Where it runs.
    """
    return subprocess.Popen(  # noqa: S603 -- no threads run yet; the programs are our own
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=dict(environment) if environment is not None else None,
        cwd=directory,
        start_new_session=True,
        preexec_fn=_dies_with_parent(stop_signal),  # noqa: PLW1509 -- one system call, no locks
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
    )


async def wait_until(
    is_ready: Callable[[], bool],
    process: "subprocess.Popen[bytes]",
    *,
    log: Path,
    timeout_seconds: float = 30,
) -> None:
    """Wait until a child answers.

    Raises:
        StartError: It ended, or the time is over.
    """
    for _ in range(int(timeout_seconds / POLL_SECONDS)):
        if is_ready():
            return
        if process.poll() is not None:
            raise StartError(f"{process.args!r} ended at once:\n{tail(log)}")
        await asyncio.sleep(POLL_SECONDS)
    raise StartError(f"{process.args!r} does not answer:\n{tail(log)}")


async def ended(process: "subprocess.Popen[bytes]") -> int:
    """Wait for a child to end by itself; returns its exit code."""
    while (code := process.poll()) is None:  # noqa: ASYNC110 -- nobody can tell us
        await asyncio.sleep(POLL_SECONDS)
    return code


async def stop(
    process: "subprocess.Popen[bytes]",
    *,
    stop_signal: signal.Signals = signal.SIGTERM,
    timeout_seconds: float = 25,
) -> None:
    """Ask a child to end; kill it when it does not within the time."""
    if process.poll() is not None:
        return
    process.send_signal(stop_signal)
    for _ in range(int(timeout_seconds / POLL_SECONDS)):
        if process.poll() is not None:
            return
        await asyncio.sleep(POLL_SECONDS)
    process.kill()
    process.wait()


def tail(log: Path, *, lines: int = 20) -> str:
    """The end of a log file; empty when there is none."""
    with contextlib.suppress(FileNotFoundError):
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    return ""


def free_port() -> int:
    """Find a TCP port nobody listens on, on 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_free(port: int) -> bool:
    """Tell whether we could listen on a port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def make_reachable(path: Path) -> None:
    """Let other users pass through the folders above a path (they still cannot list them)."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o011)


def _dies_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    parent = os.getpid()
    libc = ctypes.CDLL(None, use_errno=True)

    def ask_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel
