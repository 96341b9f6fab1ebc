"""Makes the file of a month and proves that it holds what the table holds."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lineside_chassis.unit_of_work import UnitOfWork
from lineside_shopfloor.archive.domain import fingerprints
from lineside_shopfloor.archive.domain.fingerprints import Fingerprint
from lineside_shopfloor.archive.store import archives, exporting, files, measuring, opening
from lineside_shopfloor.archive.store.archives import Archive
from lineside_shopfloor.archive.store.files import ArchiveDamaged, Archives


class NotVerified(Exception):  # noqa: N818 -- a refusal
    """A file does not hold what the table holds; nothing is dropped for it."""


@dataclass(frozen=True, slots=True)
class Archiving:
    """Everything a tenant's month needs to become a file.

    Attributes:
        directory: Where files lie.
        is_stopping: Asked between batches.
    """

    directory: Archives
    is_stopping: Callable[[], bool]

    async def is_archived(self, uow: UnitOfWork, month: date) -> bool:
        """Whether all of a tenant's logs of a month are in a file that still is what it was."""
        lying = _lying(await archives.of_month(uow, month))
        if lying is None or await measuring.digest(uow, month) != (lying.row_count, lying.digest):
            return False
        try:
            await self._check(uow, lying)
        except ArchiveDamaged:
            return False
        return True

    async def check(self, uow: UnitOfWork, month: date) -> None:
        """Make sure that the file of what still is in the table is what it was.

        Raises:
            ArchiveDamaged: It is gone, or another.
        """
        lying = _lying(await archives.of_month(uow, month))
        if lying is not None:
            await self._check(uow, lying)

    async def write(self, uow: UnitOfWork, month: date) -> Archive:
        """Write a tenant's month, read it back with another reader, and compare.

        Raises:
            CannotArchive: A value has no place in the file.
            NotVerified: The file is not what the table is.
            ArchiveDamaged: It cannot be read.
            OSError: The disk does not take it.
        """
        part = _part(await archives.of_month(uow, month))
        path = self._path(uow, month, part)
        measured = await measuring.measure(uow, month)
        draft = await asyncio.to_thread(self.directory.begin, path, uow.new_id())
        await exporting.export(uow, month, draft, is_stopping=self.is_stopping)
        await asyncio.to_thread(self.directory.keep, draft, path)
        verify(measured.fingerprint, await fingerprint_of(path))
        return Archive(
            month=month,
            part=part,
            file_name=path.name,
            row_count=measured.fingerprint.row_count,
            byte_count=path.stat().st_size,
            checksum=await asyncio.to_thread(files.checksum_of, path),
            digest=measured.digest,
            verified_at=uow.now,
        )

    async def _check(self, uow: UnitOfWork, archive: Archive) -> None:
        path = self._path(uow, archive.month, archive.part)
        await asyncio.to_thread(self.directory.check, path, archive.checksum)

    def _path(self, uow: UnitOfWork, month: date, part: int) -> Path:
        return self.directory.path(uow.tenant_id, month, part)


async def fingerprint_of(path: Path) -> Fingerprint:
    """Read a whole file with DuckDB, outside the event loop.

    Raises:
        ArchiveDamaged: It cannot be read.
    """
    async with opening.opened([path]) as session:
        return await opening.read(session, session.fingerprint)


def verify(table: Fingerprint, file: Fingerprint) -> None:
    """Compare a file with the table.

    Raises:
        NotVerified: They differ; the message says in what.
    """
    if found := fingerprints.differences(table, file):
        raise NotVerified("; ".join(found))


def _lying(parts: Sequence[Archive]) -> Archive | None:
    """The part of a month whose logs are in the table as well."""
    return next((archive for archive in parts if archive.dropped_at is None), None)


def _part(parts: Sequence[Archive]) -> int:
    """Of which number a new file is: what was dropped is never written again."""
    return 1 + max((archive.part for archive in parts if archive.dropped_at is not None), default=0)
