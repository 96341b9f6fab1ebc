"""Has a regeneration computed outside the event loop: small ones in a thread, others in a process.

A process leaves the loop its interpreter; it is worth its start from some ten thousand rows on.
Cancelling the task that waits here ends either.
"""

import asyncio
import sys
from dataclasses import dataclass, field

import orjson

from lineside_planning.mrp.jobs import worker
from lineside_planning.mrp.store import computing
from lineside_planning.mrp.store.computing import Computed

SMALL_BYTES = 200_000
"""Questions up to this size take a thread less time than a process takes to start."""

_ERROR_LINES = 5
_READ_BYTES = 1024 * 1024


class WorkerFailed(Exception):  # noqa: N818 -- told as a run's reason
    """The process that computes ended without an answer."""


@dataclass(slots=True)
class Progress:
    """How far a computation is, written by it and read by whoever tells of it."""

    items_done: int = 0
    items_total: int = 0
    is_cancelled: bool = False
    errors: list[str] = field(default_factory=list)

    def tell(self, done: int, total: int) -> None:
        """Note how far it is."""
        self.items_done, self.items_total = done, total


async def compute(question: bytes, progress: Progress) -> Computed:
    """Compute a regeneration.

    Args:
        question: As `computing.compute` wants it.
        progress: Kept up to date meanwhile.

    Returns:
        The outcome.

    Raises:
        WorkerFailed: The process ended without an answer.
        CancelledError: The task was cancelled, and with it the computation.
    """
    if len(question) <= SMALL_BYTES:
        return await _in_thread(question, progress)
    return await _in_process(question, progress)


async def _in_thread(question: bytes, progress: Progress) -> Computed:
    try:
        found = await asyncio.to_thread(
            computing.compute,
            question,
            on_progress=progress.tell,
            is_cancelled=lambda: progress.is_cancelled,
        )
    finally:
        progress.is_cancelled = True
    if found is None:
        raise WorkerFailed("it was cancelled")
    return found


async def _in_process(question: bytes, progress: Progress) -> Computed:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", worker.__name__, stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        _, answer, _ = await asyncio.gather(
            _ask(process, question), _answer(process), _follow(process, progress)
        )
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if code:
        raise WorkerFailed("; ".join(progress.errors[-_ERROR_LINES:]) or f"exit code {code}")
    return await asyncio.to_thread(worker.read, answer.splitlines())


async def _ask(process: asyncio.subprocess.Process, question: bytes) -> None:
    """A process that has ended already does not read; its exit code says so."""
    stdin = process.stdin
    if stdin is None:
        return
    stdin.write(question)
    stdin.close()


async def _answer(process: asyncio.subprocess.Process) -> bytes:
    return await process.stdout.read() if process.stdout else b""


async def _follow(process: asyncio.subprocess.Process, progress: Progress) -> None:
    if process.stderr is None:
        return
    async for line in process.stderr:
        text = line.decode(errors="replace").strip()
        if text.startswith("[") and text.endswith("]"):
            progress.tell(*orjson.loads(text))
        else:
            progress.errors.append(text)
