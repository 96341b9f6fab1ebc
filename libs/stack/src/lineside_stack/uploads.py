"""Files handed to the HTTP API, with progress on stderr."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from lineside_stack import api, terminal
from lineside_stack.data_directory import DataDirectory

_CHUNK_BYTES = 256 * 1024


async def send(
    data: DataDirectory,
    path: str,
    file: Path,
    *,
    media_type: str,
    role: str,
    tenant: UUID,
    **query: str,
) -> dict[str, Any]:
    """Send a file as the demo user of a role; returns the report.

    Raises:
        RefusedError: The API did not take it.
    """
    size = await asyncio.to_thread(lambda: file.stat().st_size)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    hidden = not terminal.err.is_terminal
    with Progress(*columns, console=terminal.err, transient=True, disable=hidden) as progress:
        task = progress.add_task(file.name, total=size)
        async with api.connect(data, role=role, tenant_id=tenant) as gateway:
            report: dict[str, Any] = await gateway.send(
                path, _chunks(file, progress, task), media_type=media_type, **query
            )
    return report


async def _chunks(file: Path, progress: Progress, task: TaskID) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(file.open, "rb") as source:
        while chunk := await asyncio.to_thread(source.read, _CHUNK_BYTES):
            yield chunk
            progress.advance(task, len(chunk))
    progress.update(task, description=f"{file.name} is being checked and loaded")
