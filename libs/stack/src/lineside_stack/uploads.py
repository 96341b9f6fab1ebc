"""Files handed to the HTTP API, with progress on stderr."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from lineside_contracts import registry
from lineside_stack import api, terminal
from lineside_stack.data_directory import DataDirectory

DOCUMENTS = ("stock", "receipts")
"""Kinds that are loaded below their own address; all others lie under /imports."""

KINDS = (*(kind.path for kind in registry.MASTER_DATA), "routings", "boms", *DOCUMENTS)
"""What can be loaded from CSV."""

_CHUNK_BYTES = 256 * 1024


def address(kind: str) -> str:
    """Tell where a kind of file is handed in."""
    return f"/{kind}/import" if kind in DOCUMENTS else f"/imports/{kind}"


async def send(
    data: DataDirectory,
    path: str,
    file: Path,
    *,
    media_type: str,
    role: str,
    tenant: UUID,
) -> dict[str, Any]:
    """Send a file as the demo user of a role; returns the report.

    Raises:
        RefusedError: The API did not take it.
    """
    async with _shown(file) as upload, api.connect(data, role=role, tenant_id=tenant) as gateway:
        report: dict[str, Any] = await gateway.send(path, upload.chunks(), media_type=media_type)
    return report


async def load(
    data: DataDirectory, kind: str, file: Path, *, tenant: UUID, dry_run: bool
) -> dict[str, Any]:
    """Import a CSV file of a kind as administrator; returns the report.

    Raises:
        RefusedError: The API did not take it.
    """
    query = {"dry_run": "true" if dry_run else "false"}
    async with (
        _shown(file) as upload,
        api.connect(data, role="admin", tenant_id=tenant) as gateway,
    ):
        report: dict[str, Any] = await gateway.load(
            address(kind), upload.chunks(), tell=upload.tell, **query
        )
    return report


@dataclass(frozen=True)
class Upload:
    """A file on its way, with a bar on stderr: bytes as they go, then rows as they are loaded."""

    file: Path
    progress: Progress
    task: TaskID

    async def chunks(self) -> AsyncIterator[bytes]:
        """Read the file piece by piece."""
        with await asyncio.to_thread(self.file.open, "rb") as source:
            while chunk := await asyncio.to_thread(source.read, _CHUNK_BYTES):
                yield chunk
                self.progress.advance(self.task, len(chunk))
        description = f"{self.file.name} is being checked and loaded"
        self.progress.update(self.task, description=description)

    def tell(self, told: Mapping[str, Any]) -> None:
        """Show how far the service is."""
        self.progress.update(
            self.task,
            description=f"{self.file.name}: {told.get('phase', 'loading')}",
            completed=told.get("done_count", 0),
            total=told.get("total_count"),
        )


@asynccontextmanager
async def _shown(file: Path) -> AsyncIterator[Upload]:
    size = await asyncio.to_thread(lambda: file.stat().st_size)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    hidden = not terminal.err.is_terminal
    with Progress(*columns, console=terminal.err, transient=True, disable=hidden) as progress:
        yield Upload(file, progress, progress.add_task(file.name, total=size))
