"""Archive files: where they lie, how they get there whole, and whether they still are the same.

`<directory>/<tenant>/production_logs/2024-11.parquet`; every part of a path is made here, of ids
and months. A file is written under a name of its own and renamed when it is on the disk.
"""

import hashlib
import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from uuid import UUID

from lineside_shopfloor.archive.domain import months

FOLDER = "production_logs"
_DRAFT = ".draft"


class ArchiveDamaged(Exception):  # noqa: N818 -- a refusal
    """A file is not what it was when it was verified.

    Attributes:
        file_name: Which.
        month: Of whose logs.
        reason: missing, altered or unreadable.
    """

    def __init__(self, file_name: str, reason: str) -> None:
        super().__init__(f"{file_name} is {reason}")
        self.file_name = file_name
        self.month = file_name[:7]
        self.reason = reason


class CannotArchive(Exception):  # noqa: N818 -- a refusal
    """A value has no place in a file, such as a quantity with too many decimals."""


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What the file system says of a file; a change of any asks for a new look."""

    inode: int
    size: int
    modified_ns: int
    changed_ns: int


@dataclass(slots=True)
class Archives:
    """The folder of all archives."""

    root: Path
    _checksums: dict[Path, tuple[_Stamp, str]] = field(default_factory=dict, init=False)

    def path(self, tenant_id: UUID, month: date, part: int) -> Path:
        """Where a month's file lies."""
        return self.root / str(tenant_id) / FOLDER / months.file_name(month, part)

    def begin(self, path: Path, draft_id: UUID) -> Path:
        """Name a draft of a file; what earlier attempts left of it is removed."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in path.parent.glob(f".{path.name}.*{_DRAFT}"):
            left.unlink(missing_ok=True)
        return path.with_name(f".{path.name}.{draft_id}{_DRAFT}")

    def keep(self, draft: Path, path: Path) -> None:
        """Put a finished draft in its place, where it survives a power cut.

        Raises:
            OSError: The disk does not take it.
        """
        _sync(draft)
        draft.replace(path)
        _sync(path.parent)

    def check(self, path: Path, checksum: str) -> None:
        """Make sure that a file is what it was.

        Args:
            path: Of the file; read only if it has changed since it was read last.
            checksum: SHA-256 it had when it was verified.

        Raises:
            ArchiveDamaged: It is gone, or another.
        """
        try:
            found = self._checksum(path)
        except FileNotFoundError:
            raise ArchiveDamaged(path.name, "missing") from None
        if found != checksum:
            raise ArchiveDamaged(path.name, "altered")

    def _checksum(self, path: Path) -> str:
        status = path.stat()
        stamp = _Stamp(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        known = self._checksums.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        found = checksum_of(path)
        self._checksums[path] = (stamp, found)
        return found


def checksum_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits.

    Raises:
        FileNotFoundError: There is no such file.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
